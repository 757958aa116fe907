"""Changes of catalog entries that a finding asks for: its hint and `check --fix` share them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

PIPELINE_DATASET = "kedro_azureml_datasets.AzureMLPipelineDataset"

OUTER_KEYS = frozenset({"validator"})
"""What Kedro reads from an entry itself, so that it stays outside the nested dataset."""


class WrapEntry(NamedTuple):
    """Wrap an entry, so that Azure ML carries its file from step to step.

    Nothing in the entry changes but for its place: it becomes the nested dataset, with its whole
    path.

    Args:
        dataset: The dataset, with its transcoding; the entry may be a pattern that makes it.
        path_keys: The keys that lead to its path.
        root_dir: The folder of a local run's data.
        filepath_arg: The argument with its path; None for one that the wrapper finds by itself.
        drops_versions: Whether `versioned: true` is taken out, since a mount has no versions.
        path: What replaces its path, where that lies outside the project or names it in a way
            that another machine does not understand.

    Example:
        >>> WrapEntry("x", ("filepath",), ".").apply({"type": "json.JSONDataset", "filepath": "x"})
        ... # doctest: +NORMALIZE_WHITESPACE
        {'type': 'kedro_azureml_datasets.AzureMLPipelineDataset', 'root_dir': '.',
         'dataset': {'type': 'json.JSONDataset', 'filepath': 'x'}}
    """

    dataset: str
    path_keys: tuple[str, ...]
    root_dir: str
    filepath_arg: str | None = None
    drops_versions: bool = False
    path: str | None = None

    @property
    def added(self) -> dict[str, str]:
        """The keys that the entry gets besides `dataset`, in the order in which they are written.

        The entry's own `type` and the others move below `dataset`.
        """
        keys = {"type": PIPELINE_DATASET, "root_dir": self.root_dir}
        return keys if self.filepath_arg is None else {**keys, "filepath_arg": self.filepath_arg}

    def apply(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        """Return the entry as it is meant to be read afterwards.

        Args:
            entry: The entry, as it is written or resolved.
        """
        outer = {key: value for key, value in entry.items() if key in OUTER_KEYS}
        inner = {key: value for key, value in entry.items() if key not in OUTER_KEYS}
        if self.drops_versions:
            inner = _without_versions(inner, self.path_keys)
        if self.path is not None:
            inner = _with_value(inner, self.path_keys, self.path)
        return {**self.added, **outer, "dataset": inner}


class ReplaceType(NamedTuple):
    """Replace a type in an entry by the one that has its place now.

    Args:
        dataset: The dataset, with its transcoding; the entry may be a pattern that makes it.
        keys: The keys that lead to the type.
        old: The type.
        new: What is written instead.

    Example:
        >>> ReplaceType("x", ("type",), "a.Old", "b.New").apply({"type": "a.Old", "path": "p"})
        {'type': 'b.New', 'path': 'p'}
    """

    dataset: str
    keys: tuple[str, ...]
    old: str
    new: str

    def apply(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        """Return the entry as it is meant to be read afterwards.

        Args:
            entry: The entry, as it is written or resolved.
        """
        return _with_value(entry, self.keys, self.new)


EntryFix = WrapEntry | ReplaceType


def _without_versions(entry: Mapping[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    """Leave `versioned: true` out, here and in what leads to the path."""
    left = {k: v for k, v in entry.items() if not (k == "versioned" and v)}
    if len(keys) > 1 and isinstance(left.get(keys[0]), Mapping):
        left[keys[0]] = _without_versions(left[keys[0]], keys[1:])
    return left


def _with_value(entry: Mapping[str, Any], keys: tuple[str, ...], value: str) -> dict[str, Any]:
    if len(keys) == 1:
        return {**entry, keys[0]: value}
    return {**entry, keys[0]: _with_value(entry[keys[0]], keys[1:], value)}
