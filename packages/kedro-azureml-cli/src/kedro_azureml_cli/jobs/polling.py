"""How often a job is polled, and for how long without an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_SHORTEST_S = 2.0
_LONGEST_S = 15.0
_GROWTH = 1.5
_PATIENCE_S = 15 * 60.0


class Pace:
    """The pauses between polls: short after a change, longer the longer nothing happens.

    Args:
        environ: Environment variables: `AZUREML_RUN_POLLING_INTERVAL_MIN` and `..._MAX`, in
            seconds, as Microsoft's client reads them.

    Example:
        >>> pace = Pace({})
        >>> [pace.next_s(changed=changed) for changed in (True, False, False, True)]
        [2.0, 3.0, 4.5, 2.0]
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._shortest_s = _seconds(environ, "AZUREML_RUN_POLLING_INTERVAL_MIN", _SHORTEST_S)
        longest_s = _seconds(environ, "AZUREML_RUN_POLLING_INTERVAL_MAX", _LONGEST_S)
        self._longest_s = max(longest_s, self._shortest_s)
        self._pause_s = self._shortest_s

    def next_s(self, *, changed: bool) -> float:
        """Return the next pause in seconds.

        Args:
            changed: Whether the last poll found anything new.
        """
        if changed:
            self._pause_s = self._shortest_s
        else:
            self._pause_s = min(self._pause_s * _GROWTH, self._longest_s)
        return self._pause_s


class Patience:
    """How long to wait for an answer, for each of several jobs.

    Example:
        >>> patience = Patience()
        >>> patience.is_over("train", 0.0), patience.is_over("train", 60.0)
        (False, False)
        >>> patience.is_over("train", 1000.0)
        True
        >>> patience.succeeded("train")
        >>> patience.is_over("train", 1001.0)
        False
    """

    def __init__(self) -> None:
        self._since: dict[str, float] = {}

    def is_tried(self, name: str) -> bool:
        """Check whether the last poll of a job had no answer."""
        return name in self._since

    def is_over(self, name: str, now_s: float) -> bool:
        """Count a poll without an answer; return whether to give up.

        Args:
            name: The job.
            now_s: A clock that never goes back.
        """
        return now_s - self._since.setdefault(name, now_s) > _PATIENCE_S

    def succeeded(self, name: str) -> None:
        """Forget the polls without an answer."""
        self._since.pop(name, None)


def _seconds(environ: Mapping[str, str], name: str, otherwise_s: float) -> float:
    try:
        seconds = float(environ.get(name, ""))
    except ValueError:
        return otherwise_s
    return seconds if 0 < seconds < float("inf") else otherwise_s
