"""Separate what a value says itself from what it refers to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import chain

ELSEWHERE = "\0"
"""Stands for a reference: what it resolves to is written in another place."""

_INNERMOST = re.compile(r"\$\{([^{}]*)\}")
_EXPRESSION = re.compile(r"\$\{\{.*?\}\}|\{\{.*?\}\}", re.DOTALL)  # faster than with `\$?`
_EXPRESSION_IN_A_WORD = re.compile(r"\$\{\{\S*?\}\}|\{\{\S*?\}\}")
_WITH_DEFAULT = frozenset({"oc.env", "oc.select", "globals", "runtime_params"})
_EMPTY = frozenset({"", "null", "none", "''", '""'})

_PLACEHOLDER = re.compile(
    r"""<[^<>]*>? | \[.*[\]+*?] | \(.*[)+*?] | \\.* | \{\w*\} | %\w+% | %\(\w+\)s | %s
    | \$(?-i:[A-Z_][A-Z0-9_]*|[a-z_]+) | \$\(.+ | [:@]\w+ | \?+ | \*+ | [x.\-_#]{3,}
    | \u2026+ | \u2022+ | (?:your|insert|enter|replace)[-_ ].+ | change[-_]?(?:me|it) | redacted
    | example | placeholder | todo | tbd | null | none | true | false | yes | no | n/?a""",
    re.IGNORECASE | re.VERBOSE,
)


def extract_literal(text: str) -> str:
    r"""Return what a value says itself: defaults stay, and `\0` stands for other references.

    Example:
        >>> extract_literal("${oc.env:NAME,hunter2}"), extract_literal("${oc.env:NAME}")
        ('hunter2', '\x00')
    """
    if "{" not in text:
        return text
    text = _EXPRESSION.sub(ELSEWHERE, text)
    while "${" in text:
        shorter = _INNERMOST.sub(_written_in, text)
        if shorter == text:
            break
        text = shorter
    return text


def join_literal_words(texts: Sequence[str]) -> str:
    r"""Return each word of what texts say themselves, with a line end between two: many repeat.

    Args:
        texts: The texts, as they are.

    Example:
        >>> join_literal_words(["cp ${{ inputs.x }}/a b", "rm a b"])
        'cp\n\x00/a\nb\nrm\na'
    """
    words = _EXPRESSION_IN_A_WORD.sub(ELSEWHERE, _join_words(texts))
    if "${" in words or "{{" in words:  # a reference, or an expression of several words
        words = _join_words(map(extract_literal, texts))
    return words


def _join_words(texts: Iterable[str]) -> str:
    return "\n".join(dict.fromkeys(chain.from_iterable(map(str.split, texts))))


def _written_in(reference: re.Match[str]) -> str:
    resolver, is_call, arguments = reference.group(1).partition(":")
    if not is_call:
        return ELSEWHERE
    if resolver.strip() in _WITH_DEFAULT:
        default = arguments.partition(",")[2].strip()
        if default.lower() in _EMPTY:
            return ELSEWHERE
        return default[1:-1] if default[0] == default[-1] and default[0] in "'\"" else default
    if resolver.strip() == "azureml.secret":
        return ELSEWHERE  # the name of a secret is none
    return f"{ELSEWHERE}{arguments}{ELSEWHERE}"


def is_placeholder(text: str) -> bool:
    """Check whether a value stands for another one: a reference, or `<password>` and its like.

    Example:
        >>> [is_placeholder(t) for t in ("<password>", "$TOKEN", "***", "your-key", "hunter2")]
        [True, True, True, True, False]
    """
    text = extract_literal(text).strip().strip("'\"").strip()
    return not text or ELSEWHERE in text or _PLACEHOLDER.fullmatch(text) is not None
