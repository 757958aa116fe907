"""Runs a command with a fault at one of its requests, and judges what came of it."""

from __future__ import annotations

import copy
import json
import re
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from azure_loopback.azurite import KEY
from fault_commands import NO_PYTHON

if TYPE_CHECKING:
    from collections.abc import Container
    from pathlib import Path

    from azure_loopback.faults import Faults
    from azure_loopback.processes import Finished, Running
    from fault_commands import AzureCommand
    from sent_project import SentProject

KINDS = (401, 403, 429, 500, 503, "reset", "lost", "truncated", "slow")
REFUSING = (401, 403)
"""Faults that the user has to act on; all others are the machine's, the network's or Azure's."""

SECRETS = (re.compile(re.escape(KEY)), re.compile(r"sig=\w{8}"), re.compile(r"\beyJ\w{20}"))
"""The account's key, the signature of an address, a token."""

MESSAGE = re.compile(
    r"^\s*(?:(?:Usage)?Error: |The job '[^']+' was not |Looking up |Azure refused )", re.MULTILINE
)
"""Starts the message of a command, or that on one of several jobs."""

SENT = re.compile(r"/(?:schedules|(?:data|environments)/[^/]+/versions)/([^/]+)$")
JOB_NAME = re.compile(r"all-\d{8}-\d{6}-[0-9a-f]{6}|[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}")

RECORD = re.compile(
    r"build/azureml-runs/|build/azureml-jobs/[^/]+/(?:steps/[^/]+/run|verification)/"
)
"""Holds what a run of nodes has left and logged so far, however far it came."""

OWN_FOLDER = re.compile(r"build/azureml-runs/[^/]+-resumed")
"""Of a resumed simulation: the next one has another."""


QUICK_PAUSES = """
import time

from azure.core.pipeline.transport import HttpTransport

HttpTransport.sleep = lambda transport, duration_s: time.sleep(duration_s / 20)
"""
"""The Azure SDK waits 15 to 21 s before it asks the storage again: a twentieth is enough here."""


class SavedState:
    """A project and its workspace as they are now, to be had again before each command."""

    def __init__(self, farm: SentProject) -> None:
        control, jobs = farm.azure.control, farm.jobs
        self._farm = farm
        self._resources = copy.deepcopy(control.resources)
        self._runs, self._bodies = copy.deepcopy(jobs.runs), copy.deepcopy(jobs.bodies)
        self._folder = farm.folder.with_name("saved")
        shutil.rmtree(self._folder, ignore_errors=True)
        shutil.copytree(farm.folder, self._folder, symlinks=True)
        self._blobs = set(farm.azure.container().list_blob_names())
        self._snapshots = len(farm.azure.snapshots)

    def restore(self) -> None:
        """Make all as it was."""
        control, jobs = self._farm.azure.control, self._farm.jobs
        control.faults.clear()
        control.requests.clear()
        control.sent.clear()
        for live, kept in (
            (control.resources, self._resources),
            (jobs.runs, self._runs),
            (jobs.bodies, self._bodies),
        ):
            live.clear()
            live.update(copy.deepcopy(kept))
        jobs.script.clear()
        container = self._farm.azure.container()
        for name in set(container.list_blob_names()) - self._blobs:
            container.delete_blob(name)
        self._farm.azure.drop_snapshots(self._snapshots)
        shutil.rmtree(self._farm.folder)
        shutil.copytree(self._folder, self._farm.folder, symlinks=True)


@dataclass
class Outcome:
    """What came of a command."""

    code: int
    output: str
    requests: int
    sent: set[str]
    files: dict[str, bytes]
    messages: list[str]
    """What channels were told."""


@dataclass
class FaultyCommand:
    """A command that is run again and again from the same state, with a fault at each request.

    Args:
        farm: The project.
        command: The command.
        job: The job that it starts from.
        python: The interpreter of steps; else one that ends as soon as it is started.
        prelude: Code that runs before, in its process.
    """

    farm: SentProject
    command: AzureCommand
    job: str
    python: Path | None = None
    prelude: str = ""
    counts: dict[str, int] = field(default_factory=lambda: {"overcome": 0, "one message": 0})

    def __post_init__(self) -> None:
        self._state, self.before = SavedState(self.farm), self.files()
        program = self.python or self.farm.folder.with_name("no-python")
        if self.python is None:
            program.write_text(NO_PYTHON)
            program.chmod(0o755)
        self.words, self._again = (
            [word.format(job=self.job, python=program) for word in words.split()]
            for words in (self.command.words, self.command.rerun or self.command.words)
        )

    def start_over(self) -> None:
        """Make project and workspace as they were."""
        self._state.restore()

    def rerun(self) -> Outcome:
        """Run the command as it is run once more, after it has been ended somewhere."""
        return self._finish(self._again)

    def run(self) -> Outcome:
        """Run the command once, with whatever faults there are."""
        return self._finish(self.words)

    def _finish(self, words: list[str]) -> Outcome:
        control = self.farm.azure.control
        before = self.sent()
        control.requests.clear()
        self.farm.messages.clear()
        done: Finished = self._start(words, self.command.program).wait()
        requests, sent = len(control.requests), self.sent() - before
        told = [str(message["message"]) for message in self.farm.messages]
        return Outcome(done.returncode, done.output, requests, sent, self.files(), told)

    def start(self, prelude: str = "", program: str = "") -> Running:
        """Start the command, and do not wait for it.

        Args:
            prelude: Code that runs before, in its process.
            program: The code that runs the command; else its own.
        """
        return self._start(self.words, f"{prelude}\n{program or self.command.program}")

    def _start(self, words: list[str], program: str) -> Running:
        self.farm.jobs.script[:] = copy.deepcopy(list(self.command.script))
        return self.farm.shop.start(f"{self.prelude}\n{program}", *words)

    def sent(self) -> set[str]:
        """Return the names of the jobs, and of what else was sent and has a version or a time."""
        found = map(SENT.search, self.farm.azure.control.resources)
        return {*self.farm.jobs.bodies, *(match.group(1) for match in found if match)}

    def files(self) -> dict[str, bytes]:
        """Return the files of the project by their paths, without the names of jobs in them."""
        return read_files(self.farm.folder)

    def is_whole(self, outcome: Outcome | Finished) -> bool:
        """Check whether a command has reached its end."""
        return _code(outcome) == self.command.code and self.command.shows in outcome.output

    def assert_is_whole_or_one_message(
        self, outcome: Outcome | Finished, codes: Container[int] = (1, 3)
    ) -> None:
        """Check that a command has reached its end, or has said in one message why it has not.

        Args:
            outcome: What came of it.
            codes: The exit codes that it may have then.
        """
        told = outcome.output
        assert not any(secret.search(told) for secret in SECRETS), told
        if not self.is_whole(outcome):  # else the traceback of a step may be what it shows
            assert "Traceback (most recent" not in told, told
            assert _code(outcome) in codes, told
            assert len(MESSAGE.findall(told)) == 1, told

    def find_broken_promise(
        self, kind: int | str, faults: Faults, number: int, healthy: Outcome | None
    ) -> str:
        """Put a fault into one request; return which promise did not hold, or nothing.

        Args:
            kind: The fault.
            faults: Where it is put.
            number: Which request, from 1 on.
            healthy: What the command does without a fault; None compares less.
        """
        faults.add(kind, number=number, retry_after="0.01" if kind == 429 else "")
        outcome = self.run()
        faults.clear()
        whole = self.is_whole(outcome)
        self.counts["overcome" if whole else "one message"] += 1
        broken = self._judge(kind, outcome, whole, healthy)
        if not broken and not whole:
            again = self.run()
            if not self.is_whole(again):
                broken = f"the rerun ended with {again.code}: {again.output}"
        return f"{self.command.words}: {kind} at {number}: {broken}" if broken else ""

    def _judge(
        self, kind: int | str, outcome: Outcome, whole: bool, healthy: Outcome | None
    ) -> str:
        told = outcome.output
        if "Traceback (most recent" in told:
            return f"a traceback: {told}"
        if any(secret.search(told) for secret in SECRETS):
            return f"a secret: {told}"
        if not whole and not self.command.rows:
            expected = 1 if kind in REFUSING else self.command.failed
            if outcome.code != expected:
                return f"exit code {outcome.code}, not {expected}: {told}"
            if len(MESSAGE.findall(told)) != 1:
                return f"not one message: {told}"
        if kind == "slow" and not whole:
            return f"a slow answer was not waited for: {told}"
        if not whole and any(name not in told for name in outcome.sent):
            return f"{outcome.sent} was sent and is not named: {told}"
        if healthy is None:
            return ""
        if len(outcome.messages) > len(set(outcome.messages)):
            return f"told twice: {outcome.messages}"
        if whole and len(outcome.messages) != len(healthy.messages):
            return f"told {outcome.messages}, not {healthy.messages}"
        too_few = whole and not outcome.sent and healthy.sent
        if len(outcome.sent) > len(healthy.sent) or too_few:
            return f"sent {outcome.sent}: {told}"
        before = None if whole else self.before
        return find_half_written(outcome.files, healthy.files, whole=whole, before=before)


def _code(outcome: Outcome | Finished) -> int:
    return outcome.code if isinstance(outcome, Outcome) else outcome.returncode


def read_files(folder: Path) -> dict[str, bytes]:
    """Return the files below a folder by their paths, without the names of jobs in either."""
    return {
        JOB_NAME.sub("NAME", file.relative_to(folder).as_posix()): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }


def find_half_written(
    files: dict[str, bytes],
    wanted: dict[str, bytes],
    *,
    whole: bool,
    before: dict[str, bytes] | None = None,
) -> str:
    """Compare the files that a command has left with those that it leaves without a fault.

    A file under a name that begins with a dot is not under its final name yet; the next command
    goes on from it or removes it. Of the record of a run, documents and pages are whole.

    Args:
        files: Path to content.
        wanted: The same without a fault.
        whole: Whether the command has reached its end, so that no file may be missing.
        before: The same before the command.

    Returns:
        What is wrong, or nothing.
    """
    shown = {path: data for path, data in files.items() if "/." not in f"/{path}"}
    for path, data in shown.items():
        known = [side[path] for side in (wanted, before or {}) if path in side]
        recorded = RECORD.match(path)
        if not known and not recorded:
            return f"'{path}' is left"
        if path.endswith(".json"):
            json.loads(data)
        elif path.endswith(".html"):
            if not data.rstrip().endswith(b"</html>"):
                return f"'{path}' is half a page"
        elif not recorded and without_names(data) not in map(without_names, known):
            return f"'{path}' differs"
    missing = {path for path in wanted if "/." not in f"/{path}" and not OWN_FOLDER.match(path)}
    missing -= set(shown)
    return f"{sorted(missing)} is missing" if whole and missing else ""


def without_names(data: bytes) -> str:
    """Return a file's content without the names of jobs in it."""
    return JOB_NAME.sub("NAME", data.decode("latin-1"))
