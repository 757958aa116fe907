"""Read a catalog without its credentials, and find those that a job would miss."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from kedro.config import MissingConfigException
from kedro_azureml_runner.reachability.addresses import MISSING_VARIABLE
from kedro_azureml_runner.unused_entries import (
    credential_names,
    marks_for_missing_variables,
    own_env_resolver,
)
from omegaconf.errors import OmegaConfBaseException
from omegaconf.resolvers import oc

from kedro_azureml_compiler.findings import About, Finding, FindingKind, Severity

_MADE_UP = "missing where the job is compiled"


CREDENTIAL_STAYS = FindingKind(
    code="credential-stays",
    severity=Severity.ERROR,
    about=About.DATASET,
    title="An entry that a node uses needs credentials that do not travel",
    explanation=(
        "`conf/local` is never uploaded. The step would not find credentials of that name."
    ),
    hint=(
        "Write a credentials file outside `conf/local` that holds only references to "
        "environment variables, and give the step the variable."
    ),
    example=("# conf/base/credentials.yml\ndatabase:\n  con: ${oc.env:DATABASE_URL}"),
)


def add_placeholder_credentials(
    loader: Any, variables: Mapping[str, str] | None = None
) -> Mapping[str, Any]:
    """Add placeholders for missing credentials, so that the catalog can be read without them.

    Args:
        loader: The config loader.
        variables: Environment variables that the job gives its steps: they count before those of
            this machine.

    Returns:
        The catalog as it is written, which the loader returns from now on without reading it again.
    """
    own_resolver = _with_variables(own_env_resolver(), variables or {})
    mark = True
    try:
        with marks_for_missing_variables(own_resolver or _with_variables(oc.env, variables or {})):
            known = dict(loader["credentials"])
    except MissingConfigException:
        known = {}
    except OmegaConfBaseException:
        known, mark = {}, False  # a reference that only another machine can resolve
    try:
        with marks_for_missing_variables(own_resolver):
            catalog: Mapping[str, Any] = loader["catalog"]
    except MissingConfigException:
        return {}
    names = set(credential_names(catalog))
    unknown = {"kedro-azureml": MISSING_VARIABLE}
    made_up: dict[str, Any] = {name: {_MADE_UP: name} if mark else unknown for name in names}
    loader["credentials"] = {**made_up, **known}
    loader["catalog"] = catalog
    return catalog


def _with_variables(
    resolver: Callable[..., Any] | None, variables: Mapping[str, str]
) -> Callable[..., Any] | None:
    if resolver is None or not variables:
        return resolver

    def value_of_step(name: str, *default: Any) -> Any:
        return variables[name] if name in variables else resolver(name, *default)

    return value_of_step


def find_missing_credentials(name: str, config: Any) -> list[Finding]:
    """Find placeholder credentials in the configuration of a dataset that a node uses."""
    return [
        CREDENTIAL_STAYS.found(
            name,
            f"its credentials '{missing}' do not travel with the job.",
            "Put them into a credentials file outside conf/local, with ${oc.env:NAME} in place of "
            "each value.",
        )
        for missing in _made_up(config)
    ]


def _made_up(config: Any) -> Iterator[str]:
    if isinstance(config, Mapping):
        if _MADE_UP in config:
            yield config[_MADE_UP]
        for value in config.values():
            yield from _made_up(value)
