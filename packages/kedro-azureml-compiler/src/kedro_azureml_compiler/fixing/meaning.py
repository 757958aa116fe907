"""Read a catalog with Kedro before and after changes of its text, and compare what it means."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kedro.config import MissingConfigException
from kedro_azureml_datasets.credentials.resolvers import mark_missing_variables

from kedro_azureml_compiler.config_files import list_config_files
from kedro_azureml_compiler.project.opening import build_config_loader
from kedro_azureml_compiler.project.travelling import copy_configuration

if TYPE_CHECKING:
    from pathlib import Path

    from kedro_azureml_compiler.project.request import ConfSource, ProjectRequest

Catalog = Mapping[str, Any]


class UnreadableCatalogError(Exception):
    """Kedro cannot read the catalog, with the reason in one line."""


class CatalogReader:
    """Reads the catalog of each environment of a project, as it is or with other files.

    Args:
        request: Which project, and how to read it.
        root: The project's folder, absolute.
        source: The configuration, a folder.
    """

    def __init__(self, request: ProjectRequest, root: Path, source: ConfSource) -> None:
        self._request, self._root, self._source = request, root, source
        loader = build_config_loader(request, source, request.params)
        self.patterns: tuple[str, ...] = tuple(loader.config_patterns["catalog"])
        self._base = str(getattr(loader, "base_env", "") or "")
        self._run = str(loader.env or getattr(loader, "default_run_env", "") or self._base)
        others = sorted(folder.name for folder in source.path.iterdir() if folder.is_dir())
        self._names = tuple(dict.fromkeys((self._run, self._base, *others)))
        self._globals = tuple(loader.config_patterns.get("globals", ()))

    def list_files(self) -> dict[str, bool]:
        """List the catalog's files of all environments, that of the base first.

        Returns:
            Each file, relative to the project, and whether the environment of the run reads it.
        """
        files: dict[str, bool] = {}
        for name in filter(None, dict.fromkeys((self._base, *self._names))):
            folder = f"{self._source.relative}/{name}"
            for file in list_config_files(self._root, [folder], self.patterns):
                files.setdefault(file, name in {self._run, self._base})
        return files

    def read(self, changed: Mapping[str, bytes] | None = None) -> dict[str, Catalog]:
        """Read the catalog of the environment of the run, and of each that has one of its own.

        Args:
            changed: Files, relative to the project, with other content than on the disk.

        Returns:
            Environment to catalog, that of the run first. What others cannot be read is left out.

        Raises:
            UnreadableCatalogError: The catalog of the run cannot be read.
        """
        if changed is None:
            return self._read_all(self._source)
        with copy_configuration(self._root, self._source.path, changed) as copy:
            return self._read_all(self._source._replace(path=copy))

    def _read_all(self, source: ConfSource) -> dict[str, Catalog]:
        catalogs = {}
        for name in self._names:
            is_run = name == self._run
            if not is_run and (name == self._base or not self._has_catalog(name)):
                continue
            try:
                catalogs[name] = self._read_one(source, name)
            except Exception as error:
                if is_run:
                    reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
                    sentence = reason.partition(". ")[0].rstrip(".")
                    raise UnreadableCatalogError(sentence) from error
        return catalogs

    def _read_one(self, source: ConfSource, env: str) -> Catalog:
        request = self._request._replace(env=env)
        loader = build_config_loader(request, source, request.params)
        try:
            with mark_missing_variables(everywhere=True):
                catalog: Catalog = loader["catalog"]
                return catalog
        except MissingConfigException:
            return {}

    def _has_catalog(self, env: str) -> bool:
        folder = f"{self._source.relative}/{env}"
        return bool(list_config_files(self._root, [folder], (*self.patterns, *self._globals)))


def find_differences(meant: Mapping[str, Catalog], read: Mapping[str, Catalog]) -> set[str]:
    """Return the entries that are not read as they are meant; every entry if one is missing.

    Args:
        meant: Environment to catalog.
        read: The same, as Kedro reads it.
    """
    different: set[str] = set()
    for env, catalog in meant.items():
        other = read.get(env, {})
        different |= {
            key
            for key in {*catalog, *other}
            if key not in catalog or key not in other or not _is_same(catalog[key], other[key])
        }
    return different


def _is_same(one: Any, other: Any) -> bool:
    """Compare values with their types: 1, 1.0 and true are not the same."""
    if type(one) is not type(other):
        return False
    if isinstance(one, Mapping):
        return set(map(_typed, one)) == set(map(_typed, other)) and all(
            _is_same(value, other[key]) for key, value in one.items()
        )
    if isinstance(one, Sequence) and not isinstance(one, str):
        return len(one) == len(other) and all(map(_is_same, one, other))
    if isinstance(one, float) and math.isnan(one):
        return math.isnan(other)
    return bool(one == other)


def _typed(key: Any) -> tuple[type, Any]:
    return type(key), key
