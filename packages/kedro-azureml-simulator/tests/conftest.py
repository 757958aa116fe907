"""A small project folder to simulate in, and how to ask whether a process still lives."""

from __future__ import annotations

import signal
import sys
import textwrap
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from kedro_azureml_simulator import simulate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kedro_azureml_simulator import RunResult, StepResult


class Project:
    """A folder with a pipeline; `run` simulates it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.run_dir = folder / "run"

    def write(self, path: str, content: str | bytes = "") -> Path:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            target.write_bytes(content)
        else:
            target.write_text(textwrap.dedent(content))
        return target

    def pipeline(self, jobs: dict[str, Any], **fields: Any) -> Path:
        job = {"type": "pipeline", "settings": {"default_compute": "azureml:cpu"}, **fields}
        return self.write("pipeline.yml", yaml.safe_dump({**job, "jobs": jobs}, sort_keys=False))

    def run(self, jobs: dict[str, Any] | None = None, **options: Any) -> RunResult:
        fields = options.pop("fields", {})
        if jobs is not None:
            self.pipeline(jobs, **fields)
        options.setdefault("run_dir", self.run_dir)
        return simulate(self.folder / "pipeline.yml", **options)

    @staticmethod
    def command(line: str, **fields: Any) -> dict[str, Any]:
        """Return an inline command step."""
        return {"type": "command", "command": line, "environment": "azureml:any:1", **fields}

    @staticmethod
    def component(line: str, **fields: Any) -> dict[str, Any]:
        """Return a command component."""
        return {"type": "command", "command": line, "environment": "azureml:any:1", **fields}

    @staticmethod
    def log(step: StepResult) -> str:
        assert step.log_path is not None
        return step.log_path.read_text()

    @staticmethod
    def lives(pid: int) -> bool:
        """Check whether a process runs; one that has ended and waits for its parent does not."""
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return False
        return state != "Z"

    @staticmethod
    def wait_for(condition: Callable[[], bool], limit_s: float = 10) -> bool:
        """Wait until something is so; tell whether it is."""
        deadline = time.monotonic() + limit_s
        while not condition() and time.monotonic() < deadline:
            time.sleep(0.005)
        return condition()


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture
def python() -> Path:
    return Path(sys.executable)


@pytest.fixture(autouse=True, scope="session")
def _heed_ctrl_c() -> Iterator[None]:
    """Let processes of tests get Ctrl-C, also where the tests run in the background of a shell.

    A shell has its background processes ignore it, and a process hands that on.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before or signal.SIG_DFL)
