"""Long lists are answered in pages, each with the address of the next one."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

PAGE = 100
"""Most elements of one answer."""

_TOKEN = "$skipToken"


def is_first(query: dict[str, str]) -> bool:
    """Check whether a request asks for the first page."""
    return _TOKEN not in query


def page(found: list[Any], url: str, query: dict[str, str]) -> dict[str, Any]:
    """Return one page of a list.

    Args:
        found: The whole list.
        url: Address of the list, without its query.
        query: The query of the request, with the token of a page where it is not the first.
    """
    start = int(query.get(_TOKEN, 0))
    answer: dict[str, Any] = {"value": found[start : start + PAGE]}
    if start + PAGE < len(found):
        following = urlencode({**query, _TOKEN: str(start + PAGE)}, safe="$")
        answer["nextLink"] = f"{url}?{following}"
    return answer
