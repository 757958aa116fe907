"""Find the literal secrets in a file of the configuration, each with its keys and its line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import yaml

from kedro_azureml_compiler.secrets.values import find_secret, may_hold_secret
from kedro_azureml_compiler.secrets.words import looks_secret, may_name_secret
from kedro_azureml_compiler.yaml_text import compose_yaml

_NO_TEXT = frozenset({"tag:yaml.org,2002:null", "tag:yaml.org,2002:bool"})
_COMMENT = re.compile(r"(?:^|\s)#(.*)")
_OPTION = re.compile(r"--?([A-Za-z][\w-]*)")
_AS_AN_EXAMPLE = re.compile(r":(?:password|passwd|pass|pwd|secret|token)@", re.IGNORECASE)

JudgeKeys = Callable[[tuple[str, ...], Any], bool]
"""Whether a value is a secret by the keys that lead to it."""


class SecretScalar(NamedTuple):
    """A literal secret in a file.

    Args:
        keys: The keys that lead to it; none for what stands in a comment.
        line: Its line, counted from 1.
        kind: What its form says that it is; None if the key alone says so.
    """

    keys: tuple[str, ...]
    line: int
    kind: str | None


def judge_by_last_key(keys: tuple[str, ...], value: Any) -> bool:
    """Judge a value by the last of its keys, as in a file of parameters."""
    names = [key for key in keys if not key.isdigit()]
    return bool(names) and looks_secret(names[-1], value)


def find_secret_scalars(text: str, judge: JudgeKeys = judge_by_last_key) -> list[SecretScalar]:
    r"""Find the literal secrets in a YAML or JSON file as it is written, comments included.

    Args:
        text: The content of the file.
        judge: Whether keys make a value a secret.

    Example:
        >>> found = find_secret_scalars("db:\n  url: postgres://me:hunter2@host\n  port: 1\n")
        >>> [(s.keys, s.line, s.kind) for s in found]
        [(('db', 'url'), 2, 'a password in an address')]
    """
    may_hold = may_hold_secret(text)
    if not may_hold and not may_name_secret(text):
        return []
    try:
        node = compose_yaml(text)
    except yaml.YAMLError:
        lines = enumerate(text.splitlines(), 1)  # a template, or what Kedro will refuse
        return [SecretScalar((), line, kind) for line, t in lines if (kind := find_secret(t))]
    found = list(_scalars(node, (), judge, set()))
    if may_hold and "#" in text:
        known = {secret.line for secret in found}
        found += [s for s in _in_comments(text) if s.line not in known]
    return found


def find_secret_in_comment(text: str) -> str | None:
    """Return what kind of secret stands in a comment of a YAML file; None if there is none."""
    return next((found.kind for found in _in_comments(text)), None)


def _scalars(
    node: Any, keys: tuple[str, ...], judge: JudgeKeys, seen: set[int]
) -> Iterator[SecretScalar]:
    if id(node) in seen:
        return  # an alias: what it stands for has been judged
    if isinstance(node, yaml.MappingNode):
        seen.add(id(node))
        for key, value in node.value:
            inside = (*keys, str(key.value))
            if kind := find_secret(inside[-1]):
                yield SecretScalar((*keys, "a key"), key.start_mark.line + 1, kind)
            elif isinstance(value, yaml.ScalarNode):
                yield from _scalar(value, inside, key.start_mark.line + 1, judge)
            else:
                yield from _scalars(value, inside, judge, seen)
    elif isinstance(node, yaml.SequenceNode):
        seen.add(id(node))
        option = ""
        for position, value in enumerate(node.value):
            before, option = option, _read_option(value)
            key = str(position) if option else before or str(position)
            yield from _scalars(value, (*keys, key), judge, seen)
    elif isinstance(node, yaml.ScalarNode):
        yield from _scalar(node, keys, node.start_mark.line + 1, judge)


def _read_option(node: Any) -> str:
    """Return the name of the option that an element of a command is: the next is its value."""
    found = _OPTION.fullmatch(node.value) if isinstance(node, yaml.ScalarNode) else None
    return found[1] if found else ""


def _scalar(
    node: Any, keys: tuple[str, ...], line: int, judge: JudgeKeys
) -> Iterator[SecretScalar]:
    if node.tag in _NO_TEXT:
        return
    kind = find_secret(node.value)
    if kind or judge(keys, node.value):
        yield SecretScalar(keys, line, kind)


def _in_comments(text: str) -> Iterator[SecretScalar]:
    for line, written in enumerate(text.splitlines(), 1):
        comment = _COMMENT.search(written)
        if comment and not _AS_AN_EXAMPLE.search(written) and (kind := find_secret(comment[1])):
            yield SecretScalar((), line, kind)
