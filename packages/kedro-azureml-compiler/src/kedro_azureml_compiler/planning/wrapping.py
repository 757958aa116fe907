"""Write the catalog entry with which Azure ML carries the data of a local file."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import yaml

from kedro_azureml_compiler.entry_fixes import WrapEntry
from kedro_azureml_compiler.findings import About, FindingKind, Severity
from kedro_azureml_compiler.planning.facts import is_outside

if TYPE_CHECKING:
    from kedro_azureml_compiler.planning.facts import DatasetFacts, WrittenEntry

_ABSOLUTE = re.compile(r"/|~|[A-Za-z]:|\\\\|[\w+.-]+://")
_PLAIN = re.compile(r"[A-Za-z_][\w./-]*")
_BRACES = re.compile(r"\$?\{[^{}]*\}")
_SECRET = re.compile(
    r"auth|credential|key|pass|pwd|sas|secret|session|sig|token|user", re.IGNORECASE
)

_WITHOUT_ARGUMENT = frozenset({"filepath", "path"})
"""Names of the path's argument that a wrapper finds by itself."""

_SAME_FOLDER = "."
"""The project: with its whole path below it, a file of a local run stays where it is."""
_FOLDER_OF_OTHERS = "data"
"""Where a file goes that has its place outside the project."""
_FOLDER_WITHOUT_VERSIONS = "data/unversioned"
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


def plan_wrapping(entries: Sequence[DatasetFacts]) -> tuple[WrapEntry, ...]:
    """Return what wraps all entries of a dataset; nothing if one of them cannot be wrapped.

    Args:
        entries: The entries.
    """
    written = [entry.written for entry in entries if entry.written is not None]
    if len(written) < len(entries):
        return ()
    drops = any(entry.versioned for entry in entries)
    root_dir = _SAME_FOLDER
    if drops:
        root_dir = _FOLDER_WITHOUT_VERSIONS
    elif any(is_outside(found.path) for found in written):
        root_dir = _FOLDER_OF_OTHERS
    return tuple(
        WrapEntry(
            entry.name,
            found.path_keys,
            root_dir,
            None if found.path_keys[-1] in _WITHOUT_ARGUMENT else found.path_keys[-1],
            drops,
            _choose_path(found),
        )
        for entry, found in zip(entries, written, strict=True)
    )


def write_wrapping_hint(entries: Sequence[DatasetFacts], fixes: Sequence[WrapEntry]) -> str:
    """Return the hint that wraps all entries of a dataset, ready to be pasted.

    A factory pattern is wrapped as the pattern. Interpolations stay as they are written. Arguments
    that may hold a secret are named in a comment instead.

    Args:
        entries: The entries.
        fixes: What wraps each of them.
    """
    start = "Let Azure ML carry it: wrap the entry."
    if len(entries) > 1:
        start = "Let Azure ML carry it: wrap the entries."
    if any(fix.drops_versions for fix in fixes):
        start = (
            "Let Azure ML carry it, without 'versioned' and in another folder, since the versions "
            "are folders of the file's name. To keep versions, use an AzureMLAssetDataset instead."
        )
    pairs = zip(entries, fixes, strict=True)
    blocks = {_wrapped(e.written, fix): None for e, fix in pairs if e.written is not None}
    return "\n".join([start, *blocks])


def _wrapped(written: WrittenEntry, fix: WrapEntry) -> str:
    hidden: list[str] = []
    shown = _choose_shown(written.config, written.path_keys, written.is_resolved, hidden)
    changed = fix.apply(shown)
    nested = changed.pop("dataset")
    lines = [f"  {_scalar(written.key)}:"]
    lines += [
        f"    {key}: {_scalar(value) if isinstance(value, str) else _flow(value)}"
        for key, value in changed.items()
    ]
    comment = f"  # and {', '.join(hidden)}, as before" if hidden else ""
    return "\n".join([*lines, f"    dataset: {_flow(nested)}{comment}"])


def _choose_shown(
    config: Mapping[str, Any], keys: tuple[str, ...], is_resolved: bool, hidden: list[str]
) -> dict[str, Any]:
    """Return what can be shown of an entry; what cannot is added to `hidden`."""
    shown: dict[str, Any] = {"type": config.get("type")}
    for key, value in config.items():
        if key == keys[0]:
            is_path = len(keys) == 1
            shown[key] = value if is_path else _choose_shown(value, keys[1:], is_resolved, hidden)
        elif key == "versioned":
            if value:
                shown[key] = value
        elif key != "type":
            if not is_resolved and _is_harmless(key, value):
                shown[key] = value
            else:
                hidden.append(str(key))
    return shown


def _choose_path(written: WrittenEntry) -> str | None:
    """Return what must replace the path: its part in the project, or its last one; or None."""
    value: Any = written.config
    for key in written.path_keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    text = str(value)
    if is_outside(written.path):
        name = text[-len(_BRACES.sub(_mask, text).rpartition("/")[2]) :]
        return PurePosixPath(written.path.replace("\\", "/")).name if "${" in name else name
    return written.path if _ABSOLUTE.match(text) or ".." in text.split("/") else None


def _mask(found: re.Match[str]) -> str:
    return "x" * len(found[0])


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
