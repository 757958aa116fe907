"""Notify the channels of apprise of a job's progress, while a command waits for its end."""

from __future__ import annotations

import logging
import os
import re
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from kedro_azureml_compiler import find_factory_entry

from kedro_azureml_cli.azure_ml.jobs.states import CANCELED, COMPLETED, FAILED, JobState
from kedro_azureml_cli.terminal.verbosity import note

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kedro_azureml_compiler import AzureMLConfig

TIMEOUT_S = 30.0
"""Seconds after which channels are given up, all of them together."""

_NAMED_STEPS = 10
_SCHEMA = re.compile(r"([a-z][a-z0-9]{0,19})://", re.IGNORECASE)
_BEFORE_RUNNING = frozenset({"", "NotStarted", "Queued", "Preparing", "Provisioning", "Starting"})


@dataclass
class Channels:
    """The channels of a job that is followed, and what was sent to them.

    Args:
        job: Name of the job, for people.
        events: The events that are sent: `start`, `success`, `failure`.
        addresses: Addresses as apprise reads them; secrets, which are never shown.
        is_new: Whether the job was submitted a moment ago: then what the first look finds is
            sent, too.
    """

    job: str
    events: frozenset[str]
    addresses: tuple[str, ...]
    is_new: bool
    _seen: bool = False
    _started: bool = False
    _ended: bool = False

    def look(self, state: JobState) -> None:
        """Send what has changed since the last look.

        Args:
            state: The job as it is now.
        """
        is_sent = self.is_new or self._seen
        self._seen = True
        if not self._started and state.status not in _BEFORE_RUNNING:
            self._started = True
            if is_sent and not state.is_final:
                self._send("start", f"Job '{self.job}' has started.", state)
        if state.is_final and not self._ended:
            self._ended = True
            if is_sent:
                event = "success" if state.status == COMPLETED else "failure"
                self._send(event, _describe_end(self.job, state), state)

    def _send(self, event: str, text: str, state: JobState) -> None:
        if event not in self.events:
            return
        body = "\n".join(filter(None, [text, state.studio_url]))
        for problem in send(self.addresses, f"Azure ML job {self.job}", body, event):
            note(f"Warning: the notification of '{event}' was not sent: {problem}.")


def open_channels(
    config: AzureMLConfig, job: str, notifications: str | None, *, is_new: bool
) -> Channels | None:
    """Return the channels of a job; None if it has none, with a warning if they cannot be used.

    Args:
        config: The content of `azureml.yml`.
        job: Name of the job, for people.
        notifications: The entry of `notifications` of the job.
        is_new: Whether it was submitted a moment ago.
    """
    entry = config.notifications.get(notifications or "")
    if entry is None or not entry.apprise_env:
        return None
    addresses = os.environ.get(entry.apprise_env, "").split()
    if not addresses:
        note(
            f"Warning: no notifications are sent from here: the environment variable "
            f"{entry.apprise_env}, which 'notifications' names, is not set."
        )
        return None
    if find_spec("apprise") is None:
        note(
            "Warning: no notifications are sent from here: apprise is not installed:  "
            'pip install "kedro-azureml-cli[apprise]"'
        )
        return None
    return Channels(job, frozenset(entry.events), tuple(addresses), is_new)


def find_notifications(config: AzureMLConfig, job: str) -> str | None:
    """Return the entry of `notifications` of a job, which a factory may produce.

    Args:
        config: The content of `azureml.yml`.
        job: Name of the job.
    """
    settings = config.jobs.get(job)
    if settings:
        return settings.notifications
    return find_factory_entry(config.jobs, job, "notifications")


def send(
    addresses: tuple[str, ...], title: str, body: str, event: str, timeout_s: float = TIMEOUT_S
) -> list[str]:
    """Send a message to channels.

    Args:
        addresses: Addresses as apprise reads them.
        title: The first line.
        body: The message.
        event: What it is about.
        timeout_s: Seconds to wait, in all.

    Returns:
        What went wrong, without any part of an address but its kind; empty if nothing did.
    """
    try:
        apprise: Any = import_module("apprise")
    except Exception as error:  # an installation that is broken ends no waiting
        return [f"apprise cannot be imported: {type(error).__name__}"]
    kinds = {"success": apprise.NotifyType.SUCCESS, "failure": apprise.NotifyType.FAILURE}
    problems: dict[int, str] = {}

    def tell(number: int, address: str) -> None:
        try:
            # One at a time: apprise joins the threads that it makes for several without a limit.
            channel = apprise.Apprise()
            if not channel.add(address):
                problems[number] = "apprise does not know such an address"
                return
            kind = kinds.get(event, apprise.NotifyType.INFO)
            sent = channel.notify(
                title=title, body=body, notify_type=kind, body_format=apprise.NotifyFormat.TEXT
            )
            problems[number] = "" if sent else "it was not taken"
        except Exception as error:  # a thread has nobody to raise it to, and it may hold an address
            problems[number] = type(error).__name__

    with _without_logging():
        threads = [
            threading.Thread(target=tell, args=pair, name="kedro-azureml-channel", daemon=True)
            for pair in enumerate(addresses, 1)
        ]
        for thread in threads:
            thread.start()
        end = time.monotonic() + timeout_s
        for thread in threads:
            thread.join(max(end - time.monotonic(), 0))
    late = f"no answer within {timeout_s:g} s"
    found = [(n, a, problems.get(n, late)) for n, a in enumerate(addresses, 1)]
    return [f"{_name(number, address)}: {problem}" for number, address, problem in found if problem]


def _name(number: int, address: str) -> str:
    schema = _SCHEMA.match(address)
    return f"address {number} ({schema.group(1).lower()})" if schema else f"address {number}"


def _describe_end(job: str, state: JobState) -> str:
    if state.status == COMPLETED:
        return f"Job '{job}' has succeeded."
    if state.status == CANCELED:
        return f"Job '{job}' was cancelled."
    failed = [step.display_name for step in state.steps if step.status == FAILED]
    named = ", ".join(f"'{name}'" for name in failed[:_NAMED_STEPS])
    more = f" and {len(failed) - _NAMED_STEPS} more" if len(failed) > _NAMED_STEPS else ""
    where = f" in {named}{more}" if named else ""
    return f"Job '{job}' failed{where} ({state.status})."


@contextmanager
def _without_logging() -> Iterator[None]:
    """Keep the log of apprise and of what it sends with away: it shows addresses."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)
