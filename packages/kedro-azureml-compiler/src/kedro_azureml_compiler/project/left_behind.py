"""Find configuration that changes a local run and no step, because its file stays behind."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import yaml
from kedro.io import CatalogConfigResolver

from kedro_azureml_compiler.config_files import list_config_files
from kedro_azureml_compiler.findings import About, Finding, FindingKind, Severity
from kedro_azureml_compiler.project.catalog.entries import is_parameter
from kedro_azureml_compiler.project.travelling import LOCAL_ENV

if TYPE_CHECKING:
    from collections.abc import Callable

    from kedro.pipeline import Pipeline

LOCAL_CONFIGURATION = FindingKind(
    code="local-configuration",
    severity=Severity.WARNING,
    about=About.FILE,
    title="A file of the configuration that stays behind changes a local run and no step",
    explanation=(
        "`conf/local` never travels, and neither does what the ignore file names. Jobs are "
        "compiled with the configuration as it travels, so that the job does what was checked; "
        "but `kedro run` here reads this file too, and does something else. The message names the "
        "keys that the job uses."
    ),
    hint=(
        "Move what the steps need to `conf/base` or to another environment (`--env`), or take the "
        "file out of `.amlignore`."
    ),
)

_OTHER_KINDS = ("credentials", "azureml", "logging")
"""Of these, credentials have a finding of their own, and the rest belongs to this machine."""

_SUFFIXES = frozenset({".yml", ".yaml", ".json"})


def check_left_behind(
    behind: Iterable[str],
    loader: Any,
    project: Path,
    folders: Iterable[str],
    pipeline: Pipeline,
    params: Mapping[str, Any],
) -> list[Finding]:
    """Find files that stay behind and hold another value for a key that the job uses.

    Args:
        behind: The files that stay behind, relative to the project.
        loader: The config loader, which reads what travels.
        project: The project's folder, absolute.
        folders: Folders of the configuration that a local run reads, relative to the project.
        pipeline: The nodes of the job.
        params: Runtime parameters, which win over files here and there.
    """
    left = {file for file in behind if PurePosixPath(file).suffix in _SUFFIXES}
    read = {f: None for folder in folders for f in sorted(left) if _is_below(f, folder)}
    if not read:
        return []
    patterns: Mapping[str, Any] = getattr(loader, "config_patterns", {})
    kinds = {
        kind: set(list_config_files(project, folders, patterns.get(kind, ())))
        for kind in ("catalog", "parameters", "globals")
    }
    judges: dict[str, Callable[[Mapping[str, Any]], list[str]]] = {
        "catalog": lambda content: _changed_entries(content, _loaded(loader, "catalog"), pipeline),
        "parameters": lambda content: _changed_parameters(
            content, _loaded(loader, "parameters"), pipeline, params
        ),
        "globals": lambda content: _changed_globals(content, loader, project, folders, left),
    }
    findings = []
    for file in read:
        kind = next((kind for kind, files in kinds.items() if file in files), "")
        path = PurePosixPath(file)
        if not kind and (LOCAL_ENV not in path.parts or path.name.startswith(_OTHER_KINDS)):
            continue
        content = _content(project / file)
        keys = judges[kind](content) if kind else []
        if keys or (not kind and content):
            findings.append(_finding(file, keys))
    return findings


def _finding(file: str, keys: list[str]) -> Finding:
    why = "the ignore file keeps it from being uploaded"
    if LOCAL_ENV in PurePosixPath(file).parts:
        why = f"'{LOCAL_ENV}' never travels"
    named = ", ".join(f"'{key}'" for key in keys[:5])
    more = f" and {len(keys) - 5} more" if len(keys) > 5 else ""
    what = f"it changes {named}{more} for 'kedro run'" if keys else "it is read by 'kedro run'"
    return LOCAL_CONFIGURATION.found(file, f"{what} and for no step: {why}.")


def _is_below(file: str, folder: str) -> bool:
    return PurePosixPath(file).is_relative_to(folder)


def _content(file: Path) -> Mapping[str, Any]:
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return {}
    return content if isinstance(content, Mapping) else {}


def _loaded(loader: Any, kind: str) -> Mapping[str, Any]:
    try:
        content = loader[kind]
    except Exception:  # what cannot be read has stopped the reading already, or is not there
        return {}
    return content if isinstance(content, Mapping) else {}


def _changed_entries(
    content: Mapping[str, Any], travelling: Mapping[str, Any], pipeline: Pipeline
) -> list[str]:
    used = {name for name in pipeline.datasets() if not is_parameter(name)}
    changed = []
    for name, entry in content.items():
        if travelling.get(name) == entry or not isinstance(name, str):
            continue
        if name in used or (CatalogConfigResolver.is_pattern(name) and _matches(name, used)):
            changed.append(name)
    return changed


def _matches(pattern: str, names: Iterable[str]) -> bool:
    resolver = CatalogConfigResolver({pattern: {"type": "MemoryDataset"}})
    return any(resolver.match_dataset_pattern(name) for name in names)


def _changed_parameters(
    content: Mapping[str, Any],
    travelling: Mapping[str, Any],
    pipeline: Pipeline,
    params: Mapping[str, Any],
) -> list[str]:
    inputs = {name for name in pipeline.inputs() if is_parameter(name)}
    used = [tuple(n.partition(":")[2].split(".")) if ":" in n else () for n in inputs]
    changed = []
    for keys, value in _leaves(content, ()):
        size = len(keys)
        is_used = any(keys[: len(own)] == own[:size] for own in used)
        if is_used and not _has(params, keys) and _at(travelling, keys) != value:
            changed.append(f"params:{'.'.join(keys)}")
    return changed


def _changed_globals(
    content: Mapping[str, Any],
    loader: Any,
    project: Path,
    folders: Iterable[str],
    left: Collection[str],
) -> list[str]:
    travelling = _loaded(loader, "globals")
    written = "".join(
        (project / file).read_text(encoding="utf-8", errors="replace")
        for kind in ("catalog", "parameters")
        for file in list_config_files(project, folders, loader.config_patterns.get(kind, ()))
        if file not in left
    )
    return [
        f"globals:{'.'.join(keys)}"
        for keys, value in _leaves(content, ())
        if f"globals:{keys[0]}" in written and _at(travelling, keys) != value
    ]


def _leaves(value: Any, keys: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, Mapping) and (value or not keys):
        for key, inner in value.items():
            yield from _leaves(inner, (*keys, str(key)))
    else:
        yield keys, value


def _at(value: Any, keys: tuple[str, ...]) -> Any:
    for key in keys:
        if not isinstance(value, Mapping) or key not in value:
            return _at  # equal to nothing that a file holds
        value = value[key]
    return value


def _has(value: Any, keys: tuple[str, ...]) -> bool:
    return _at(value, keys) is not _at
