"""Find versions that YAML has changed: without quotes, `010` is 8 and `1:30` is 90.

A dataset gets the value only. So where it is no string, the text is looked up in the files that the
configuration was read from.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_KEY = "azureml_version"
_ASSET_KEY = "azureml_dataset"
_REFERENCE = re.compile(r"\$\{[^{}]*?(\w+)\s*\}")
"""A reference of OmegaConf; the group is the last key of the path that it names."""


class WrittenVersion(NamedTuple):
    """A version as a file has it.

    Args:
        text: The text, as it is written.
        file: The file.
        line: The line, from 1.
    """

    text: str
    file: Path
    line: int


class _Scalar(NamedTuple):
    key: str
    asset: str
    written: WrittenVersion


def find_changed_version(
    folders: Iterable[Path], asset: str, value: object
) -> WrittenVersion | None:
    """Find where a version is written in another way than its value reads.

    Args:
        folders: The folders of the configuration, those that win last.
        asset: Name of the data asset.
        value: The version, as YAML has read it.

    Returns:
        The text and its place; None where a file has the very text, or none has the value.
    """
    scalars = list(_scalars(folders))
    own = [s for s in scalars if s.key == _KEY and (s.asset == asset or "{" in s.asset)]
    named = {name for s in own for name in _REFERENCE.findall(s.written.text)}
    changed = None
    for scalar in (*own, *(s for s in scalars if s.key in named)):
        text = scalar.written.text
        if text == str(value):
            return None
        if _is_read_as(text, value):
            changed = scalar.written
    return changed


def _is_read_as(text: str, value: object) -> bool:
    try:
        read = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError):
        return False
    return type(read) is type(value) and read == value


def _scalars(folders: Iterable[Path]) -> Iterator[_Scalar]:
    for folder in folders:
        for file in sorted(folder.rglob("*.y*ml")):
            try:
                root = yaml.compose(file.read_text(encoding="utf-8"), yaml.SafeLoader)
            except (OSError, ValueError, yaml.YAMLError):
                continue  # whoever reads the configuration says so
            yield from _scalars_below(root, file)


def _scalars_below(node: yaml.Node | None, file: Path) -> Iterator[_Scalar]:
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _scalars_below(item, file)
    if not isinstance(node, yaml.MappingNode):
        return
    plain = {
        key.value: value.value for key, value in node.value if isinstance(value, yaml.ScalarNode)
    }
    for key, value in node.value:
        if isinstance(value, yaml.ScalarNode):
            if value.style is not None and "${" not in value.value:
                continue  # in quotes, nothing is changed
            written = WrittenVersion(value.value, file, value.start_mark.line + 1)
            yield _Scalar(str(key.value), str(plain.get(_ASSET_KEY, "")), written)
        else:
            yield from _scalars_below(value, file)
