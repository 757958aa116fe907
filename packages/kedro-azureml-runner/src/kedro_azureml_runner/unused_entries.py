"""Keep entries that a step does not use from failing it, and fetch the secrets of the others.

Kedro resolves the credentials of every entry at once, so one entry that names a credential which
did not travel (`conf/local` never does), or whose environment variable this step has not, would
fail every step. Such an entry is left out where the nodes of the step do not use it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kedro.config import MissingConfigException
from kedro.framework.hooks import hook_impl
from kedro.framework.project import pipelines
from kedro.io import CatalogConfigResolver, DataCatalog
from kedro.pipeline import Pipeline
from kedro_azureml_datasets import KedroAzureMLError
from kedro_azureml_datasets.credentials.filling import (
    SIMULATION_VARIABLE,
    fill_secrets,
    read_entry_configuration,
)
from kedro_azureml_datasets.credentials.marks import find_marked_variables
from kedro_azureml_datasets.credentials.resolvers import (
    mark_missing_variables,
    register_secret_resolver,
)
from kedro_azureml_datasets.log import logger

if TYPE_CHECKING:
    from kedro.framework.context import KedroContext
    from kedro.io import CatalogProtocol
    from kedro_azureml_datasets.azure_ml.settings import Workspace

    from kedro_azureml_runner.protocol.invocation import StepInvocation

_WORKSPACE_VARIABLES = (
    "AZUREML_ARM_SUBSCRIPTION",
    "AZUREML_ARM_RESOURCEGROUP",
    "AZUREML_ARM_WORKSPACE_NAME",
)


class UnusedEntries:
    """A Kedro hook that takes unusable entries, which the step does not use, out of the catalog.

    It also spares the step a second reading of the catalog: what it has read, Kedro gets. And it
    fetches the secrets that the step's entries need with the step's identity.

    Args:
        invocation: The step; its nodes decide what is used.
    """

    def __init__(self, invocation: StepInvocation) -> None:
        self._invocation = invocation
        self._lacking: Mapping[str, tuple[str, ...]] = {}
        self._given: tuple[Any, dict[str, Any]] | None = None

    @hook_impl(tryfirst=True)
    def after_context_created(self, context: KedroContext) -> None:
        """Read catalog and credentials before another hook does."""
        register_secret_resolver()
        loader: Any = context.config_loader
        try:
            with mark_missing_variables(everywhere=True):
                catalog = loader["catalog"]
        except MissingConfigException:
            return  # Kedro says so itself, in its own words
        self._lacking = credentials = _read_credentials(loader)
        missing = {
            entry_name
            for entry_name, entry in catalog.items()
            if any(credentials.get(name) != () for name in find_credential_names(entry))
            or any(find_marked_variables(entry))
        }
        unusable: set[str] = set()
        if missing:
            used = _used_entries(catalog, self._invocation)
            unusable = missing - used
            for name in sorted(missing & used):
                _refuse_missing(name, find_marked_variables(catalog[name]), None)
        if unusable:
            logger.info("Not usable here, and not used by this step: %s.", sorted(unusable))
            catalog = {name: entry for name, entry in catalog.items() if name not in unusable}
        else:
            self._given = loader, catalog
        # Setting a key is the documented way to tell a config loader what it is to give.
        loader["catalog"] = catalog

    @hook_impl(tryfirst=True)
    def before_pipeline_run(self, pipeline: Pipeline, catalog: CatalogProtocol[Any, Any]) -> None:
        """Fetch the secrets that the step needs, before another hook loads a dataset.

        Credentials without their variables are refused here, since hooks may bring others.
        """
        for name in sorted(pipeline.datasets()):
            for variable in find_marked_variables(read_entry_configuration(catalog, name)):
                lacking = [c for c, variables in self._lacking.items() if variable in variables]
                _refuse_missing(name, [variable], next(iter(lacking), None))
        fill_secrets(catalog, pipeline.datasets(), self._read_secrets)

    def _read_secrets(self, secrets: Iterable[str]) -> dict[str, str]:
        from kedro_azureml_datasets.azure_ml.key_vault import read_secrets

        return read_secrets(secrets, self._invocation.key_vault, find_workspace_of_step())

    @hook_impl(tryfirst=True)
    def after_catalog_created(self) -> None:
        """Let later hooks read the files themselves, as they do locally."""
        if self._given is not None:
            loader, catalog = self._given
            if loader.data.get("catalog") is catalog:
                del loader["catalog"]
            self._given = None


def find_credential_names(config: Any) -> Iterator[str]:
    """Name the credentials to which a catalog entry, or a whole catalog, refers."""
    if isinstance(config, Mapping):
        for key, value in config.items():
            if key == "credentials" and isinstance(value, str):
                yield value
            else:
                yield from find_credential_names(value)


def _read_credentials(loader: Any) -> dict[str, tuple[str, ...]]:
    """Read the credentials with marks, and return the missing variables of each."""
    try:
        with mark_missing_variables(everywhere=False):
            credentials = loader["credentials"]
    except MissingConfigException:
        return {}
    lacking = {
        name: tuple(sorted(set(find_marked_variables(value))))
        for name, value in credentials.items()
    }
    without = {name: list(variables) for name, variables in lacking.items() if variables}
    if without:
        logger.info("Credentials without their environment variables here: %s.", without)
    loader["credentials"] = credentials
    return lacking


def _refuse_missing(name: str, variables: Iterable[str], credentials: str | None) -> None:
    """Refuse an entry that the step uses if variables of it are missing."""
    for variable in variables:
        through = f"needs the credentials '{credentials}', which read" if credentials else "reads"
        raise KedroAzureMLError(
            f"The catalog entry '{name}', which this step uses, {through} the environment "
            f"variable '{variable}', and this step does not get it.",
            hint=_variable_hint(variable),
        )


def _variable_hint(variable: str) -> str:
    if SIMULATION_VARIABLE in os.environ:
        return f"Pass the value:  --env-var {variable}  or  --env-file FILE"
    return (
        "Pass it with 'environment_variables' of the step, or set it in the step's image; see:  "
        "kedro azureml check --explain variable-not-given"
    )


def find_workspace_of_step() -> Workspace | None:
    """Return the workspace that the variables of the step name, if they do."""
    from kedro_azureml_datasets.azure_ml.settings import Workspace

    values = [os.environ.get(variable, "") for variable in _WORKSPACE_VARIABLES]
    return Workspace(*values) if all(values) else None


def _used_entries(catalog: Mapping[str, Any], invocation: StepInvocation) -> set[str]:
    """Names and patterns of the catalog that serve the datasets of the step's nodes."""
    registered = [pipelines[name] for name in invocation.pipelines if name in pipelines]
    try:
        step = sum(registered, Pipeline([])).filter(node_names=list(invocation.nodes))
    except ValueError:
        return set(catalog)  # a node that is not there: Kedro says so
    resolver = CatalogConfigResolver(
        config={name: {} for name in catalog if CatalogConfigResolver.is_pattern(name)},
        default_runtime_patterns=DataCatalog.default_runtime_patterns,
    )
    used = set()
    for dataset in step.datasets():
        if dataset in catalog:
            used.add(dataset)
            continue
        pattern = resolver.match_dataset_pattern(dataset)
        used.add(pattern or resolver.match_user_catch_all_pattern(dataset) or dataset)
    return used
