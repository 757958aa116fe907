"""Patterns with which `azureml.yml` names nodes: a name, a glob, `tag:NAME`, `namespace:NAME`."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from kedro_azureml_compiler.findings import About, FindingKind, Severity
from kedro_azureml_compiler.suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kedro_azureml_compiler.planning.facts import NodeFacts

_TAG = "tag:"
_NAMESPACE = "namespace:"
_WILDCARDS = frozenset("*?")


PATTERN_MATCHES_NOTHING = FindingKind(
    code="pattern-matches-nothing",
    severity=Severity.ERROR,
    about=About.SETTING,
    title="A pattern of `grouping` or `steps`, or a name in `overrides`, matches no node",
    explanation="The setting would silently have no effect.",
    hint="Correct the pattern, or remove it.",
)


class NodePattern(NamedTuple):
    """One pattern.

    Args:
        text: The pattern as written in `azureml.yml`.

    Example:
        >>> from kedro_azureml_compiler.planning.facts import NodeFacts
        >>> split = NodeFacts("eu.split", (), (), tags=("big",), namespace="eu")
        >>> [NodePattern(text).matches(split) for text in ("eu.*", "tag:big", "namespace:us")]
        [True, True, False]
    """

    text: str

    def matches(self, node: NodeFacts) -> bool:
        """Check whether the pattern matches a node; a namespace includes those inside it."""
        if self.text.startswith(_TAG):
            return self.text.removeprefix(_TAG) in node.tags
        if self.text.startswith(_NAMESPACE):
            wanted = self.text.removeprefix(_NAMESPACE)
            return f"{node.namespace or ''}.".startswith(f"{wanted}.")
        return self.names(node.name)

    def names(self, name: str) -> bool:
        """Check whether the pattern matches a name, exactly or with its `*` and `?`."""
        return name == self.text or (
            self.is_glob and _expression(self.text).fullmatch(name) is not None
        )

    @property
    def is_glob(self) -> bool:
        """Whether it is a pattern of names with `*` or `?`."""
        return not self.text.startswith((_TAG, _NAMESPACE)) and bool(_WILDCARDS & set(self.text))

    @property
    def precision(self) -> tuple[int, int]:
        """How specific the pattern is, to be compared with others.

        A name is more specific than a glob, a glob than a namespace, a namespace than a tag; a glob
        with more literal characters and a deeper namespace are more specific. `*` is the least.
        """
        if self.text == "*":
            return (0, 0)
        if self.text.startswith(_TAG):
            return (1, 0)
        if self.text.startswith(_NAMESPACE):
            return (2, self.text.count("."))
        if self.is_glob:
            return (3, sum(character not in _WILDCARDS for character in self.text))
        return (4, 0)


def suggest_patterns(text: str, nodes: Sequence[NodeFacts], more_names: Iterable[str] = ()) -> str:
    """Return a sentence with suggestions for a pattern that no node matches.

    Args:
        text: The pattern.
        nodes: The nodes of the job.
        more_names: Names of groups, if a pattern may name them too.
    """
    tags = {tag for node in nodes for tag in node.tags}
    namespaces = {node.namespace for node in nodes if node.namespace}
    names = [*(node.name for node in nodes), *more_names]
    for prefix, known in ((_TAG, tags), (_NAMESPACE, namespaces)):
        if text in known:
            return f"Write '{prefix}{text}'."
        if text.startswith(prefix):
            names = [f"{prefix}{name}" for name in known]
            break
    suggestion = did_you_mean(text, names).strip("()")
    sentence = suggestion[:1].upper() + suggestion[1:]
    return sentence if sentence.endswith("?") else f"{sentence}."


@cache
def _expression(glob: str) -> re.Pattern[str]:
    parts = {"*": ".*", "?": "."}
    return re.compile("".join(parts.get(c, re.escape(c)) for c in glob), re.DOTALL)
