"""Writes the catalog entry that lets Azure ML carry what a local run keeps in a file."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from kedro_azureml_compiler.findings import About, FindingKind, Severity

_PATHS = ("filepath", "path")
_PLAIN = re.compile(r"[A-Za-z_][\w./-]*")

# The type and the path are written; no nested dataset may have the last two.
_LEFT_OUT = frozenset({"type", *_PATHS, "versioned", "metadata"})


CATALOG_ENTRY = FindingKind(
    code="catalog-entry",
    severity=Severity.ERROR,
    about=About.DATASET,
    title="An entry cannot be moved to a mount",
    explanation=(
        "In a step, the nested path of an `AzureMLPipelineDataset` or `AzureMLAssetDataset` "
        "is looked for below the mount. That is not possible for a path outside the project, "
        "for a URL, with `versioned: true` inside, for a `CachedDataset` around the wrapper, "
        "or with arguments that the wrapper does not have."
    ),
    hint=(
        "Write a path relative to `root_dir`, and the arguments of the nested dataset below "
        "`dataset`:"
    ),
    example=(
        "features:\n"
        "  type: kedro_azureml_datasets.AzureMLPipelineDataset\n"
        "  root_dir: data/intermediate\n"
        "  dataset: {type: pandas.ParquetDataset, filepath: features.parquet}"
    ),
    fixed=True,
)


def nested_entry(type_name: str, config: Mapping[str, Any]) -> str:
    """Give an entry of the catalog as the nested dataset of a wrapper, in one line of YAML.

    Other arguments are named in a comment: resolved, they may hold what nobody should read.

    Args:
        type_name: The entry's type.
        config: Its configuration.

    Example:
        >>> nested_entry("json.JSONDataset", {"filepath": "/p/data/x.json", "save_args": {}})
        '{type: json.JSONDataset, filepath: x.json}  # and save_args, as before'
    """
    inner = config.get("dataset")
    if isinstance(inner, Mapping) and not set(_PATHS) & set(config):  # a CachedDataset
        text, _, comment = nested_entry(str(inner.get("type")), inner).partition("  #")
        return f"{{type: {type_name}, dataset: {text}}}" + (f"  #{comment}" if comment else "")
    key = next((key for key in _PATHS if key in config), "filepath")
    name = PurePosixPath(str(config.get(key, ""))).name
    others = [str(key) for key in config if key not in _LEFT_OUT]
    notes = [f"and {', '.join(others)}, as before"] if others else []
    if config.get("versioned"):
        notes.append("for versions, an AzureMLAssetDataset")
    comment = f"  # {'; '.join(notes)}" if notes else ""
    return f"{{type: {type_name}, {key}: {_scalar(name)}}}{comment}"


def wrapping_hint(name: str, nested: str, path: str) -> str:
    """Say how an entry is wrapped.

    Args:
        name: The dataset, with its transcoding.
        nested: What `nested_entry` gives for it.
        path: Where a local run keeps it, relative to the project, or absolute outside of it.
    """
    folder = PurePosixPath(path).parent
    root_dir = "data" if folder.is_absolute() else folder.as_posix()
    every = ", and the others of this dataset likewise" if "@" in name else ""
    return (
        f"Let Azure ML carry it: wrap the entry{every}.\n"
        f"  {_scalar(name)}:\n"
        "    type: kedro_azureml_datasets.AzureMLPipelineDataset\n"
        f"    root_dir: {_scalar(root_dir)}\n"
        f"    dataset: {nested}"
    )


def _scalar(text: str) -> str:
    return text if _PLAIN.fullmatch(text) or text == "." else json.dumps(text, ensure_ascii=False)
