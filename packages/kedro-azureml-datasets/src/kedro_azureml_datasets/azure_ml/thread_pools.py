"""Ask for several things at the same time, and do not wait for the answers after Ctrl-C.

A thread that waits for a silent network cannot be stopped. The SDK gives up after up to a minute,
which is too long for somebody who wants a command to end.
"""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

S = TypeVar("S")
T = TypeVar("T")

_POLL_S = 0.2
"""Time between two looks at threads, and so at Ctrl-C.

A signal that comes just before Python waits for a thread is not noticed until that thread has
ended; on Windows, neither is one that comes while it waits.
"""

_left: list[ThreadPoolExecutor] = []


class Pool(ThreadPoolExecutor):
    """A pool of threads; Ctrl-C ends the wait for what they return."""

    def call_each(self, function: Callable[[S], T], arguments: Iterable[S]) -> Iterator[T]:
        """Call a function with each argument, and return what it returns in their order.

        Args:
            function: The function.
            arguments: Its arguments, one for each call.
        """
        return map(take_result, [self.submit(function, argument) for argument in arguments])


@contextmanager
def open_pool(threads: int) -> Iterator[Pool]:
    """Open a pool of threads, whose end waits for them as that of `ThreadPoolExecutor` does.

    After Ctrl-C nothing is waited for: what has not begun is cancelled, and what is under way goes
    on without anybody who wants its result.

    Args:
        threads: How many, at most.

    Example:
        >>> with open_pool(2) as pool:
        ...     list(pool.call_each(abs, [-1, -2]))
        [1, 2]
    """
    pool = Pool(threads, "azureml")
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


def take_result(future: Future[T]) -> T:
    """Wait for a thread, and return what it returns or raise what it raises.

    Args:
        future: What the pool's `submit` returned.
    """
    wait_for_first([future])
    return future.result()


def wait_for_first(futures: Iterable[Future[T]]) -> set[Future[T]]:
    """Wait until one has ended.

    Args:
        futures: Any number; one at least.

    Returns:
        Those that have ended.
    """
    waiting = list(futures)
    while not (done := wait(waiting, _POLL_S, FIRST_COMPLETED).done):
        pass
    return done


def wait_for_all(futures: Iterable[Future[T]]) -> None:
    """Wait until all have ended, or one has failed.

    Args:
        futures: Any number.
    """
    waiting = list(futures)
    while True:
        done, others = wait(waiting, _POLL_S, FIRST_EXCEPTION)
        if not others or any(future.exception() is not None for future in done):
            return


def has_left_threads() -> bool:
    """Return whether Ctrl-C has left threads for which the end of this process would wait."""
    return bool(_left)
