"""Read the catalog of the open project, and classify its entries without building any."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from kedro.framework.project import pipelines
from kedro_azureml_datasets import AzureMLDatasetError
from kedro_azureml_datasets.credentials.marks import find_marked_variables
from kedro_azureml_runner.reachability.addresses import Reach

from kedro_azureml_compiler.findings import About, Finding, FindingKind, Severity
from kedro_azureml_compiler.planning.facts import DatasetFacts, DatasetKind
from kedro_azureml_compiler.planning.wrapping import CATALOG_ENTRY
from kedro_azureml_compiler.project.catalog.dataset_types import UNKNOWN_DATASET_TYPE, check_types
from kedro_azureml_compiler.project.catalog.entries import (
    classify_config,
    classify_instance,
    is_mounted,
    is_parameter,
)
from kedro_azureml_compiler.project.catalog.remembered_matches import remember_matches
from kedro_azureml_compiler.project.credentials import CREDENTIAL_STAYS, find_missing_credentials
from kedro_azureml_compiler.project.plain_parameters import keep_parameters_plain
from kedro_azureml_compiler.suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from kedro.framework.context import KedroContext
    from kedro.io import CatalogProtocol

_NO_ENTRY = frozenset({UNKNOWN_DATASET_TYPE.code, CATALOG_ENTRY.code})


UNKNOWN_PARAMETER = FindingKind(
    code="unknown-parameter",
    severity=Severity.ERROR,
    about=About.DATASET,
    title="A node reads a parameter that the project does not have",
    explanation="No step would start, just as `kedro run` refuses to.",
    hint=(
        "Add it to a parameters file that travels (not in `conf/local`) or to the job's "
        "`params`, or pass it with `--params`."
    ),
    fixed=True,
)


def read_catalog(context: KedroContext) -> CatalogProtocol[Any, Any]:
    """Return the catalog of a context, after its hooks have run.

    Args:
        context: The context.
    """
    with keep_parameters_plain():
        return context.catalog


def read_datasets(
    names: Iterable[str],
    catalog: CatalogProtocol[Any, Any],
    project: Path,
    variables: Mapping[str, str] | None = None,
) -> tuple[dict[str, DatasetFacts], tuple[Finding, ...]]:
    """Return what is known about datasets, and what was found wrong with their entries.

    Args:
        names: The datasets, with their transcoding.
        catalog: The catalog.
        project: The project's folder, absolute.
        variables: Environment variables that the job gives its steps.
    """
    resolver = find_resolver(catalog)
    explicit = resolver.config
    registered = set(catalog.keys())
    facts, findings = {}, []
    with _silence_pattern_warnings(), remember_matches():
        for name in sorted(names):
            try:
                if is_parameter(name):
                    facts[name] = DatasetFacts(name, DatasetKind.PARAMETER)
                    if name not in registered:
                        findings.append(_unknown_parameter(name, registered))
                elif name in explicit:
                    facts[name], found = _read_entry(name, explicit[name], project, variables)
                    findings += found
                elif name in registered:
                    facts[name] = classify_instance(name, catalog[name])
                elif name in catalog:
                    entry = resolver.resolve_pattern(name)
                    facts[name], found = _read_entry(name, entry, project, variables)
                    findings += found
                else:
                    facts[name] = DatasetFacts(name, DatasetKind.UNDECLARED)
            except AzureMLDatasetError as error:
                findings.append(CATALOG_ENTRY.found(name, error.message, error.hint))
    return facts, tuple(findings)


def _read_entry(
    name: str, config: Mapping[str, Any], project: Path, variables: Mapping[str, str] | None
) -> tuple[DatasetFacts, list[Finding]]:
    findings = [*find_missing_credentials(name, config), *check_types(name, config)]
    for variable in dict.fromkeys(find_marked_variables(config)) if is_mounted(config) else ():
        message = f"it reads the environment variable '{variable}', which is not set here."
        hint = "Set it where the job is compiled; a path below a mount must be known there."
        findings.append(CATALOG_ENTRY.found(name, message, hint))
    codes = {finding.code for finding in findings}
    if not codes & _NO_ENTRY:
        facts = classify_config(name, config, project, variables)
        if CREDENTIAL_STAYS.code in codes and facts.reach is Reach.UNKNOWN:
            facts = facts._replace(reach=Reach.REACHABLE)  # one finding is enough here too
        return facts._replace(entry=_move(config, str(project))), findings
    # The entry cannot be classified, and one finding for it is enough.
    return DatasetFacts(name, DatasetKind.STANDARD, str(config.get("type"))), findings


def _move(value: Any, project: str) -> Any:
    """Return a part of an entry as it is wherever the project lies."""
    if isinstance(value, dict):
        return {key: _move(inner, project) for key, inner in value.items()}
    if isinstance(value, list):
        return [_move(inner, project) for inner in value]
    return value.replace(project, "<project>") if isinstance(value, str) else value


def find_resolver(catalog: Any) -> Any:
    """Return the resolver of patterns, which every catalog of Kedro has, but not its protocol."""
    return catalog.config_resolver


def find_local_copies(
    catalog: CatalogProtocol[Any, Any], project: Path, known: Mapping[str, DatasetFacts]
) -> tuple[str, ...]:
    """Find the local copies of mounted data of the whole catalog, whatever the job selects.

    Args:
        catalog: The catalog.
        project: The project's folder, absolute.
        known: What is known about the job's datasets.

    Returns:
        Paths relative to the project, sorted.
    """
    resolver = find_resolver(catalog)
    names = set(resolver.config).union(*(p.datasets() for p in dict(pipelines).values()))
    unknown = {name for name in names if name not in known and not is_parameter(name)}
    others, _ = read_datasets(unknown, catalog, project)
    copies = {facts.local_copy for facts in (*known.values(), *others.values())}
    return tuple(sorted(copy for copy in copies if copy is not None))


@contextmanager
def _silence_pattern_warnings() -> Iterator[None]:
    """Silence Kedro's warning about the catch-all pattern: half the time at 1,000 datasets."""
    resolver = logging.getLogger("kedro.io.catalog_config_resolver")
    level = resolver.level
    resolver.setLevel(logging.ERROR)
    try:
        yield
    finally:
        resolver.setLevel(level)


def _unknown_parameter(name: str, registered: Iterable[str]) -> Finding:
    known = [n.removeprefix("params:") for n in registered if n.startswith("params:")]
    near = did_you_mean(name.removeprefix("params:"), known)
    message = f"a node reads it, but the project has no such parameter {near}."
    return UNKNOWN_PARAMETER.found(name, message)
