"""Read the whole list of a job's steps, which the run history answers in pages.

Newer versions of the SDK read the first page alone: of a job with more steps than fit into one,
the others would be missing without a word. Older versions follow the pages themselves and find
nothing left to follow.
"""

from __future__ import annotations

import re
from copy import deepcopy
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from azure.core.exceptions import AzureError
from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import ContentDecodePolicy, HTTPPolicy

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHILDREN = re.compile(r"/history/v1\.0/.+/runs/[^/]+/children$")
_OK = 200


class RunPages:
    """Policies for clients of azure-core: each pipeline needs its own, so each iteration makes one.

    Example:
        >>> first, second = next(iter(RunPages())), next(iter(RunPages()))
        >>> first is second
        False
    """

    def __iter__(self) -> Iterator[HTTPPolicy[Any, Any]]:
        yield _JoinPages()


class _JoinPages(HTTPPolicy[Any, Any]):
    """Answers a request for the steps of a job with all pages as one."""

    def send(self, request: PipelineRequest[Any]) -> PipelineResponse[Any, Any]:
        url = str(request.http_request.url)
        response = self.next.send(request)
        if not _CHILDREN.search(urlsplit(url).path) or response.http_response.status_code != _OK:
            return response
        joined, link = _read_page(response)
        seen = {url}
        if not link:
            return response
        while link:
            _refuse_wrong_link(link, url, seen)
            following = deepcopy(request.http_request)
            following.url = link
            page = self.next.send(PipelineRequest(following, request.context))
            if page.http_response.status_code != _OK:
                return page  # the SDK makes of it what it makes of any answer
            more, link = _read_page(page)
            joined += more
        whole = {"value": joined}
        response.context[ContentDecodePolicy.CONTEXT_NAME] = whole
        return PipelineResponse(
            response.http_request, _WholeAnswer(response.http_response, whole), response.context
        )


class _WholeAnswer:
    """The first page's answer, with the content of all pages."""

    def __init__(self, first: Any, content: dict[str, Any]) -> None:
        self._first = first
        self._content = content

    def json(self) -> dict[str, Any]:
        return self._content

    def __getattr__(self, name: str) -> Any:
        return getattr(self._first, name)


def _read_page(response: PipelineResponse[Any, Any]) -> tuple[list[Any], str]:
    """Return the steps of a page, and the address of the next one; a proxy may answer anything."""
    try:
        body = response.http_response.json()
    except ValueError as error:
        raise AzureError("the answer is not JSON, as a page of the list of steps is") from error
    steps = (body.get("value") or []) if isinstance(body, dict) else None
    if not isinstance(steps, list) or not all(isinstance(step, dict) for step in steps):
        raise AzureError("the answer is not a page of the list of steps")
    link = body.get("nextLink") or ""
    if not isinstance(link, str):
        raise AzureError("the address of the next page of the list of steps is not a string")
    return list(steps), link


def _refuse_wrong_link(link: str, url: str, seen: set[str]) -> None:
    """Refuse to go in a circle, and to send the caller's token to another host."""
    here, there = urlsplit(url), urlsplit(link)
    if (here.scheme, here.netloc) != (there.scheme, there.netloc):
        raise AzureError(f"the next page of the list of steps is on another host: {there.netloc}")
    if link in seen:
        raise AzureError("the list of steps has no end: a page names an earlier one as the next")
    seen.add(link)
