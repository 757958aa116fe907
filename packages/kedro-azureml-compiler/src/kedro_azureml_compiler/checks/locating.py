"""Find the file and the line that a finding is about.

Files are parsed once, and only if there is something to locate.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import yaml
from kedro.io import CatalogConfigResolver, DatasetError

from kedro_azureml_compiler.config_files import list_config_files
from kedro_azureml_compiler.findings import About
from kedro_azureml_compiler.planning.facts import strip_transcoding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from kedro_azureml_compiler.findings import Finding
    from kedro_azureml_compiler.planning.facts import ConfigFiles

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TOKEN = re.compile(r"\\\{\w+\\\}")  # `{region}` in the name of a job factory, escaped
_SETTINGS = "azureml.yml"


def locate(findings: Iterable[Finding], root: Path, files: ConfigFiles) -> list[Finding]:
    """Add file and line to the findings whose place can be known.

    Args:
        findings: What was found.
        root: The project's folder, absolute.
        files: The location of its configuration.

    Returns:
        The same findings in the same order.
    """
    places = _Places(root, files)
    located = []
    for finding in findings:
        place = None if finding.file else places.of(finding)
        located.append(replace(finding, file=place[0], line=place[1]) if place else finding)
    return located


class _Places:
    """Places of dataset entries and of settings, read when the first one is asked for."""

    def __init__(self, root: Path, files: ConfigFiles) -> None:
        self._root = root
        self._files = files

    def of(self, finding: Finding) -> tuple[str, int | None] | None:
        about = finding.kind.about
        if about is About.DATASET:
            return self._entry(finding.where)
        if about is About.SETTING:
            return self._setting(finding.where)
        if about is About.FILE and not os.path.isabs(finding.where):  # noqa: PTH117  (no Path: a name may hold anything)
            return finding.where, None
        return None

    def _entry(self, dataset: str) -> tuple[str, int | None] | None:
        """Find a catalog entry: by name, by name with transcoding, or by the factory's pattern."""
        for entries in (self._entries, self._transcoded):
            if dataset in entries:
                return entries[dataset]
        resolver = self._patterns
        if resolver is None:
            return None
        pattern = resolver.match_dataset_pattern(dataset)
        pattern = pattern or resolver.match_user_catch_all_pattern(dataset)
        return self._entries[pattern] if pattern else None

    def _setting(self, keys: str) -> tuple[str, int | None] | None:
        """Find the setting in the file that has most of its keys."""
        found = [(*_deepest(node, keys), file) for file, node in self._settings]
        if not found:
            return None
        depth, line, file = max(found, key=lambda f: f[0])
        return (file, line) if depth or keys == _SETTINGS else None

    @cached_property
    def _entries(self) -> dict[str, tuple[str, int | None]]:
        entries: dict[str, tuple[str, int | None]] = {}
        for file, node in self._composed("catalog", self._files.folders):
            for key, _ in _pairs(node):
                entries.setdefault(str(key.value), (file, key.start_mark.line + 1))
        return entries

    @cached_property
    def _transcoded(self) -> dict[str, tuple[str, int | None]]:
        transcoded: dict[str, tuple[str, int | None]] = {}
        for name, place in self._entries.items():
            transcoded.setdefault(strip_transcoding(name), place)
        return transcoded

    @cached_property
    def _patterns(self) -> CatalogConfigResolver | None:
        """The factory patterns, as Kedro orders them."""
        patterns: dict[str, Any] = {
            name: {} for name in self._entries if CatalogConfigResolver.is_pattern(name)
        }
        if not patterns:
            return None
        try:
            # With its own runtime pattern, because Kedro warns if there is none.
            return CatalogConfigResolver(patterns, default_runtime_patterns={"{default}": {}})
        except DatasetError:
            return None

    @cached_property
    def _settings(self) -> list[tuple[str, Any]]:
        return list(self._composed("azureml", self._files.settings_folders))

    def _composed(self, kind: str, folders: Sequence[str]) -> Iterator[tuple[str, Any]]:
        patterns = self._files.patterns.get(kind, ())
        for file in list_config_files(self._root, folders, patterns):
            try:
                node = yaml.compose((self._root / file).read_text(encoding="utf-8"), _LOADER)
            except (OSError, ValueError, yaml.YAMLError):
                continue  # what cannot be read has been reported already
            if node is not None:
                yield file, node


def _deepest(node: Any, keys: str, depth: int = 0) -> tuple[int, int | None]:
    """Follow dotted keys as far as the file has them; keys may contain dots."""
    candidates = [
        (end, key.start_mark.line + 1, value)
        for key, value in _pairs(node)
        if (end := _match(str(key.value), keys))
    ]
    if not candidates:
        return depth, None
    end, line, value = max(candidates, key=lambda c: c[0])
    deeper, deeper_line = _deepest(value, keys[end + 1 :], depth + 1)
    return deeper, deeper_line or line


def _match(key: str, keys: str) -> int:
    """Return how many characters of the dotted keys this key matches; 0 for none."""
    if keys == key or keys.startswith(f"{key}."):
        return len(key)
    if "{" in key:  # a job factory; the keys name one of its jobs
        pattern = _TOKEN.sub("[^.]+", re.escape(key))
        found = re.match(rf"{pattern}(?=\.|$)", keys)
        return found.end() if found else 0
    return 0


def _pairs(node: Any) -> list[tuple[Any, Any]]:
    if isinstance(node, yaml.MappingNode):
        return list(node.value)
    return []
