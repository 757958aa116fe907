"""A Kedro session in which entries that a step does not use cannot fail it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kedro.config import MissingConfigException
from kedro.framework.project import pipelines, settings
from kedro.framework.session import KedroSession
from kedro.io import CatalogConfigResolver, DataCatalog
from kedro.pipeline import Pipeline
from kedro_azureml_datasets.log import logger

if TYPE_CHECKING:
    from kedro.framework.context import KedroContext

    from kedro_azureml_runner.invocation import StepInvocation


def step_session_class(invocation: StepInvocation) -> type[KedroSession]:
    """Derive the session class of a step from the project's own.

    Kedro resolves the credentials of every catalog entry at once, so one entry that names a
    credential which did not travel (`conf/local` never does) would fail every step. Such an entry
    is left out where the nodes of the step do not use it.

    Args:
        invocation: The step; its nodes decide what is used.

    Returns:
        A subclass of the project's `SESSION_CLASS` (of `KedroSession` before Kedro has that
        setting).
    """
    base: Any = getattr(settings, "SESSION_CLASS", KedroSession)

    class StepSession(base):  # type: ignore[misc]
        def load_context(self) -> KedroContext:
            context: KedroContext = super().load_context()
            _leave_out_unusable_entries(context, invocation)
            return context

    return StepSession


def _leave_out_unusable_entries(context: KedroContext, invocation: StepInvocation) -> None:
    loader: Any = context.config_loader
    try:
        catalog = loader["catalog"]
    except MissingConfigException:
        return  # Kedro says so itself, in its own words
    try:
        credentials = loader["credentials"]
    except MissingConfigException:
        credentials = {}
    missing = {
        name: lacking
        for name, entry in catalog.items()
        if (lacking := set(credential_names(entry)) - set(credentials))
    }
    if not missing:
        return
    used = _used_entries(catalog, invocation)
    unusable = sorted(set(missing) - used)
    if unusable:
        logger.info("Without their credentials here, and not used by this step: %s.", unusable)
        # Setting a key is the documented way to tell a config loader what it is to give.
        loader["catalog"] = {k: entry for k, entry in catalog.items() if k not in unusable}


def credential_names(config: Any) -> Iterator[str]:
    """Name the credentials to which a catalog entry, or a whole catalog, refers."""
    if isinstance(config, Mapping):
        for key, value in config.items():
            if key == "credentials" and isinstance(value, str):
                yield value
            else:
                yield from credential_names(value)


def _used_entries(catalog: Mapping[str, Any], invocation: StepInvocation) -> set[str]:
    """Names and patterns of the catalog that serve the datasets of the step's nodes."""
    registered = [pipelines[name] for name in invocation.pipelines]
    datasets = sum(registered, Pipeline([])).filter(node_names=list(invocation.nodes)).datasets()
    resolver = CatalogConfigResolver(
        config={name: {} for name in catalog if CatalogConfigResolver.is_pattern(name)},
        default_runtime_patterns=DataCatalog.default_runtime_patterns,
    )
    used = set()
    for dataset in datasets:
        if dataset in catalog:
            used.add(dataset)
            continue
        pattern = resolver.match_dataset_pattern(dataset)
        used.add(pattern or resolver.match_user_catch_all_pattern(dataset) or dataset)
    return used
