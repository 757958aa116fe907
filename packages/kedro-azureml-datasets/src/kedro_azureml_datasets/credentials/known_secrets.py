"""Secrets that this process has read, so that what it sends to others shows none of them."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SHORTEST = 4
"""Characters: anything shorter stands in any text by chance."""

_known: set[str] = set()


def remember_secrets(values: Iterable[Any]) -> None:
    """Remember values that no message is to show.

    Args:
        values: The values; those that are not strings, or are shorter than four characters, are
            ignored.
    """
    _known.update(v for v in values if isinstance(v, str) and len(v.strip()) >= _SHORTEST)


def hide_secrets(text: str) -> str:
    """Return a text with `***` in place of each secret that is remembered.

    Args:
        text: Any text; secrets are also found as a URL, JSON or Python's `repr` writes them.

    Example:
        >>> remember_secrets(["p@ss-word"])
        >>> hide_secrets("no answer from sql://shop:p%40ss-word@db, p@ss-word")
        'no answer from sql://shop:***@db, ***'
    """
    forms = {form for secret in _known for form in _list_forms(secret)}
    for form in sorted(forms, key=len, reverse=True):  # one may be a part of another
        text = text.replace(form, "***")
    return text


def _list_forms(secret: str) -> Iterator[str]:
    for text in (secret, secret.strip()):
        yield text
        for quoted in (partial(quote, safe=""), quote, quote_plus):
            yield quoted(text, errors="replace")  # a variable may hold what is not UTF-8
        yield from (repr(text)[1:-1], json.dumps(text)[1:-1])  # a key of several lines in a dict
