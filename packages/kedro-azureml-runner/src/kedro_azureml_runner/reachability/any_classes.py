"""Judge an entry of any other class: whatever looks like an address, under any argument."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import PurePath
from typing import Any

from kedro_azureml_runner.reachability.addresses import (
    Address,
    Reach,
    is_unresolved,
    judge_address,
    judge_host,
)
from kedro_azureml_runner.reachability.connections import (
    CONNECTION_ARGUMENTS,
    DATABASE_ARGUMENTS,
    HOST_ARGUMENTS,
    URL,
    find_engine,
    find_loopback_hosts,
    judge_engine,
    simplify,
)
from kedro_azureml_runner.reachability.dataset_addresses import ADDRESS_ARGUMENTS
from kedro_azureml_runner.reachability.known_classes import judge_known_class, make_class_key
from kedro_azureml_runner.reachability.verdicts import Found, Role

_NEVER_ADDRESSES = frozenset({"metadata", "validator", "sql", "load_args", "save_args"})
_NO_VALUES = frozenset({"type", "versioned", "version"})

_PATH_WORDS = frozenset(
    {"dir", "directory", "file", "filename", "filepath", "folder", "path", "root"}
)
_WINDOWS = re.compile(r"[A-Za-z]:[\\/]|\\\\")
_FILE = re.compile(
    r"(?:[\w .=-]+/)*[\w .-]+\.(?:avro|csv|db|duckdb|feather|h5|hdf5|jsonl?|mdb|orc|parquet|pickle|"
    r"pkl|sqlite3?|tsv|txt|xlsx?|xml|ya?ml|zip)"
)


def judge_any_class(config: Mapping[str, Any], prefix: str = "") -> Iterator[Found]:
    """Judge every value that can be an address, under whatever argument and however deep.

    Args:
        config: The entry's configuration, or a part of it.
        prefix: What stands before the names of its keys, with a dot at its end.
    """
    engine = find_engine(config)
    if engine:
        yield from judge_engine(engine, config, prefix)
    for key, value in config.items():
        argument = f"{prefix}{key}"
        if key in _NEVER_ADDRESSES:
            yield from find_loopback_hosts({key: value}, prefix)
        elif key in _NO_VALUES or (engine and key in DATABASE_ARGUMENTS):
            continue
        elif isinstance(value, Mapping) and isinstance(value.get("type"), (str, type)):
            yield from _of_nested(argument, value)
        else:
            yield from _of_any_value(argument, str(key), value)


def _of_nested(argument: str, config: Mapping[str, Any]) -> Iterator[Found]:
    kind = config["type"]
    key = make_class_key(
        kind if isinstance(kind, str) else f"{kind.__module__}.{kind.__qualname__}"
    )
    judge = partial(judge_known_class, key) if key in ADDRESS_ARGUMENTS else judge_any_class
    for found in judge(config):
        yield found._replace(argument=f"{argument}.{found.argument}")


def _of_any_value(argument: str, key: str, value: Any) -> Iterator[Found]:
    if isinstance(value, Mapping):
        yield from judge_any_class(value, f"{argument}.")
    elif isinstance(value, (list, tuple, set, frozenset)):
        for number, inner in enumerate(value):
            yield from _of_any_value(f"{argument}.{number}", key, inner)
    elif isinstance(value, PurePath):
        yield Found(argument, Address(Reach.LOCAL, "a path without a protocol", str(value)))
    elif isinstance(value, str):
        yield from _of_any_text(argument, key, value)


def _of_any_text(argument: str, key: str, text: str) -> Iterator[Found]:
    plain, is_path = simplify(key), bool(_words(key) & _PATH_WORDS)
    if not text:
        return
    if is_unresolved(text):
        unknown = Address(Reach.UNRESOLVED, "a value that is not known here")
        is_address = is_path or plain in HOST_ARGUMENTS | CONNECTION_ARGUMENTS
        yield Found(argument, unknown, is_address=is_address)
    elif plain in HOST_ARGUMENTS and not text.startswith("/"):
        yield Found(argument, judge_host(text), Role.DATABASE)
    elif URL.match(text):
        yield Found(argument, judge_address(text, is_file=is_path))
    elif plain in CONNECTION_ARGUMENTS and "=" in text:
        address = judge_address(text)
        if address.path != text:
            yield Found(argument, address, Role.DATABASE)
    elif (
        is_path
        or _WINDOWS.match(text)
        or text.startswith(("/", "./", "../", "~/"))
        or _FILE.fullmatch(text)
    ):
        known = plain in {"filepath", "path", "filename"}
        yield Found(argument, judge_address(text, is_file=True), known=known)


def _words(key: str) -> set[str]:
    return set(re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", key).lower().replace("-", "_").split("_"))
