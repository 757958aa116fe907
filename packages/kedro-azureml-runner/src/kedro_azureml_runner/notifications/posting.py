"""Send one message by HTTP: no redirect is followed, and nothing secret leaves without TLS."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from http.client import HTTPException, responses
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT_S = 10.0
"""Seconds after which a receiver is given up, whatever it has sent by then."""

_LARGEST_ANSWER = 65536
_LONGEST_REASON = 200
_SHORTEST_SECRET = 6
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class PostingError(Exception):
    """A message that was not taken; the text holds no part of the address but its host."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Follow none: the body and the token are for the address that was named."""


def post(
    url: str, body: Mapping[str, Any], token: str | None = None, timeout_s: float = TIMEOUT_S
) -> None:
    """Send a JSON object.

    Args:
        url: Where to; `https`, or `http` on this machine.
        body: The object.
        token: Sent along as a bearer.
        timeout_s: Seconds to wait, in all.

    Raises:
        PostingError: It was not taken, or cannot be sent.
    """
    host = check_address(url)
    try:
        data = json.dumps(body).encode()
    except (TypeError, ValueError) as error:
        raise PostingError(f"the message is not JSON: {error}") from error
    headers = {"Content-Type": "application/json; charset=utf-8"}
    if token is not None:
        if not token.isascii() or not token.isprintable():
            raise PostingError("the token has characters that a header cannot hold")
        headers["Authorization"] = f"Bearer {token}"
    outcome: list[PostingError | None] = []

    def send() -> None:
        try:
            request = urllib.request.Request(url, data, headers)  # noqa: S310  (was checked)
            _send(request, host, timeout_s)
            outcome.append(None)
        except PostingError as error:
            outcome.append(PostingError(_clean(str(error), url, token)))
        except Exception as error:  # a thread has nobody to raise it to
            outcome.append(PostingError(f"{host}: {type(error).__name__}"))

    # A receiver that answers byte by byte, or a name server that does not, has no other limit.
    thread = threading.Thread(target=send, name="kedro-azureml-notification", daemon=True)
    thread.start()
    thread.join(timeout_s)
    if not outcome:
        raise PostingError(f"{host} has not answered within {timeout_s:g} s")
    if outcome[0] is not None:
        raise outcome[0]


def check_address(url: str) -> str:
    """Return the host of an address to which a message may go.

    Args:
        url: The address.

    Raises:
        PostingError: There is no such address, or no TLS on the way to it.

    Example:
        >>> check_address("https://hooks.slack.com/services/T0/B0/x")
        'hooks.slack.com'
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in {"http", "https"} or not url.isascii() or " " in url:
        raise PostingError("the webhook's value is not an address that starts with https://")
    if parts.scheme == "http" and host not in _LOOPBACK:
        raise PostingError(f"{host} would be reached without TLS: write https://")
    return host


def _send(request: urllib.request.Request, host: str, timeout_s: float) -> None:
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=timeout_s) as answer:
            content = answer.read(_LARGEST_ANSWER)
    except urllib.error.HTTPError as error:
        error.close()
        if 300 <= error.code < 400:
            raise PostingError(
                f"{host} redirects (HTTP {error.code}), which is not followed"
            ) from None
        meaning = responses.get(error.code, "")
        raise PostingError(f"{host} answered HTTP {error.code} {meaning}".rstrip()) from None
    except urllib.error.URLError as error:
        raise PostingError(f"{host} cannot be reached: {error.reason}") from None
    except TimeoutError:
        raise PostingError(f"{host} has not answered within {timeout_s:g} s") from None
    except (OSError, HTTPException) as error:
        raise PostingError(f"{host}: {type(error).__name__}") from None
    # The Slack API says with 200 that it has not taken a message.
    try:
        said = json.loads(content)
    except ValueError:
        return
    if isinstance(said, dict) and said.get("ok") is False:
        raise PostingError(f"{host} answered: {said.get('error')}")


def _is_long(text: str) -> bool:
    return len(text) >= _SHORTEST_SECRET


def _clean(text: str, url: str, token: str | None) -> str:
    """Return what may stand in a log, which a receiver has a part in: one line, no secret."""
    parts = urlsplit(url)
    whole = {url, token or "", parts.path if len(parts.path) > 1 else ""}
    inside = {parts.query, *parts.path.split("/"), *(v for _, v in parse_qsl(parts.query))}
    inside.update(pair.partition("=")[2] for pair in parts.query.split("&"))
    # The longest first, which others are a part of; a short one is part of many words.
    found = whole.union(filter(_is_long, inside)) - {""}
    for secret in sorted(found, key=len, reverse=True):
        text = text.replace(secret, "***")
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return text if len(text) <= _LONGEST_REASON else f"{text[: _LONGEST_REASON - 1]}…"
