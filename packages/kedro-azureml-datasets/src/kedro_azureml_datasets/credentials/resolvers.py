"""Resolvers of `${oc.env:NAME}` and `${azureml.secret:NAME}`, and marks for what is missing."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from inspect import signature
from typing import Any

from kedro.framework.project import settings
from omegaconf import OmegaConf
from omegaconf.resolvers import oc

from kedro_azureml_datasets.credentials.known_secrets import remember_secrets
from kedro_azureml_datasets.credentials.marks import (
    mark_secret,
    mark_variable,
    name_secret_variable,
)

ENVIRONMENT = "oc.env"
SECRET = "azureml.secret"  # noqa: S105  (the name of a resolver)

Resolver = Callable[..., Any]

_NAME = re.compile(r"[0-9A-Za-z-]{1,127}")  # as Key Vault has it

_secrets_were_read = False

_every_reference = False
"""Whether references return marks though what they refer to is known here."""


def register_secret_resolver() -> None:
    """Have OmegaConf know `${azureml.secret:NAME}`.

    It returns the environment variable that wins over the secret, or else a mark. No vault is
    asked.

    Example:
        >>> register_secret_resolver()
        >>> os.environ["LAKE_KEY"] = "from the environment"
        >>> OmegaConf.create({"key": "${azureml.secret:lake-key}"}).key
        'from the environment'
        >>> del os.environ["LAKE_KEY"]
    """
    _register(SECRET, _variable_or_mark)


def secrets_were_read() -> bool:
    """Check whether any configuration of this process has referred to a secret."""
    return _secrets_were_read


def _variable_or_mark(*arguments: Any) -> str:
    global _secrets_were_read  # noqa: PLW0603  (resolvers belong to the process)
    _secrets_were_read = True
    name = str(arguments[0]).strip() if len(arguments) == 1 else ""
    if not _NAME.fullmatch(name):
        raise ValueError(  # one line: OmegaConf puts it into a message of its own
            f"'{','.join(map(str, arguments))}' is not the name of one secret: write "
            f"${{{SECRET}:NAME}}, without a default, and with letters, digits and '-' in the name"
        )
    value = os.environ.get(name_secret_variable(name))
    remember_secrets([value])
    return mark_secret(name) if value is None or _every_reference else value


def find_own_env_resolver() -> Resolver | None:
    """Return the project's own resolver of `${oc.env:X}` in all its configuration, if any."""
    resolvers = dict(settings.CONFIG_LOADER_ARGS.get("custom_resolvers") or {})
    own: Resolver | None = resolvers.get(ENVIRONMENT)
    return own


@contextmanager
def mark_missing_variables(
    *, everywhere: bool, given: Mapping[str, str] | None = None
) -> Iterator[set[str]]:
    """Let `${oc.env:X}` return a mark if there is no X.

    Args:
        everywhere: Whether also outside credentials, if the project has a resolver for that;
            Kedro refuses a variable there otherwise, here as locally.
        given: Variables that count before those of this process.

    Yields:
        The variables that are asked for without a default, which grow in the block.
    """
    asked: set[str] = set()
    resolver = find_own_env_resolver() or (None if everywhere else oc.env)
    if resolver is None:
        yield asked
        return

    def value_or_mark(name: str, *default: Any) -> Any:
        if not default:
            asked.add(name)
        if _every_reference and not default:
            return mark_variable(name)
        if given is not None and name in given:
            return given[name]
        try:
            value = resolver(name, *default)
        except KeyError:
            return mark_variable(name)
        if not everywhere:
            remember_secrets([value])
        return value

    _register(ENVIRONMENT, value_or_mark)
    try:
        yield asked
    finally:
        OmegaConf.clear_resolver(ENVIRONMENT)
        own = find_own_env_resolver()
        if own is not None:
            _register(ENVIRONMENT, own)


@contextmanager
def mark_every_reference() -> Iterator[None]:
    """Let references without a default return marks, whatever this machine has.

    So that a configuration tells what it needs elsewhere.
    """
    global _every_reference  # noqa: PLW0603  (resolvers belong to the process as well)
    _every_reference = True
    try:
        yield
    finally:
        _every_reference = False


def _register(name: str, resolver: Resolver) -> None:
    # From OmegaConf 2.4 on, `register_resolver` is this function and the other name warns; before,
    # it is an older one without `replace`.
    register: Any = OmegaConf.register_resolver
    if "replace" not in signature(register).parameters:
        register = OmegaConf.register_new_resolver
    register(name, resolver, replace=True)
