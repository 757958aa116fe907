"""Ask for several things at the same time, and do not wait for the answers after Ctrl-C.

A thread that waits for a silent network cannot be stopped. The SDK gives up after up to a minute,
which is too long for somebody who wants a command to end.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_left: list[ThreadPoolExecutor] = []


@contextmanager
def open_pool(threads: int) -> Iterator[ThreadPoolExecutor]:
    """Open a pool of threads, whose end waits for them as that of `ThreadPoolExecutor` does.

    After Ctrl-C nothing is waited for: what has not begun is cancelled, and what is under way goes
    on without anybody who wants its result.

    Args:
        threads: How many, at most.

    Example:
        >>> with open_pool(2) as pool:
        ...     list(pool.map(abs, [-1, -2]))
        [1, 2]
    """
    pool = ThreadPoolExecutor(threads, "azureml")
    try:
        yield pool
    except Exception:
        pool.shutdown(cancel_futures=True)
        raise
    except BaseException:
        _left.append(pool)
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()


def has_left_threads() -> bool:
    """Return whether Ctrl-C has left threads for which the end of this process would wait."""
    return bool(_left)
