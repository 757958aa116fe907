"""Change entries in the text of a catalog file: their lines are indented and added to, no more.

PyYAML says where an entry stands, since Kedro reads catalogs with it; the text itself is edited,
because nothing that writes YAML preserves styles, comments and line ends.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import yaml

from kedro_azureml_compiler.entry_fixes import OUTER_KEYS, EntryFix, ReplaceType, WrapEntry

_BREAKS = "\r\n\x85\u2028\u2029"  # where a line ends for YAML 1.1
_AFTER_KEY = re.compile(r"[ \t]*:[ \t]*(#[^\r\n\x85\u2028\u2029]*)?(?=[\r\n\x85\u2028\u2029])")
_LINE = re.compile(r"[^\r\n\x85\u2028\u2029]*(?:\r\n|[\r\n\x85\u2028\u2029])|[^\r\n]+\Z")
_PLAIN = re.compile(r"[A-Za-z_][\w./-]*|\.")
_BLANK_OR_COMMENT = re.compile(r"\s*(#.*)?", re.DOTALL)


class UnfixableEntryError(Exception):
    """An entry that the owner must change, with the reason."""


@dataclass(frozen=True)
class Replacement:
    """A part of a text, and what replaces it.

    Args:
        start: Where it starts, counted in characters.
        end: Where it ends.
        text: The replacement.
    """

    start: int
    end: int
    text: str


def replace_parts(text: str, replacements: Iterable[Replacement]) -> str:
    """Return a text with parts of it replaced.

    Args:
        text: The text.
        replacements: Parts that do not overlap.

    Example:
        >>> replace_parts("a: 1", [Replacement(3, 4, "2"), Replacement(0, 0, "# ")])
        '# a: 2'
    """
    pieces, done = [], 0
    for part in sorted(replacements, key=lambda part: (part.start, part.end)):
        pieces += [text[done : part.start], part.text]
        done = part.end
    return "".join([*pieces, text[done:]])


class CatalogText:
    r"""The text of a catalog file, with the places of its entries.

    Args:
        text: The text, with its line ends as they are.

    Raises:
        YAMLError: It is not YAML.

    Example:
        >>> catalog = CatalogText("x:  # mine\n  type: json.JSONDataset\n  filepath: x.json\n")
        >>> fix = WrapEntry("x", ("filepath",), ".")
        >>> print(replace_parts(catalog.text, catalog.change("x", fix)))
        x:  # mine
          type: kedro_azureml_datasets.AzureMLPipelineDataset
          root_dir: .
          dataset:
            type: json.JSONDataset
            filepath: x.json
        <BLANKLINE>
    """

    def __init__(self, text: str) -> None:
        self.text = text
        root: Any = yaml.compose(text, yaml.SafeLoader)
        self._root = root if isinstance(root, yaml.MappingNode) else None
        self._pairs: list[tuple[Any, Any]] = list(root.value) if self._root else []
        self._starts = [found.start() for found in _LINE.finditer(text)]

    @cached_property
    def lines(self) -> Mapping[str, int]:
        """The line of each entry, counted from 1, by its key."""
        return {str(key.value): key.start_mark.line + 1 for key, _ in reversed(self._pairs)}

    def change(self, key: str, fix: EntryFix) -> list[Replacement]:
        """Return what changes an entry.

        Args:
            key: Its key.
            fix: What is to be changed.

        Raises:
            UnfixableEntryError: The entry is written in a form in which lines cannot be added.
        """
        found = [i for i, (name, _) in enumerate(self._pairs) if str(name.value) == key]
        if len(found) != 1 or self._root is None:
            raise UnfixableEntryError("the file has the key more than once")
        name, value = self._pairs[found[0]]
        following = self._pairs[found[0] + 1 : found[0] + 2]
        end = following[0][0].start_mark.index if following else self._root.end_mark.index
        if isinstance(fix, ReplaceType):
            return [self._replace_type(value, fix, (name.end_mark.index, end))]
        if self._root.flow_style:
            raise UnfixableEntryError("the file is written in flow style or as JSON")
        self._refuse_other_forms(name, value, end)
        return list(self._wrap(name, value, end, fix))

    def _refuse_other_forms(self, name: Any, value: Any, end: int) -> None:
        if not isinstance(value, yaml.MappingNode):
            if isinstance(value, yaml.ScalarNode) and "${" in value.value:
                raise UnfixableEntryError("an interpolation stands for the whole entry")
            raise UnfixableEntryError("it is not a mapping")
        kinds = {type(token) for token in self._tokens_between(name.end_mark.index, end)}
        if value.start_mark.index > end or value.start_mark.index < name.start_mark.index:
            raise UnfixableEntryError("an alias stands for the whole entry")
        if yaml.AnchorToken in kinds:
            raise UnfixableEntryError("it defines an anchor")
        if any(str(key.value) == "<<" for key, _ in walk_pairs(value)):
            raise UnfixableEntryError("it uses a merge key (<<)")
        if value.flow_style:
            raise UnfixableEntryError("it is written in flow style")
        if yaml.TagToken in kinds:
            raise UnfixableEntryError("it has a YAML tag")
        line = self.text[self._line_start(name.start_mark.index) : name.start_mark.index]
        if line.strip(" \ufeff") or not _AFTER_KEY.match(self.text, name.end_mark.index):
            raise UnfixableEntryError("its key does not stand alone on its line")
        for node in (value, *(v for _, v in walk_pairs(value) if isinstance(v, yaml.MappingNode))):
            names = [str(key.value) for key, _ in node.value]
            if len(set(names)) < len(names):
                raise UnfixableEntryError("it has a key more than once")

    def _replace_type(self, value: Any, fix: ReplaceType, span: tuple[int, int]) -> Replacement:
        node = _follow(value, fix.keys)
        if not isinstance(node, yaml.ScalarNode):
            raise UnfixableEntryError("its type does not stand in the entry itself")
        start, end = node.start_mark.index, node.end_mark.index
        written = self.text[start:end]
        if not span[0] <= start < span[1]:
            raise UnfixableEntryError("its type does not stand in the entry itself")
        if written not in {fix.old, f"'{fix.old}'", f'"{fix.old}"'}:
            raise UnfixableEntryError("its type is an interpolation, or has an anchor")
        at = start + written.index(fix.old)
        return Replacement(at, at + len(fix.old), fix.new)

    def _wrap(self, name: Any, value: Any, end: int, fix: WrapEntry) -> Iterator[Replacement]:
        column = value.start_mark.column
        step = " " * (column - name.start_mark.column)
        first, following = self._find_nested(value)
        line = bisect_right(self._starts, name.start_mark.index)
        after_key = self._starts[line]  # of the next line, since the value stands there
        content = self.text[self._starts[line - 1] : after_key]
        line_end = content[len(content.rstrip(_BREAKS)) :]
        start = after_key if first == 0 else self._line_start(_start_of(value, first))
        stop = self._line_start(end) if following is None else self._line_start(following)
        margin = " " * column
        header = [f"{margin}{k}: {_scalar(v)}{line_end}" for k, v in fix.added.items()]
        yield Replacement(start, start, "".join([*header, f"{margin}dataset:{line_end}"]))
        if fix.drops_versions:
            yield from self._comment_versions_out(value, fix.path_keys)
        lines = [found for found in _LINE.finditer(self.text, start, stop) if found[0]]
        while lines and _stands_outside(lines[-1][0], column, include=following is not None):
            lines.pop()
        for inner in lines:
            if inner[0].strip(_BREAKS) and not _is_outer_comment(inner[0], column):
                yield Replacement(inner.start(), inner.start(), step)

    def _find_nested(self, value: Any) -> tuple[int, int | None]:
        """Return the first key that moves inwards, and where what stays outside goes on."""
        inner = [i for i, (key, _) in enumerate(value.value) if str(key.value) not in OUTER_KEYS]
        if not inner:
            raise UnfixableEntryError("it has no type")
        first, last = inner[0], inner[-1]
        if last - first + 1 != len(inner):
            outer = ", ".join(f"'{key}'" for key in sorted(OUTER_KEYS))
            raise UnfixableEntryError(f"{outer} stands among the arguments of the dataset")
        is_last = last + 1 == len(value.value)
        return first, None if is_last else _start_of(value, last + 1)

    def _comment_versions_out(self, value: Any, keys: tuple[str, ...]) -> Iterator[Replacement]:
        for depth in range(len(keys)):
            level = _follow(value, keys[:depth])
            for key, version in level.value if isinstance(level, yaml.MappingNode) else ():
                if str(key.value) != "versioned":
                    continue
                at = key.start_mark.index
                same_line = key.start_mark.line == version.end_mark.line
                if level.flow_style or not same_line or not isinstance(version, yaml.ScalarNode):
                    raise UnfixableEntryError("'versioned' does not stand on its own line")
                if "${" in version.value:
                    raise UnfixableEntryError("'versioned' is an interpolation")
                if yaml.SafeLoader("").construct_object(version):
                    yield Replacement(at, at, "# ")

    def _line_start(self, index: int) -> int:
        """Return where the line of a character starts; the end of the text is a line as well."""
        if index >= len(self.text):
            return len(self.text)
        return self._starts[bisect_right(self._starts, index) - 1]

    @cached_property
    def _tokens(self) -> list[Any]:
        return list(yaml.scan(self.text, yaml.SafeLoader))

    def _tokens_between(self, start: int, end: int) -> list[Any]:
        places = [bisect_left(self._tokens, at, key=_index_of) for at in (start, end)]
        return self._tokens[slice(*places)]


def _index_of(token: Any) -> int:
    index: int = token.start_mark.index
    return index


def _start_of(value: Any, position: int) -> int:
    index: int = value.value[position][0].start_mark.index
    return index


def _follow(node: Any, keys: tuple[str, ...]) -> Any:
    for key in keys:
        pairs = node.value if isinstance(node, yaml.MappingNode) else ()
        node = next((value for name, value in pairs if str(name.value) == key), None)
    return node


def walk_pairs(node: Any) -> Iterator[tuple[Any, Any]]:
    """Yield all pairs of keys and values below a node, those behind an alias once.

    Args:
        node: A node of PyYAML.
    """
    seen: set[int] = set()
    waiting = [node]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            yield from node.value
            waiting += [value for _, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            waiting += node.value


def _stands_outside(line: str, column: int, *, include: bool) -> bool:
    """Check whether a last line is blank, or a comment about what follows."""
    if not _BLANK_OR_COMMENT.fullmatch(line):
        return False
    indent = len(line) - len(line.lstrip(" "))
    return not line.strip() or indent < column or (include and indent == column)


def _is_outer_comment(line: str, column: int) -> bool:
    """Check whether a comment stands further out than the entry's keys: it stays there."""
    stripped = line.lstrip(" ")
    return stripped.startswith("#") and len(line) - len(stripped) < column


def _scalar(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)
