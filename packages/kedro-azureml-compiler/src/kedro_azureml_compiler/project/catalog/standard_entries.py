"""Read from a standard entry's configuration who can reach its data, and which files it names."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from functools import cache
from pathlib import PurePath, PurePosixPath
from typing import TYPE_CHECKING, Any

from kedro_azureml_runner.reachability.addresses import Reach
from kedro_azureml_runner.reachability.entries import judge_entry
from kedro_azureml_runner.reachability.step_check import read_defaults
from kedro_azureml_runner.reachability.verdicts import Place, Role

from kedro_azureml_compiler.planning.facts import (
    DatasetFacts,
    DatasetKind,
    LocalFile,
    WrittenEntry,
    is_outside,
)
from kedro_azureml_compiler.project.catalog.identities import identify_data

if TYPE_CHECKING:
    from pathlib import Path

_WINDOWS = re.compile(r"[A-Za-z]:[\\/]|\\\\")
_PATH = re.compile(r"[^\n:]{1,4096}")
_NO_PATHS = frozenset({"type", "metadata", "validator", "credentials"})
_TABLE_ARGUMENTS = ("table_name", "table")


def read_standard_facts(
    name: str,
    type_name: str,
    config: Mapping[str, Any],
    project: Path,
    kind: type | None = None,
    variables: Mapping[str, str] | None = None,
) -> DatasetFacts:
    """Return what is known about an entry for which nothing is mounted.

    Args:
        name: The dataset's name, with its transcoding.
        type_name: The type of its class.
        config: Its configuration from Kedro's resolver, with absolute paths.
        project: The project's folder, absolute.
        kind: Its class, where that is not one of kedro-datasets.
        variables: Environment variables that the job gives its steps.
    """
    defaults = _defaults(kind) if kind else None
    verdict = judge_entry(type_name, config, defaults, variables)
    mentions: tuple[str, ...] = ()
    if verdict.reach is Reach.UNKNOWN or (verdict.reach is Reach.REACHABLE and kind):
        mentions = _mentions({**(defaults or {}), **config}, project)
    if verdict.reach is Reach.REACHABLE and mentions:
        # Only the class knows where its data is: at the address, or in a folder of the project.
        inside = [path for path in mentions if _is_in_a_folder(path, project)]
        if inside:
            what = f"{verdict.what} and '{inside[0]}', which may be a path in the project"
            verdict = verdict._replace(reach=Reach.UNKNOWN, what=what)
        else:
            mentions = ()
    table = next((config[key] for key in _TABLE_ARGUMENTS if config.get(key)), None)
    files = tuple(
        LocalFile(
            _relative(place.path, project),
            place.role,
            place.known,
            str(table) if table is not None and place.role is Role.DATABASE else None,
        )
        for place in verdict.places
    )
    data = [(p, f) for p, f in zip(verdict.places, files, strict=True) if p.role is Role.DATA]
    is_local = verdict.reach is Reach.LOCAL
    known = [f.path for f in files if f.known and f.role in {Role.DATA, Role.DATABASE}]
    return DatasetFacts(
        name,
        DatasetKind.STANDARD,
        type_name,
        local_path=known[0] if is_local and known else None,
        written=_written(name, config, *data[0]) if is_local and len(data) == 1 else None,
        versioned=_is_versioned(config),
        reach=verdict.reach,
        address=verdict.what,
        argument=verdict.argument,
        loopback=verdict.loopback,
        files=files,
        mentions=mentions,
        identity=identify_data(type_name, config, verdict, files),
    )


_defaults = cache(read_defaults)


def _written(
    name: str, config: Mapping[str, Any], place: Place, file: LocalFile
) -> WrittenEntry | None:
    """Describe the entry as one that a wrapper could carry, if its path stands in a mapping."""
    keys = tuple(place.argument.split("."))
    value: Any = config
    for position, key in enumerate(keys):
        if position and keys[position - 1] != "dataset":
            return None  # a wrapper follows no other key
        value = value.get(key) if isinstance(value, Mapping) else None
    if value is None:
        return None  # a default of the class, or a part of a list
    return WrittenEntry(name, _outline(config, keys, file.path), keys, file.path)


def _outline(config: Mapping[str, Any], keys: tuple[str, ...], path: str) -> dict[str, Any]:
    """Return types and path alone: resolved, other arguments may hold what nobody should read."""
    outline: dict[str, Any] = dict.fromkeys(config)
    outline["type"] = config.get("type")
    outline[keys[0]] = path if len(keys) == 1 else _outline(config[keys[0]], keys[1:], path)
    return outline


def _mentions(config: Mapping[str, Any], project: Path) -> tuple[str, ...]:
    """Return what may be paths in the project, under whatever keys: of no use is too much."""
    found: set[str] = set()
    waiting: list[Any] = [value for key, value in config.items() if key not in _NO_PATHS]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Mapping):
            waiting += [inner for key, inner in value.items() if key not in _NO_PATHS]
        elif isinstance(value, (list, tuple)):
            waiting += value
        elif isinstance(value, PurePath) or (isinstance(value, str) and _PATH.fullmatch(value)):
            path = _relative(str(value), project)
            if path != "." and not is_outside(path):
                found.add(path)
    return tuple(sorted(found))


def _is_in_a_folder(path: str, project: Path) -> bool:
    first, _, rest = path.partition("/")
    return bool(rest) and (project / first).is_dir()


def _is_versioned(config: Mapping[str, Any]) -> bool:
    nested = config.get("dataset")
    inner = isinstance(nested, Mapping) and "type" in nested and nested.get("versioned")
    return bool(config.get("versioned") or inner)


def _relative(path: str, project: Path) -> str:
    """Return a path relative to the project, or as it is where it lies outside."""
    if _WINDOWS.match(path):
        return path
    tidy = PurePosixPath(posixpath.normpath(path))
    root = PurePosixPath(project.as_posix())
    if tidy.is_relative_to(root):
        return tidy.relative_to(root).as_posix()
    return tidy.as_posix()
