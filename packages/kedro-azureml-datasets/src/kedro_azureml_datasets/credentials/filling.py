"""Fetch the secrets that the datasets of a run need, and build those datasets with them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from kedro_azureml_datasets.credentials.known_secrets import remember_secrets
from kedro_azureml_datasets.credentials.marks import (
    fill_secrets_in,
    find_changed_secrets,
    find_marked_secrets,
    name_secret_variable,
)
from kedro_azureml_datasets.errors import AzureMLDatasetError
from kedro_azureml_datasets.rebinding import rebuild

if TYPE_CHECKING:
    from kedro.io import CatalogProtocol

SIMULATION_VARIABLE = "KEDRO_AZUREML_SIMULATION"
"""Environment variable of processes that stand for Azure ML, or are compared with one that does."""

FetchSecrets = Callable[[Iterable[str]], Mapping[str, str]]
"""Names of secrets to their values."""

_CHANGED = (
    "another resolver around '${azureml.secret:...}' needs the value when the configuration is "
    "read, and a secret is fetched later."
)
_CHANGED_HINT = (
    "Write '${azureml.secret:NAME}' without another resolver around it, and keep in the key vault "
    "the value as it is used, such as a password in a URL with '%40' for '@'."
)


class SecretUnavailableError(AzureMLDatasetError):
    """A secret that a dataset needs cannot be read.

    Args:
        dataset: Name of the dataset.
        secret: Name of the secret.
        reason: Why, as a sentence.
        hint: What to do besides setting the variable.
    """

    blame = "user"

    def __init__(self, dataset: str, secret: str, reason: str, *, hint: str = "") -> None:
        variable = name_secret_variable(secret)
        instead = f"The environment variable {variable} is used instead where it is set."
        super().__init__(
            f"The dataset '{dataset}' needs the secret '{secret}': {reason}",
            hint="\n".join(filter(None, [hint, instead])),
        )
        self.dataset = dataset
        self.secret = secret


def fill_secrets(
    catalog: CatalogProtocol[Any, Any], names: Iterable[str], fetch: FetchSecrets
) -> None:
    """Put secrets into the entries of datasets that have marks of them; no other one is fetched.

    Args:
        catalog: The catalog; its entries change.
        names: The datasets.
        fetch: Reads secrets; called once, and only if there are any.

    Raises:
        SecretUnavailableError: One cannot be read, or this is a simulation.
    """
    marked: dict[str, dict[str, Any]] = {}
    needed: dict[str, str] = {}
    for name in sorted(names):
        config = read_entry_configuration(catalog, name)
        secrets = list(find_marked_secrets(config))
        if config is not None and secrets:
            marked[name] = config
            needed.update((secret, name) for secret in secrets if secret not in needed)
    if not needed:
        return
    secret, dataset = next(iter(needed.items()))
    if SIMULATION_VARIABLE in os.environ:
        variables = ", ".join(map(name_secret_variable, needed))
        raise SecretUnavailableError(
            dataset,
            secret,
            "a simulation asks no key vault.",
            hint=f"Pass the value:  --env-var {variables}  or  --env-file FILE",
        )
    for name, config in marked.items():
        for secret in find_changed_secrets(config):
            raise SecretUnavailableError(name, secret, _CHANGED, hint=_CHANGED_HINT)
    try:
        values = fetch(needed)
    except AzureMLDatasetError as error:
        secret = getattr(error, "secret", secret)
        raise SecretUnavailableError(
            needed.get(secret, dataset), secret, error.message, hint=error.hint
        ) from error
    remember_secrets(values.values())
    for name, config in marked.items():
        if "validator" in config and any(map(_is_marked, config.values())):
            # Kedro has copied the entry, so it is built once as it was, and then anew.
            with suppress(Exception):
                catalog.get(name)
        _fill(config, values)
        _config_resolver(catalog).config[name] = config
        rebuild(catalog, name)


def _config_resolver(catalog: Any) -> Any:
    """Return the resolver of entries, which every catalog of Kedro has, but not its protocol."""
    return catalog.config_resolver


def read_entry_configuration(
    catalog: CatalogProtocol[Any, Any], name: str
) -> dict[str, Any] | None:
    """Return an entry with its credentials; None for one that no configuration describes.

    Args:
        catalog: The catalog.
        name: Name of the entry, or of a dataset that a pattern describes.
    """
    resolver = getattr(catalog, "config_resolver", None)
    if resolver is None:
        return None
    if name in resolver.config:
        entry: dict[str, Any] = resolver.config[name]
        return entry
    if resolver.match_dataset_pattern(name) or resolver.match_user_catch_all_pattern(name):
        resolved: dict[str, Any] = resolver.resolve_pattern(name)
        return resolved
    return None


def _is_marked(value: Any) -> bool:
    return isinstance(value, str) and any(find_marked_secrets(value))


def _fill(config: Any, values: Mapping[str, str]) -> None:
    """Fill marks where they stand: the catalog holds the same mappings."""
    places = config.items() if isinstance(config, dict) else enumerate(config)
    for key, value in list(places):
        if isinstance(value, str):
            filled = fill_secrets_in(value, values)
            if filled != value:
                config[key] = filled
        elif isinstance(value, (dict, list)):
            _fill(value, values)
