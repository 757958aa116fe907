"""Decide what `check --fix` changes, and what it leaves to the owner of the project, with a reason.

Nothing is written here. A change counts only if Kedro reads from the changed text what was meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml
from kedro.framework.project import pipelines
from kedro.io import CatalogConfigResolver
from kedro_azureml_datasets import AzureMLDatasetError
from kedro_azureml_datasets.credentials.marks import find_marked_variables
from kedro_azureml_datasets.project_paths import remember_project_during_session

from kedro_azureml_compiler.entry_fixes import PIPELINE_DATASET, WrapEntry
from kedro_azureml_compiler.fixing.entry_text import (
    CatalogText,
    Replacement,
    UnfixableEntryError,
    replace_parts,
)
from kedro_azureml_compiler.fixing.meaning import (
    CatalogReader,
    UnreadableCatalogError,
    find_differences,
)
from kedro_azureml_compiler.fixing.writing import ChangedMeanwhileError, FileChange
from kedro_azureml_compiler.project.catalog.entries import classify_config, is_parameter
from kedro_azureml_compiler.project.opening import bootstrap
from kedro_azureml_compiler.project.request import find_conf_source
from kedro_azureml_compiler.yaml_text import compose_yaml

if TYPE_CHECKING:
    from pathlib import Path

    from kedro_azureml_compiler.entry_fixes import EntryFix
    from kedro_azureml_compiler.findings import Finding
    from kedro_azureml_compiler.fixing.meaning import Catalog
    from kedro_azureml_compiler.project.request import ProjectRequest

_MOST_READINGS = 40
"""How often Kedro reads a copy of the catalog to find the entries that must stay."""


@dataclass(frozen=True)
class LeftEntry:
    """An entry that is left to the owner.

    Args:
        entry: Its key in the catalog, or the dataset if no file has it.
        reason: Why, in words that go on after a colon.
        place: The file and the line, as compilers write them; empty if no file has it.
    """

    entry: str
    reason: str
    place: str = ""


@dataclass(frozen=True)
class FixPlan:
    """What changes in the catalog's files, and what is left to the owner.

    Args:
        changes: The files with their new content.
        fixed: The entries that change.
        left: Those that a finding asks to change, and that its owner must change.
        unversioned: Those of the changed entries of which Kedro no longer keeps versions.
    """

    changes: tuple[FileChange, ...] = ()
    fixed: tuple[str, ...] = ()
    left: tuple[LeftEntry, ...] = ()
    unversioned: tuple[str, ...] = ()


def plan_fixes(request: ProjectRequest, findings: Iterable[Finding]) -> FixPlan:
    """Decide which entries to change for findings that carry fixes, and how.

    Args:
        request: Which project, and how to read it.
        findings: The findings of its jobs.

    Returns:
        The changes, which have not been written.

    Raises:
        ProjectError: The configuration does not exist.
        ChangedMeanwhileError: The catalog is not what it was when the findings were made.
    """
    groups = list(dict.fromkeys(finding.fixes for finding in findings if finding.fixes))
    if not groups:
        return FixPlan()
    root = bootstrap(request.path).project_path
    source = find_conf_source(request, root)
    if source.is_archive:
        reason = f"the configuration '{source.relative}' is an archive"
        names = dict.fromkeys(fix.dataset for group in groups for fix in group)
        return FixPlan(left=tuple(LeftEntry(name, reason) for name in names))
    reader = CatalogReader(request, root, source)
    return _Planning(reader, root, groups).plan()


class _Planning:
    """The way from fixes to changed files; whatever stands in the way becomes a reason."""

    def __init__(
        self, reader: CatalogReader, root: Path, groups: list[tuple[EntryFix, ...]]
    ) -> None:
        self._reader, self._root = reader, root
        files = reader.list_files()
        self._contents = {file: (root / file).read_bytes() for file in files}
        self._places: dict[str, list[str]] = {}
        visible: dict[str, None] = {}
        for file, is_read in files.items():
            for key in _list_keys(self._contents[file]):
                self._places.setdefault(key, []).append(file)
                if is_read:
                    visible[key] = None
        self._texts: dict[str, CatalogText] = {}
        self._patterns = _Patterns(visible)
        self._reasons: dict[str, str] = {}
        self._fixes: dict[str, EntryFix] = {}
        self._groups: list[tuple[str, ...]] = []
        served: dict[str, set[str]] = {}
        for group in groups:
            keys = []
            for fix in group:
                found = self._patterns.find_key(fix.dataset)
                key = found or fix.dataset
                keys.append(key)
                served.setdefault(key, set()).add(fix.dataset)
                if found is None:
                    self._refuse(key, "no file of the catalog has it: a hook adds it")
                    continue
                same = fix._replace(dataset=key)
                if self._fixes.setdefault(key, same) != same:
                    self._refuse(key, "its datasets need different changes")
            self._groups.append(tuple(keys))
        self._served = served

    def plan(self) -> FixPlan:
        """Return the changes that Kedro reads as they are meant, and the reasons for the rest."""
        replacements: dict[str, list[Replacement]] = {}
        for key, fix in self._fixes.items():
            try:
                self._refuse_other_places(key)
                self._refuse_other_datasets(key)
                if isinstance(fix, WrapEntry) and fix.path is not None:
                    raise UnfixableEntryError(f"its path must become relative ('{fix.path}')")
                replacements[key] = self._text_of(key).change(key, fix)
            except UnfixableEntryError as error:
                self._refuse(key, str(error))
        self._refuse_whole_groups()
        self._verify(replacements)
        fixed = [key for key in self._fixes if key not in self._reasons]
        contents = self._apply(replacements, fixed)
        changes = tuple(
            FileChange(file, (self._root / file).resolve(), self._contents[file], content)
            for file, content in contents.items()
        )
        dropping = [key for key in fixed if getattr(self._fixes[key], "drops_versions", False)]
        left = tuple(
            LeftEntry(key, reason, self._place(key)) for key, reason in self._reasons.items()
        )
        return FixPlan(changes, tuple(fixed), left, tuple(dropping))

    def _refuse(self, key: str, reason: str) -> None:
        self._reasons.setdefault(key, reason)

    def _refuse_whole_groups(self) -> None:
        """Refuse entries of a dataset of which another entry is left: one mount serves them all."""
        changed = True
        while changed:
            changed = False
            for keys in self._groups:
                refused = next((key for key in keys if key in self._reasons), None)
                for key in keys if refused is not None else ():
                    if key not in self._reasons:
                        self._refuse(key, f"'{refused}' is the same dataset, and is left as it is")
                        changed = True

    def _refuse_other_places(self, key: str) -> None:
        file, *others = self._places[key]
        if others:
            raise UnfixableEntryError(f"{' and '.join(others)} has the entry too")
        if not (self._root / file).resolve().is_relative_to(self._root.resolve()):
            raise UnfixableEntryError("its file is a link to one outside the project")

    def _refuse_other_datasets(self, key: str) -> None:
        """Refuse a factory that also makes datasets that need no change."""
        if not CatalogConfigResolver.is_pattern(key):
            return
        try:
            used = {name for p in dict(pipelines).values() for name in p.datasets()}
        except Exception as error:  # the project's own code
            raise UnfixableEntryError(
                "it is a factory, and not every pipeline of the project can be read"
            ) from error
        others = sorted(
            name
            for name in used - self._served[key]
            if not is_parameter(name) and self._patterns.find_key(name) == key
        )
        if others:
            names = ", ".join(f"'{name}'" for name in others[:3])
            more = f" and {len(others) - 3} more" if len(others) > 3 else ""
            raise UnfixableEntryError(
                f"the factory also makes datasets that need no wrapper: {names}{more}"
            )

    def _text_of(self, key: str) -> CatalogText:
        file = self._places[key][0]
        if file not in self._texts:
            try:
                self._texts[file] = CatalogText(self._contents[file].decode("utf-8"))
            except (ValueError, yaml.YAMLError) as error:
                raise UnfixableEntryError(f"{file} cannot be read") from error
        return self._texts[file]

    def _place(self, key: str) -> str:
        if key not in self._places:
            return ""
        file = self._places[key][0]
        try:
            return f"{file}:{self._text_of(key).lines[key]}"
        except (KeyError, UnfixableEntryError):
            return file

    def _apply(
        self, replacements: Mapping[str, list[Replacement]], keys: Iterable[str]
    ) -> dict[str, bytes]:
        """Return the new content of the files in which these entries stand."""
        by_file: dict[str, list[Replacement]] = {}
        for key in keys:
            by_file.setdefault(self._places[key][0], []).extend(replacements[key])
        return {
            file: replace_parts(self._texts[file].text, parts).encode("utf-8")
            for file, parts in by_file.items()
        }

    def _verify(self, replacements: Mapping[str, list[Replacement]]) -> None:
        """Refuse the entries of which Kedro would read something else, or change others."""
        open_keys = [key for key in replacements if key not in self._reasons]
        if not open_keys:
            return
        try:
            before = self._reader.read()
        except UnreadableCatalogError as error:
            for key in open_keys:
                self._refuse(key, f"Kedro cannot read the catalog here: {error}")
            return
        for key in open_keys:
            self._refuse_meaning(key, before)
        self._refuse_whole_groups()
        open_keys = [key for key in open_keys if key not in self._reasons]
        accepted: list[str] = []
        problem = ""
        waiting = [self._connect(open_keys)]
        for _ in range(_MOST_READINGS):
            if not waiting:
                return
            groups = waiting.pop()
            keys = [key for group in groups for key in group]
            found = self._find_problem(replacements, [*accepted, *keys], before)
            problem = found or problem
            if not found:
                accepted += keys
            elif len(groups) == 1:
                for key in keys:
                    self._refuse(key, f"with the change, {problem}")
            else:  # which of them is it?
                half = len(groups) // 2
                waiting += [groups[half:], groups[:half]]
        for key in (key for groups in waiting for group in groups for key in group):
            self._refuse(key, f"not tried, because with others {problem}")

    def _refuse_meaning(self, key: str, before: Mapping[str, Catalog]) -> None:
        """Refuse an entry that a step could not use afterwards."""
        fix = self._fixes[key]
        entry = next((catalog[key] for catalog in before.values() if key in catalog), None)
        if not isinstance(entry, Mapping):
            self._refuse(key, "it does not stand alone: Kedro reads it as something else")
            return
        if isinstance(fix, WrapEntry) and entry.get("type") == PIPELINE_DATASET:
            raise ChangedMeanwhileError(self._places[key][0])
        meant = fix.apply(entry)
        variables = list(dict.fromkeys(find_marked_variables(meant)))
        if variables:
            self._refuse(key, f"it reads the variable '{variables[0]}', which is not set here")
            return
        try:
            with remember_project_during_session(self._root):
                classify_config(key, meant, self._root)
        except AzureMLDatasetError as error:
            self._refuse(key, error.message.rstrip("."))

    def _find_problem(
        self,
        replacements: Mapping[str, list[Replacement]],
        keys: list[str],
        before: Mapping[str, Catalog],
    ) -> str:
        """Return what would be wrong if these entries were changed; empty for nothing."""
        if not keys:
            return ""
        meant = {env: self._change(catalog, keys) for env, catalog in before.items()}
        try:
            read = self._reader.read(self._apply(replacements, keys))
        except UnreadableCatalogError as error:
            return f"Kedro could not read the catalog: {error}"
        different = sorted(find_differences(meant, read))
        names = " and ".join(f"'{key}'" for key in different[:3])
        return f"Kedro would read other values of {names}" if different else ""

    def _change(self, catalog: Catalog, keys: list[str]) -> Catalog:
        changed = {key: self._fixes[key].apply(catalog[key]) for key in keys if key in catalog}
        return {**catalog, **changed}

    def _connect(self, keys: Iterable[str]) -> list[list[str]]:
        """Return the entries in lists that change together or not at all."""
        lists: list[set[str]] = [{key} for key in keys]
        for group in self._groups:
            touched = [found for found in lists if found & set(group)]
            if len(touched) > 1:
                lists = [found for found in lists if found not in touched]
                lists.append(set().union(*touched))
        return [sorted(found) for found in lists]


class _Patterns:
    """Finds the key of the entry that describes a dataset, as Kedro does."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._keys = set(keys)
        patterns: dict[str, Any] = {
            key: {} for key in self._keys if CatalogConfigResolver.is_pattern(key)
        }
        # With its own runtime pattern, because Kedro warns if there is none.
        self._resolver = (
            CatalogConfigResolver(patterns, default_runtime_patterns={"{default}": {}})
            if patterns
            else None
        )

    def find_key(self, dataset: str) -> str | None:
        if dataset in self._keys or self._resolver is None:
            return dataset if dataset in self._keys else None
        found = self._resolver.match_dataset_pattern(dataset)
        return found or self._resolver.match_user_catch_all_pattern(dataset) or None


def _list_keys(content: bytes) -> list[str]:
    try:
        root = compose_yaml(content.decode("utf-8"))
    except (ValueError, yaml.YAMLError):
        return []  # Kedro says what is wrong with it
    return [str(key.value) for key, _ in root.value] if isinstance(root, yaml.MappingNode) else []
