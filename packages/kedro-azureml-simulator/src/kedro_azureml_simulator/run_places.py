"""Where a run keeps its files."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@dataclass(frozen=True)
class StepFolder:
    """The places of one step: `path` in the run folder, `seen` the same place for the step."""

    path: Path
    seen: Path
    scratch: Path

    @property
    def inputs(self) -> Path:
        """The folder of the input mounts."""
        return self.path / "mounts" / "inputs"

    @property
    def artifacts(self) -> Path:
        """What the step left in `./outputs` and `./logs`."""
        return self.path / "artifacts"

    def log(self, rank: int = 0) -> Path:
        """Return where stdout and stderr of a process go."""
        return self.path / (f"log_rank_{rank}.txt" if rank else "log.txt")

    def code(self, instance: int = 0) -> Path:
        """Return the working directory of an instance, a fresh copy of the code folder."""
        return self.path / (f"code_{instance}" if instance else "code")

    def output(self, port: str) -> Path:
        """Return where an output port is mounted."""
        return self.path / "mounts" / "outputs" / port

    def home(self, instance: int = 0) -> Path:
        """Return the HOME of an instance."""
        return self.scratch / str(instance) / "home"

    def temporary(self, instance: int = 0) -> Path:
        """Return the TMPDIR of an instance."""
        return self.scratch / str(instance) / "tmp"

    def as_seen(self, path: Path) -> Path:
        """Return a path of this folder as the step sees it."""
        return self.seen / path.relative_to(self.path)


@dataclass(frozen=True)
class RunFolder:
    """The folder of one run, and a short-lived one beside it for what nobody keeps.

    `discard` takes away what nobody needs any more, in the background; `finish` waits until it is
    gone from the run folder, and returns what cannot be deleted.
    """

    path: Path
    seen: Path
    scratch: Path
    discard: Callable[[Path], None] = field(compare=False, repr=False)
    finish: Callable[[], list[Path]] = field(compare=False, repr=False)

    def step(self, name: str, number: int) -> StepFolder:
        """Return the places of a step; `number` keeps its scratch path short."""
        return StepFolder(
            self.path / "steps" / name, self.seen / "steps" / name, self.scratch / str(number)
        )

    def asset(self, name: str, version: str) -> Path:
        """Return where an output is registered as a data asset."""
        return self.path / "assets" / name / version

    def write_record(self, record: dict[str, Any]) -> None:
        """Write `run.json`, all of it or nothing."""
        target = self.path / "run.json"
        temporary = self.path / ".run.json"
        try:
            temporary.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
            temporary.replace(target)
        except OSError:
            if temporary.is_file():  # a part of it, on a full disk
                temporary.unlink()
            raise
