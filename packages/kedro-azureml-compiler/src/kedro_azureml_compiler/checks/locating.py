"""Find the file and the line that a finding is about.

Files are parsed once, and only if there is something to locate.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro.io import CatalogConfigResolver, DatasetError

from kedro_azureml_compiler.config_files import (
    compose_files,
    find_setting,
    list_config_files,
    list_pairs,
)
from kedro_azureml_compiler.findings import About
from kedro_azureml_compiler.planning.facts import strip_transcoding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kedro_azureml_compiler.findings import Finding
    from kedro_azureml_compiler.planning.facts import ConfigFiles


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
        located.append(finding._replace(file=place[0], line=place[1]) if place else finding)
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
        if about is About.FILE and not Path(finding.where).is_absolute():
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
        return find_setting(self._settings, keys)

    @cached_property
    def _entries(self) -> dict[str, tuple[str, int | None]]:
        entries: dict[str, tuple[str, int | None]] = {}
        for file, node in self._composed("catalog", self._files.folders):
            for key, _ in list_pairs(node):
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
        return compose_files(self._root, list_config_files(self._root, folders, patterns))
