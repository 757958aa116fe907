"""Ctrl-C while jobs are sent: what has not begun is not sent, what is under way is reported."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Event, Lock
from typing import TYPE_CHECKING

from kedro_azureml_datasets import KedroAzureMLError

if TYPE_CHECKING:
    from collections.abc import Iterator


class NotSentError(KedroAzureMLError):
    """Ctrl-C came before the job was sent."""

    blame = "user"

    def __init__(self) -> None:
        super().__init__("Ctrl-C came before it was sent.")


class UnknownOutcomeError(KedroAzureMLError):
    """Ctrl-C came while the job was sent, and again before there was an answer.

    Args:
        name: Its name in Azure ML.
    """

    blame = "user"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Ctrl-C came before Azure ML answered, so the job {name} may or may not exist.",
            hint=f"Check whether it exists:  kedro azureml status {name}",
        )


class Interruption:
    """Stops threads that send jobs.

    A thread cannot be stopped. It asks here before each request that it could leave out.

    Example:
        >>> interruption = Interruption()
        >>> with interruption.sending("a"):
        ...     interruption.ask()
        >>> interruption.is_under_way("a"), interruption.is_under_way("b")
        (True, False)
        >>> interruption.check()
        Traceback (most recent call last):
        ...
        kedro_azureml_cli.submission.interruption.NotSentError: Ctrl-C came before it was sent.
    """

    def __init__(self) -> None:
        self._asked = Event()
        self._lock = Lock()
        self._begun: set[str] = set()

    def ask(self) -> None:
        """Ask the threads to send no more; which jobs are under way is settled from here on."""
        with self._lock:
            self._asked.set()

    def check(self, *_: object) -> None:
        """Continue unless somebody has asked to stop.

        Raises:
            NotSentError: Somebody has.
        """
        if self._asked.is_set():
            raise NotSentError

    @contextmanager
    def sending(self, name: str) -> Iterator[None]:
        """Mark a job as under way, and send it in this context.

        Args:
            name: The job's name in Azure ML.

        Raises:
            NotSentError: Somebody has asked to stop before.
        """
        with self._lock:
            self.check()
            self._begun.add(name)
        yield

    def is_under_way(self, name: str) -> bool:
        """Check whether the request that makes a job was begun.

        Args:
            name: The job's name in Azure ML.
        """
        return name in self._begun
