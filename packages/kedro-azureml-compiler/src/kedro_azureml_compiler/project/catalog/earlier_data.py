"""Find in the configuration of a nested dataset that saving keeps what an earlier run has left."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from kedro_azureml_runner.reachability.dataset_addresses import ADDRESS_ARGUMENTS
from kedro_azureml_runner.reachability.known_classes import make_class_key

_FILE_MODE = re.compile(r"(?:a[bt]?\+?|a\+[bt]?|r[bt]?\+|r\+[bt]?)")
_KEEPING = frozenset({"append", "ignore", "insert", "merge", "upsert"})
_MODES = frozenset({"ifexists", "mode", "outputmode", "savemode", "writemode"})
_SAVING = ("save_args", "fs_args")
_VALUES = {
    "append": frozenset({True}),
    "existingdatabehavior": frozenset({"delete_matching", "overwrite_or_ignore"}),
    "partitionoverwritemode": frozenset({"dynamic"}),
}
"""Arguments that replace a part of what is there, and the values with which they do."""

_PARTS = frozenset({"partitionfilters", "predicate", "replacewhere"})
"""Arguments that name the part that is replaced."""

WRITERS_BY_PATH = (
    "dask.", "databricks.", "huggingface.", "ibis.", "pandas.DeltaTableDataset", "snowflake.",
    "spark.", "tensorflow.",
)  # fmt: skip
"""Classes of kedro-datasets, or groups of them, whose library opens the file: for the others Kedro
does, with `fs_args.open_args_save`, and a mode in `save_args` changes nothing."""


def find_keeping_argument(config: Mapping[str, Any]) -> tuple[str, bool]:
    """Return the argument with which a dataset keeps data of earlier runs when it saves.

    Args:
        config: The configuration of the dataset, with a nested one in it or none.

    Returns:
        The argument with its value, as in `save_args.mode: a`, empty if there is none; and whether
        it has an effect.

    Example:
        >>> opened = {"type": "text.TextDataset", "fs_args": {"open_args_save": {"mode": "a"}}}
        >>> find_keeping_argument(opened)
        ('fs_args.open_args_save.mode: a', True)
        >>> find_keeping_argument({"type": "pandas.CSVDataset", "save_args": {"mode": "a"}})
        ('save_args.mode: a', False)
        >>> find_keeping_argument({"type": "pandas.CSVDataset", "save_args": {"index": False}})
        ('', False)
    """
    found = sorted(_keeping_arguments(config, ""), key=lambda each: not each[1])
    return found[0] if found else ("", False)


def keeps_checkpoint(config: Any) -> bool:
    """Check whether a dataset, or one nested in it, remembers which partitions it has read.

    Args:
        config: Its configuration.
    """
    if not isinstance(config, Mapping):
        return False
    kind = config.get("type")
    name = kind if isinstance(kind, str) else getattr(kind, "__name__", "")
    return name.rpartition(".")[2] == "IncrementalDataset" or keeps_checkpoint(
        config.get("dataset")
    )


def _keeping_arguments(config: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, bool]]:
    for key, value in config.items():
        if key in _SAVING and isinstance(value, Mapping):
            works = key == "fs_args" or _writes_by_path(config)
            for found in _in_arguments(value, f"{prefix}{key}."):
                yield found, works
        elif key == "dataset" and isinstance(value, Mapping):
            yield from _keeping_arguments(value, f"{prefix}{key}.")
        elif _plain(key) in _MODES and _keeps(_plain(key), value):
            yield f"{prefix}{key}: {value}", True


def _writes_by_path(config: Mapping[str, Any]) -> bool:
    kind = config.get("type")
    group = make_class_key(kind if isinstance(kind, str) else getattr(kind, "__module__", ""))
    if group not in ADDRESS_ARGUMENTS or group.startswith(WRITERS_BY_PATH):
        return True
    save_args = config.get("save_args")
    return isinstance(save_args, Mapping) and bool(save_args.get("use_pyarrow"))  # of Polars


def _in_arguments(arguments: Mapping[str, Any], prefix: str) -> Iterator[str]:
    for key, value in arguments.items():
        argument = f"{prefix}{key}"
        if key == "open_args_load":
            continue
        if isinstance(value, Mapping):
            yield from _in_arguments(value, f"{argument}.")
        elif _plain(key) in _PARTS and value:
            yield argument
        elif _keeps(_plain(key), value):
            yield f"{argument}: {value}"


def _keeps(key: str, value: Any) -> bool:
    if key in _MODES and isinstance(value, str):
        mode = value.strip().lower()
        return mode in _KEEPING or _FILE_MODE.fullmatch(mode) is not None
    return isinstance(value, (str, bool)) and value in _VALUES.get(key, ())


@lru_cache(maxsize=1000)  # catalogs repeat the same few keys in every entry
def _plain(key: Any) -> str:
    return re.sub(r"[^a-z]", "", str(key).rpartition(".")[2].lower())
