"""Keep catalog entries that a step does not use from failing it.

Kedro resolves the credentials of every entry at once, so one entry that names a credential which
did not travel (`conf/local` never does), or whose environment variable this step has not, would
fail every step. Such an entry is left out where the nodes of the step do not use it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from kedro.config import MissingConfigException
from kedro.framework.hooks import hook_impl
from kedro.framework.project import pipelines, settings
from kedro.io import CatalogConfigResolver, DataCatalog
from kedro.pipeline import Pipeline
from kedro_azureml_datasets import KedroAzureMLError
from kedro_azureml_datasets.log import logger
from omegaconf import OmegaConf
from omegaconf.resolvers import oc

from kedro_azureml_runner.reachability.addresses import MISSING_VARIABLE

if TYPE_CHECKING:
    from kedro.framework.context import KedroContext

    from kedro_azureml_runner.invocation import StepInvocation

_ENVIRONMENT = "oc.env"
_MARKED = re.compile(re.escape(MISSING_VARIABLE) + r"'([^']*)'")


class UnusedEntries:
    """A Kedro hook that takes unusable entries, which the step does not use, out of the catalog.

    It also spares the step a second reading of the catalog: what it has read, Kedro gets.

    Args:
        invocation: The step; its nodes decide what is used.
    """

    def __init__(self, invocation: StepInvocation) -> None:
        self._invocation = invocation
        self._given: tuple[Any, dict[str, Any]] | None = None

    @hook_impl(tryfirst=True)
    def after_context_created(self, context: KedroContext) -> None:
        """Read catalog and credentials before another hook does."""
        loader: Any = context.config_loader
        try:
            with marks_for_missing_variables(own_env_resolver()):
                catalog = loader["catalog"]
        except MissingConfigException:
            return  # Kedro says so itself, in its own words
        credentials = _usable_credentials(loader)
        missing = {
            name: lacking
            for name, entry in catalog.items()
            if (
                lacking := set(credential_names(entry)) - credentials
                or set(marked_variables(entry))
            )
        }
        unusable: set[str] = set()
        if missing:
            used = _used_entries(catalog, self._invocation)
            unusable = set(missing) - used
            _refuse_missing_variables({name: catalog[name] for name in set(missing) & used})
        if unusable:
            logger.info("Not usable here, and not used by this step: %s.", sorted(unusable))
            catalog = {name: entry for name, entry in catalog.items() if name not in unusable}
        else:
            self._given = loader, catalog
        # Setting a key is the documented way to tell a config loader what it is to give.
        loader["catalog"] = catalog

    @hook_impl(tryfirst=True)
    def after_catalog_created(self) -> None:
        """Let later hooks read the files themselves, as they do locally."""
        if self._given is not None:
            loader, catalog = self._given
            if loader.data.get("catalog") is catalog:
                del loader["catalog"]
            self._given = None


def credential_names(config: Any) -> Iterator[str]:
    """Name the credentials to which a catalog entry, or a whole catalog, refers."""
    if isinstance(config, Mapping):
        for key, value in config.items():
            if key == "credentials" and isinstance(value, str):
                yield value
            else:
                yield from credential_names(value)


def _usable_credentials(loader: Any) -> set[str]:
    """Take credentials whose environment variable is missing out; name the others."""
    try:
        with marks_for_missing_variables(own_env_resolver() or oc.env):
            credentials = loader["credentials"]
    except MissingConfigException:
        return set()
    marked = {name: sorted(set(marked_variables(value))) for name, value in credentials.items()}
    usable = {name for name in credentials if not marked[name]}
    if len(usable) < len(credentials):
        without = {name: variables for name, variables in marked.items() if variables}
        logger.info("Credentials without their environment variables here: %s.", without)
        loader["credentials"] = {name: credentials[name] for name in credentials if name in usable}
    return usable


def own_env_resolver() -> Callable[..., Any] | None:
    """Return the project's own resolver of `${oc.env:X}` in all its configuration, if any."""
    resolvers = dict(settings.CONFIG_LOADER_ARGS.get("custom_resolvers") or {})
    own: Callable[..., Any] | None = resolvers.get(_ENVIRONMENT)
    return own


@contextmanager
def marks_for_missing_variables(resolver: Callable[..., Any] | None) -> Iterator[None]:
    """Let `${oc.env:X}` return a mark where there is no X, wherever it is written.

    Args:
        resolver: What gives the variable otherwise; None changes nothing.
    """
    if resolver is None:
        yield  # then Kedro refuses it, here as locally
        return

    def value_or_mark(name: str, *default: Any) -> Any:
        try:
            return resolver(name, *default)
        except KeyError:
            return f"{MISSING_VARIABLE}'{name}'"

    _register(_ENVIRONMENT, value_or_mark)
    try:
        yield
    finally:
        OmegaConf.clear_resolver(_ENVIRONMENT)
        own = own_env_resolver()
        if own is not None:
            _register(_ENVIRONMENT, own)


def _register(name: str, resolver: Callable[..., Any]) -> None:
    # OmegaConf 2.4 has renamed it.
    register = getattr(OmegaConf, "register_resolver", None) or OmegaConf.register_new_resolver
    register(name, resolver, replace=True)


def marked_variables(config: Any) -> Iterator[str]:
    """Name the missing environment variables in a configuration that was read with marks.

    Args:
        config: The configuration.
    """
    if isinstance(config, str):
        yield from _MARKED.findall(config)
    elif isinstance(config, Mapping):
        for value in config.values():
            yield from marked_variables(value)
    elif isinstance(config, list):
        for value in config:
            yield from marked_variables(value)


def _refuse_missing_variables(entries: Mapping[str, Any]) -> None:
    for name, entry in sorted(entries.items()):
        for variable in marked_variables(entry):
            raise KedroAzureMLError(
                f"The catalog entry '{name}', which this step uses, reads the environment "
                f"variable '{variable}', and there is none here.",
                hint="Pass it to the step with 'environment_variables'.",
            )


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
