"""Replace the wrappers of earlier plugins in the catalog, in whatever style they are written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import yaml

from kedro_azureml_compiler.fixing.entry_text import Replacement, replace_parts, walk_pairs
from kedro_azureml_compiler.fixing.meaning import UnreadableCatalogError, find_differences
from kedro_azureml_compiler.fixing.writing import FileChange
from kedro_azureml_compiler.migrating.remarks import Remark
from kedro_azureml_compiler.project.catalog.dataset_types import (
    find_type,
    is_of_an_earlier_plugin,
)

if TYPE_CHECKING:
    from pathlib import Path

    from kedro_azureml_compiler.fixing.meaning import CatalogReader


_WHOLE_FOLDER = (
    "the path '.' stands for the whole folder, which the wrapper refuses; write the name of the "
    "file or folder in it"
)


def replace_types(reader: CatalogReader, root: Path) -> tuple[list[FileChange], list[Remark]]:
    """Replace types of earlier plugins by those of this one, in the catalogs of all environments.

    Every place counts: anchors, flow style and JSON too. Kedro reads a copy afterwards; if anything
    but these types differs, nothing changes.

    Args:
        reader: Reads the catalogs.
        root: The project's folder, absolute.

    Returns:
        The changes, and what the owner must change.
    """
    changes: list[FileChange] = []
    remarks: list[Remark] = []
    for file in reader.list_files():
        path = (root / file).resolve()
        content = path.read_bytes()
        if b"azureml" not in content:
            continue
        try:
            text = content.decode("utf-8")
            root_node = yaml.compose(text, yaml.SafeLoader)
            found = list(_find_types(root_node))
        except (ValueError, yaml.YAMLError):
            remarks.append(Remark(file, None, "it is not YAML, so it is left as it is"))
            continue
        parts = []
        for node in found:
            start, end = node.start_mark.index, node.end_mark.index
            successor = find_type(node.value).successor
            at = text.find(node.value, start, end)
            line = node.start_mark.line + 1
            if not successor:
                hint = find_type(node.value).hint.rstrip(".")
                advice = f"'{node.value}' has no successor with the same arguments. {hint}"
                remarks.append(Remark(file, line, advice))
            elif at < 0:
                remarks.append(Remark(file, line, f"write 'type: {successor}'"))
            else:
                parts.append(Replacement(at, at + len(node.value), successor))
        if found:
            remarks += [Remark(file, line, _WHOLE_FOLDER) for line in _find_dots(root_node)]
        if parts and not path.is_relative_to(root.resolve()):
            remarks.append(Remark(file, None, "it is a link to a file outside the project"))
        elif parts:
            after = replace_parts(text, parts).encode("utf-8")
            changes.append(FileChange(file, path, content, after))
    problem = _find_problem(reader, changes) if changes else ""
    if problem:
        remarks += [Remark(change.file, None, problem) for change in changes]
        changes = []
    return changes, remarks


def _find_problem(reader: CatalogReader, changes: list[FileChange]) -> str:
    """Return why the changes cannot be made; empty if Kedro reads what is meant."""
    try:
        before = reader.read()
        after = reader.read({change.file: change.after for change in changes})
    except UnreadableCatalogError as error:
        return f"Kedro cannot read the catalog, so it is left as it is: {error}"
    meant = {
        env: {key: _with_new_types(entry) for key, entry in catalog.items()}
        for env, catalog in before.items()
    }
    different = sorted(find_differences(meant, after))
    if not different:
        return ""
    names = ", ".join(f"'{key}'" for key in different[:3])
    return f"with the new types, Kedro would read other values of {names}; it is left as it is"


def _find_types(node: Any) -> Iterator[Any]:
    """Yield the scalars below `type` keys that name a dataset of an earlier plugin, each once."""
    seen: set[int] = set()
    for key, value in walk_pairs(node):
        is_type = str(key.value) == "type" and isinstance(value, yaml.ScalarNode)
        if is_type and is_of_an_earlier_plugin(value.value) and id(value) not in seen:
            seen.add(id(value))
            yield value


def _find_dots(root: Any) -> list[int]:
    """Return the lines of nested paths that are the folder itself, counted from 1."""
    lines = []
    for _, entry in _by_name(root):
        keys = dict(_by_name(entry))
        for name, value in _by_name(keys.get("dataset")):
            if name in {"filepath", "path"} and str(value.value).rstrip("/") == ".":
                lines.append(value.start_mark.line + 1)
    return lines


def _by_name(node: Any) -> list[tuple[str, Any]]:
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    return [(str(key.value), value) for key, value in pairs]


def _with_new_types(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            key: (find_type(inner).successor or inner)
            if key == "type" and isinstance(inner, str) and is_of_an_earlier_plugin(inner)
            else _with_new_types(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_with_new_types(inner) for inner in value]
    return value
