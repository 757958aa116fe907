"""Run what is compared in turn, and take what each process costs."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from pathlib import Path

T = TypeVar("T")
SELDOM = 6
"""What takes long is run in one of so many rounds."""
LAST = 3000
"""Characters shown of what a command that failed has printed."""


@dataclass(frozen=True)
class Cost:
    """Cost of a process and of those that it started and waited for.

    Args:
        processor_s: CPU time in seconds, user and system.
        wall_s: Wall time in seconds.
        peak_mb: Peak resident memory in MB, of the largest process.
    """

    processor_s: float
    wall_s: float
    peak_mb: float


def run(command: Sequence[str | Path], cwd: Path, **environ: str) -> Cost:
    """Run a command and return its cost; end everything with its output if it fails."""
    given = {key: text for key, text in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            [str(word) for word in command],
            cwd=cwd,
            env={**given, "KEDRO_DISABLE_TELEMETRY": "1", **environ},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            output.seek(0)
            said = output.read().decode(errors="replace")
            sys.exit(f"{' '.join(map(str, command))}\n{said[-LAST:]}")
    return Cost(usage.ru_utime + usage.ru_stime, wall_s, usage.ru_maxrss / 1024)


def run_python(
    python: str | Path, code: str, *args: str, cwd: Path | None = None, **environ: str
) -> str:
    """Run Python code in a process and return the last line that it printed."""
    done = subprocess.run(
        [str(python), "-c", code, *args],
        cwd=cwd,
        env={**os.environ, "KEDRO_DISABLE_TELEMETRY": "1", **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode or not done.stdout.strip():
        sys.exit(done.stdout + done.stderr)
    return done.stdout.strip().splitlines()[-1]


def take_turns(
    ways: Mapping[str, Callable[[], T]],
    rounds: int,
    seldom: Collection[str] = (),
    *,
    warm: bool = True,
) -> dict[str, list[T | None]]:
    """Run each way once a round, every second round in reverse order.

    Args:
        ways: What is run, by name.
        rounds: How often.
        seldom: Ways that take so long that they run in one round of six only.
        warm: Whether each runs once before, to fill the caches of the disk.

    Returns:
        What each returned in each round, None where it did not run.
    """
    if warm:
        for way in ways.values():
            way()
    taken: dict[str, list[T | None]] = {name: [] for name in ways}
    for number in range(rounds):
        names = list(ways) if number % 2 == 0 else list(ways)[::-1]
        for name in names:
            skipped = name in seldom and number % SELDOM
            taken[name].append(None if skipped else ways[name]())
        print(f"round {number + 1} of {rounds}", file=sys.stderr, flush=True)
    return taken
