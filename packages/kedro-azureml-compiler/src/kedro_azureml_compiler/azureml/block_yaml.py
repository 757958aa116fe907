"""Write YAML in block style: what is plain at once, since that is most of a job.

The rest is written by libyaml, for which each word is an event: that takes three times as long.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import yaml

from kedro_azureml_compiler.yaml_text import WORDS_OF_YAML

_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)  # libyaml's is ten times as fast

_STRING = "tag:yaml.org,2002:str"
_RESOLVER: Any = yaml.resolver.Resolver()

_MAPPING_START = yaml.MappingStartEvent(None, "tag:yaml.org,2002:map", True, flow_style=False)
_MAPPING_END = yaml.MappingEndEvent()
_SEQUENCE_START = yaml.SequenceStartEvent(None, "tag:yaml.org,2002:seq", True, flow_style=False)
_SEQUENCE_END = yaml.SequenceEndEvent()

_SIGNS = r"[\w./${}()+=@%,;<>*!?'\"&|\[\]~^\\-]*"
_PLAIN = re.compile(rf"(?:[A-Za-z_$/]|\./){_SIGNS}(?:(?::(?! )| (?![ #]))(?!$){_SIGNS})*", re.ASCII)
_LONGEST_KEY = 100
"""Longer ones may get a `?` and a line of their own."""
_SPACES = " \n"
_INDENT = "  "


class _NotPlainError(Exception):
    """Something may look otherwise than it would be written here."""


def write_lines(key: str, value: Any, margin: str = "") -> list[str]:
    r"""Return the lines of a key and its value.

    Args:
        key: The key.
        value: Its value: what JSON knows.
        margin: The spaces before each line.

    Example:
        >>> write_lines("a", {"command": "ls\n  -l", "limits": {"timeout": 60}})
        ['a:', '  command: |-', '    ls', '      -l', '  limits:', '    timeout: 60']
    """
    lines: list[str] = []
    try:
        _add({key: value}, margin, lines)
    except _NotPlainError:
        # No line is empty, so that each is as it would be further to the left.
        return [margin + line for line in emit({key: value}).removesuffix("\n").split("\n")]
    return lines


def _add(content: dict[str, Any], margin: str, lines: list[str]) -> None:
    for key, value in content.items():
        head = f"{margin}{_key(key)}:"
        kind = type(value)
        if kind is str:
            if "\n" in value:
                lines.append(f"{head} |-")
                lines += [f"{margin}{_INDENT}{line}" for line in _split(value)]
            else:
                lines.append(f"{head} {_scalar(value)}")
        elif kind is dict and value:
            lines.append(head)
            _add(value, margin + _INDENT, lines)
        elif kind is bool:
            lines.append(f"{head} {'true' if value else 'false'}")
        elif kind is int:
            lines.append(f"{head} {value}")
        else:
            raise _NotPlainError


@lru_cache(maxsize=500)  # of one step and its neighbours, whose names are repeated
def _scalar(text: str) -> str:
    """Return a text of one line, in quotes if it needs them."""
    if _PLAIN.fullmatch(text) and text.lower() not in WORDS_OF_YAML:
        return text
    return emit({"x": text}).removeprefix("x: ").removesuffix("\n")


@lru_cache(maxsize=500)
def _key(key: Any) -> str:
    if type(key) is not str or len(key) > _LONGEST_KEY or "\n" in key or _scalar(key) != key:
        raise _NotPlainError
    return key


def _split(text: str) -> list[str]:
    """Return the lines of a text that libyaml would write as lines."""
    if text[0] in _SPACES or text[-1] in _SPACES or "\n\n" in text or " \n" in text:
        raise _NotPlainError
    if not (text.isascii() and text.replace("\n", "").isprintable()):
        raise _NotPlainError
    return text.split("\n")


def emit(content: Mapping[str, Any]) -> str:
    """Return YAML as libyaml writes it.

    Args:
        content: The whole of it.
    """
    events = [yaml.StreamStartEvent(), yaml.DocumentStartEvent(explicit=False)]
    _add_events(content, events)
    text: str = yaml.emit(
        [*events, yaml.DocumentEndEvent(explicit=False), yaml.StreamEndEvent()],
        Dumper=_Dumper,
        allow_unicode=True,
        width=2**31 - 1,  # a folded line is hard to compare with the command of a shell
    )
    return text


def _add_events(value: Any, events: list[yaml.Event]) -> None:
    """Add the events of a value, without anchors.

    `yaml.dump` would build a node for each value first: two thirds of its time and memory. And an
    anchor would suggest that two steps share something, which they do not.
    """
    if isinstance(value, str):
        events.append(_text_event(value))
    elif isinstance(value, Mapping):
        events.append(_MAPPING_START)
        for key, inner in value.items():
            _add_events(key, events)
            _add_events(inner, events)
        events.append(_MAPPING_END)
    elif isinstance(value, (list, tuple)):
        events.append(_SEQUENCE_START)
        for inner in value:
            _add_events(inner, events)
        events.append(_SEQUENCE_END)
    else:
        node: Any = yaml.representer.SafeRepresenter().represent_data(value)
        events.append(_scalar_event(node))


@lru_cache(maxsize=500)  # of one step and its neighbours, whose names are repeated
def _text_event(text: str) -> yaml.ScalarEvent:
    return _scalar_event(yaml.ScalarNode(_STRING, text, style=_style(text)))


def _scalar_event(node: yaml.ScalarNode) -> yaml.ScalarEvent:
    plain = _RESOLVER.resolve(yaml.ScalarNode, node.value, (True, False)) == node.tag
    return yaml.ScalarEvent(
        None, node.tag, (plain, node.tag == _STRING), node.value, style=node.style
    )


def _style(text: str) -> str | None:
    if not _is_plain(text):
        return '"'  # by default, libyaml and PyYAML's own emitter choose differently here
    if "\n" in text:
        # A command of several lines should be readable, in the file and in Studio.
        whole = text.strip() == text and all(line.strip() for line in text.split("\n"))
        return "|" if whole else '"'
    return None


def _is_plain(text: str) -> bool:
    text = text.replace("\n", "")
    return text.isprintable() and (text.isascii() or max(text) <= "\uffff")
