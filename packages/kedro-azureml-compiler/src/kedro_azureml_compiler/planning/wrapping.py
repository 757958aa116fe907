"""Write the catalog entry with which Azure ML carries the data of a local file."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import yaml

from kedro_azureml_compiler.findings import About, FindingKind, Severity

if TYPE_CHECKING:
    from kedro_azureml_compiler.planning.facts import DatasetFacts, WrittenEntry

_PLAIN = re.compile(r"[A-Za-z_][\w./-]*")
_BRACES = re.compile(r"\$?\{[^{}]*\}")
_SECRET = re.compile(
    r"auth|credential|key|pass|pwd|sas|secret|session|sig|token|user", re.IGNORECASE
)

# Written elsewhere in the entry, or left out on purpose.
_LEFT_OUT = frozenset({"type", "versioned", "metadata"})
_WITHOUT_ARGUMENT = frozenset({"filepath", "path"})
"""Names of the path's argument that a wrapper finds by itself."""

_FOLDER_WITHOUT_VERSIONS = "unversioned"
"""Where a versioned entry's file goes: at the old place lies a folder of versions of that name."""


CATALOG_ENTRY = FindingKind(
    code="catalog-entry",
    severity=Severity.ERROR,
    about=About.DATASET,
    title="An entry cannot be moved to a mount",
    explanation=(
        "In a step, the nested path of an `AzureMLPipelineDataset` or `AzureMLAssetDataset` is "
        "looked up below the mount. That is impossible for a path outside the project, a URL, "
        "`versioned: true` inside, a `CachedDataset` around the wrapper, arguments that the "
        "wrapper does not have, or a type that is not the name of a class."
    ),
    hint=(
        "Write a path relative to `root_dir`, and put the arguments of the nested dataset below "
        "`dataset`."
    ),
    example=(
        "features:\n"
        "  type: kedro_azureml_datasets.AzureMLPipelineDataset\n"
        "  root_dir: data/intermediate\n"
        "  dataset: {type: pandas.ParquetDataset, filepath: features.parquet}"
    ),
    fixed=True,
)


def write_wrapping_hint(entries: Sequence[DatasetFacts]) -> str:
    """Return the hint that wraps all entries of a dataset, ready to be pasted.

    A factory pattern is wrapped as the pattern. Interpolations and `metadata` stay as they are
    written. Arguments that may hold a secret are named in a comment instead.

    Args:
        entries: The entries, which `can_be_wrapped`.
    """
    start = "Let Azure ML carry it: wrap the entry."
    if len(entries) > 1:
        start = "Let Azure ML carry it: wrap the entries."
    if any(entry.versioned for entry in entries):
        start = (
            "Let Azure ML carry it, without 'versioned' and in another folder, since the versions "
            "are folders of the file's name. To keep versions, use an AzureMLAssetDataset instead."
        )
    blocks = {_wrapped(e.written, e.versioned): None for e in entries if e.written is not None}
    return "\n".join([start, *blocks])


def can_be_wrapped(entry: DatasetFacts) -> bool:
    """Check whether an entry has a path that a wrapper can move to a mount."""
    return entry.written is not None


def _wrapped(written: WrittenEntry, versioned: bool) -> str:
    keys = written.path_keys
    root_dir, file = _split(_written_path(written.config, keys, written.path))
    if versioned:
        root_dir = f"{root_dir.rstrip('/')}/{_FOLDER_WITHOUT_VERSIONS}".removeprefix("./")
    hidden: list[str] = []
    nested = _nested(written.config, keys, file, written.is_resolved, hidden)
    lines = [
        f"  {_scalar(written.key)}:",
        "    type: kedro_azureml_datasets.AzureMLPipelineDataset",
        f"    root_dir: {_scalar(root_dir)}",
    ]
    if keys[-1] not in _WITHOUT_ARGUMENT:
        lines.append(f"    filepath_arg: {_scalar(keys[-1])}")
    if "metadata" in written.config:
        metadata = written.config["metadata"]
        if written.is_resolved or not _is_harmless("metadata", metadata):
            hidden.append("metadata")
        else:
            lines.append(f"    metadata: {_flow(metadata)}")
    comment = f"  # and {', '.join(hidden)}, as before" if hidden else ""
    lines.append(f"    dataset: {_flow(nested)}{comment}")
    return "\n".join(lines)


def _nested(
    config: Mapping[str, Any],
    keys: tuple[str, ...],
    file: str,
    is_resolved: bool,
    hidden: list[str],
) -> dict[str, Any]:
    """Build the nested dataset; what is not shown is added to `hidden`."""
    nested: dict[str, Any] = {"type": config.get("type")}
    for key, value in config.items():
        if key == keys[0]:
            nested[key] = (
                file if len(keys) == 1 else _nested(value, keys[1:], file, is_resolved, hidden)
            )
        elif key not in _LEFT_OUT:
            if not is_resolved and _is_harmless(key, value):
                nested[key] = value
            else:
                hidden.append(str(key))
    return nested


def _written_path(config: Mapping[str, Any], keys: tuple[str, ...], path: str) -> str:
    """Return the path as it is written, or as it is known where that is absolute or a URL."""
    value: Any = config
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    text = str(value)
    if "${" in text or "{" in text:
        return text
    return path


def _split(path: str) -> tuple[str, str]:
    """Split a path into `root_dir` and what stays in the nested dataset."""
    masked = _BRACES.sub(lambda found: "x" * len(found[0]), path)
    folder, slash, file = masked.rpartition("/")
    if path.startswith(("/", "~", "..")) or path[1:2] == ":":
        return "data", path[len(path) - len(file) :] or PurePosixPath(path).name
    if not slash:
        return ".", path
    brace = re.search(r"(?<!\$)\{", path)
    if brace:  # of a factory pattern: what is common to all its datasets is the root
        cut = path.rfind("/", 0, brace.start())
        if cut < 0:
            return ".", path
        return path[:cut], path[cut + 1 :]
    return path[: len(folder)], path[len(folder) + 1 :]


def _is_harmless(key: Any, value: Any) -> bool:
    """Check whether an argument can be repeated in a message: nothing in it may be a secret."""
    if _SECRET.search(str(key)) and not _is_reference(key, value):
        return False
    if isinstance(value, Mapping):
        return all(_is_harmless(inner, each) for inner, each in value.items())
    if isinstance(value, (list, tuple)):
        return all(_is_harmless(key, each) for each in value)
    return not (isinstance(value, str) and re.search(r"://|[;?&]\w+=", value))


def _is_reference(key: Any, value: Any) -> bool:
    return isinstance(value, str) and (key == "credentials" or _BRACES.fullmatch(value) is not None)


def _flow(value: Any) -> str:
    """Write a value in one line of YAML."""
    text: str = yaml.safe_dump(
        value, default_flow_style=True, width=10**6, sort_keys=False, allow_unicode=True
    )
    return text.removesuffix("...\n").strip()


def _scalar(text: str) -> str:
    return text if _PLAIN.fullmatch(text) or text == "." else json.dumps(text, ensure_ascii=False)
