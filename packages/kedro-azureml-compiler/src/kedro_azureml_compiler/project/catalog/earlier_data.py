"""Find in the configuration of a nested dataset that saving keeps what an earlier run has left."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

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


def find_keeping_argument(config: Mapping[str, Any]) -> str:
    """Return the argument with which a dataset keeps data of earlier runs when it saves.

    Args:
        config: The configuration of the dataset, with a nested one in it or none.

    Returns:
        The argument with its value, as in `save_args.mode: a`; empty if there is none.

    Example:
        >>> find_keeping_argument({"filepath": "x.csv", "save_args": {"mode": "a"}})
        'save_args.mode: a'
        >>> find_keeping_argument({"filepath": "x.csv", "save_args": {"mode": "w"}})
        ''
    """
    return next(_keeping_arguments(config, ""), "")


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


def _keeping_arguments(config: Mapping[str, Any], prefix: str) -> Iterator[str]:
    for key, value in config.items():
        argument = f"{prefix}{key}"
        if key in _SAVING and isinstance(value, Mapping):
            yield from _in_arguments(value, f"{argument}.")
        elif key == "dataset" and isinstance(value, Mapping):
            yield from _keeping_arguments(value, f"{argument}.")
        elif _plain(key) in _MODES and _keeps(_plain(key), value):
            yield f"{argument}: {value}"


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


def _plain(key: Any) -> str:
    return re.sub(r"[^a-z]", "", str(key).rpartition(".")[2].lower())
