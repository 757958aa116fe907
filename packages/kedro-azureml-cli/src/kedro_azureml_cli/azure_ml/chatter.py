"""Silence what the SDK prints and logs besides the errors that it raises."""

from __future__ import annotations

import logging
import re
import sys
from contextlib import contextmanager, redirect_stderr
from typing import TYPE_CHECKING, Any

from kedro_azureml_cli.terminal.verbosity import is_verbose

if TYPE_CHECKING:
    from collections.abc import Iterator

_LEVELS = {
    # Of each of its own classes that is experimental, whatever is asked of it.
    "azure.ai.ml": logging.ERROR,
    # Every request with its headers, where a project logs everything from INFO on.
    "azure": logging.WARNING,
    # That an answer has broken off: it is asked for again, or it is an error.
    "azure.core.pipeline.transport": logging.ERROR,
    # That more connections were open at a time than are kept.
    "urllib3.connectionpool": logging.ERROR,
}

_COLOUR_RESET = re.compile(r"(?:\x1b\[[0-9;]*m)+\s*")
_BAR = re.compile(r"\r(?:\x1b\[[0-9;]*m)*(?:Uploading .*)?\s*")


def quieten() -> None:
    """Log less of the SDK's own doings; a level that the project's logging sets is kept.

    That of `azure.ai.ml` is not: importing it sets one. A verbose command keeps all.
    """
    if is_verbose():
        return
    for name, level in _LEVELS.items():
        logger = logging.getLogger(name)
        if logger.level == logging.NOTSET or name == "azure.ai.ml":
            logger.setLevel(level)


@contextmanager
def drop_upload_progress() -> Iterator[None]:
    """Leave out what the SDK writes to the standard error for each upload: a bar and a blank line.

    Of a client that shows no progress it would wait for ever where a file cannot be uploaded.
    """
    with redirect_stderr(_WithoutProgress(sys.stderr)):
        yield


class _WithoutProgress:
    """A text stream that drops bars and resets of the colour that stand alone, with their end."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._dropped = False

    def write(self, text: str) -> int:
        if not text:
            return 0
        dropped = self._dropped
        self._dropped = any(pattern.fullmatch(text) for pattern in (_COLOUR_RESET, _BAR))
        if self._dropped or (dropped and text == "\n"):
            return len(text)
        return int(self._stream.write(text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
