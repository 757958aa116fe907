"""Read a catalog that refers to nothing without OmegaConf, which takes most of its time.

What is not certain to mean the same to OmegaConf is left to the project's config loader: a
reference, an anchor, a tag, any number but a short integer, a duplicate key, and every mistake.
"""

from __future__ import annotations

import os
import re
from io import StringIO
from pathlib import Path
from typing import Any

import fsspec
import yaml
from kedro.config import OmegaConfigLoader

from kedro_azureml_compiler.yaml_text import WORDS_OF_YAML

_TAG = "tag:yaml.org,2002:"
_TEXT, _INTEGER, _SWITCH, _NULL = (f"{_TAG}{kind}" for kind in ("str", "int", "bool", "null"))
_LIST, _MAPPING = f"{_TAG}seq", f"{_TAG}map"
_SWITCHES = {word: value for value in (True, False) for word in (str(value), f"{value}".lower())}
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_SHORT_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,14}")
_OF_NO_WORD = frozenset("-+.0123456789=<~")
"""What numbers, dates, infinity, merge keys and null begin with."""
_REFERENCE, _MISSING, _ANCHOR = "${", "???", "&"
"""A value with one of them may stand for another."""
_SUFFIXES = frozenset({".yml", ".yaml", ".json"})
_MOST_NODES = 10_000
"""OmegaConf refuses larger files."""
_OTHER_LIMIT = "OMEGACONF_MAX_YAML_EXPANDED_NODES"


class _NotPlainError(Exception):
    """The config loader has to read it."""


def read_plain_catalog(loader: Any) -> dict[str, Any] | None:
    """Return what `loader["catalog"]` returns, if it refers to nothing.

    Args:
        loader: The project's config loader.

    Returns:
        Name or pattern to entry; None if the loader has to read it itself.
    """
    if (
        type(loader) is not OmegaConfigLoader
        or _READER is None
        or "catalog" in loader  # a hook has set it
        or loader.merge_strategy.get("catalog", "destructive") != "destructive"
        or _OTHER_LIMIT in os.environ
    ):
        return None
    environments = dict.fromkeys((loader.base_env, loader.env or loader.default_run_env))
    catalog: dict[str, Any] = {}
    has_files = False
    try:
        for environment in environments:
            files = _list_files(loader, Path(loader.conf_source, environment))
            has_files = has_files or bool(files)
            entries = _read_files(files)
            if not catalog.keys().isdisjoint(entries):
                return None  # the loader logs what the environment overrides
            catalog |= entries
    except (OSError, ValueError, RecursionError, yaml.YAMLError, _NotPlainError):
        return None  # whatever is wrong, the loader says it
    return catalog if has_files else None


def _list_files(loader: Any, folder: Path) -> list[Path]:
    """List the files of the catalog in an environment, with the globs of Kedro's loader."""
    root = os.path.realpath(loader.conf_source)
    if not folder.is_dir() or not loader.ignore_hidden:
        raise _NotPlainError
    local = fsspec.filesystem("file")
    files = set()
    for pattern in loader.config_patterns["catalog"]:
        for name in local.glob((folder / pattern).as_posix()):
            path = Path(name)
            if path.suffix not in _SUFFIXES or not path.is_file():
                continue
            inside = Path(os.path.relpath(os.path.realpath(path), root)).parts
            if any(part.startswith(".") for part in inside):  # hidden, or outside
                raise _NotPlainError
            files.add(path)
    return sorted(files)


def _read_files(files: list[Path]) -> dict[str, Any]:
    entries: dict[str, Any] = {}
    for file in files:
        content = _read_text(file.read_bytes().decode("utf-8"))
        if not entries.keys().isdisjoint(content):
            raise _NotPlainError
        entries |= content
    return {name: entry for name, entry in entries.items() if not name.startswith("_")}


def _read_text(text: str) -> dict[str, Any]:
    if _REFERENCE in text or _MISSING in text or _ANCHOR in text:
        raise _NotPlainError
    loader = _READER(StringIO(text))
    try:
        node = loader.get_single_node()
    finally:
        loader.dispose()
    if node is None:
        return {}
    counted = [0]
    content = _convert(node, counted)
    if not isinstance(content, dict) or counted[0] > _MOST_NODES:
        raise _NotPlainError
    return content


def _convert(node: Any, counted: list[int]) -> Any:
    """Return what a YAML node says, and count it."""
    counted[0] += 1
    tag, value = node.tag, node.value
    if tag == _TEXT:
        if _REFERENCE in value or value == _MISSING:  # written with escapes: "\x24{name}"
            raise _NotPlainError
        return value
    if tag == _MAPPING:
        # A key is a text: whatever else it could be has another tag.
        content = {}
        for key, inner in value:
            if key.tag != _TEXT:
                raise _NotPlainError
            content[key.value] = _convert(inner, counted)
        if len(content) != len(value):
            raise _NotPlainError
        counted[0] += len(content)
        return content
    if tag == _LIST:
        return [_convert(inner, counted) for inner in value]
    if tag == _SWITCH:
        return _SWITCHES[value]
    if tag == _NULL:
        return None
    if tag == _INTEGER:
        return int(value)
    raise _NotPlainError


def _make_reader() -> Any:
    """Return the reader of YAML nodes; None without libyaml, or if its tags have been changed."""
    base: Any = getattr(yaml, "CSafeLoader", None)
    if base is None or not {"yaml_implicit_resolvers", "yaml_constructors"}.isdisjoint(vars(base)):
        return None

    class Reader(base):  # type: ignore[misc]  # it is known at run time alone
        """Says of each node what it is, in a tenth of the time of PyYAML's regular expressions."""

        def descend_resolver(self, *_: object) -> None:
            """Keep no path: nothing is resolved by it."""

        def ascend_resolver(self) -> None:
            """Keep no path."""

        def resolve(self, kind: type, value: Any, implicit: Any) -> str:
            if kind is not yaml.ScalarNode:
                return _LIST if kind is yaml.SequenceNode else _MAPPING
            return _resolve_plain(value) if implicit[0] else _TEXT

    return Reader


def _resolve_plain(value: str) -> str:
    """Return the tag of a value without quotes."""
    if "/" in value:
        return _TEXT  # a path: nothing else holds it
    if value in _NULLS:
        return _NULL
    if value in _SWITCHES:
        return _SWITCH
    if value[0] in _OF_NO_WORD:
        if _SHORT_INTEGER.fullmatch(value):
            return _INTEGER
        raise _NotPlainError
    if value.lower() in WORDS_OF_YAML:
        raise _NotPlainError
    return _TEXT


_READER = _make_reader()
