"""Count the lines that commands print in a small project, ours and those of others.

The lines of others are those that are gone when logging and warnings are off. Nothing is sent to
Azure. The notice of kedro-telemetry is not counted.

    python benchmarks/output_lines.py
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from compile_time import OUR_DATASET, make_project
from recording.environments import enter
from recording.results import Measurement, main

if TYPE_CHECKING:
    import argparse

COMMANDS = {
    "jobs --defined": ["jobs", "--defined"],
    "check": ["check"],
    "plan": ["plan"],
    "plan --format json": ["plan", "--format", "json"],
    "compile": ["compile"],
    "compile --quiet": ["compile", "--quiet"],
    "simulate --validate": ["simulate", "--validate"],
    "migrate": ["migrate"],
    "check --explain": ["check", "--explain", "placeholder"],
}
SILENT = """
version: 1
disable_existing_loggers: false
handlers: {nowhere: {class: logging.NullHandler}}
root: {level: ERROR, handlers: [nowhere]}
"""


def count_lines(folder: Path, args: list[str], **more: str) -> int:
    """Run a command; return the lines on its standard output and on its standard error."""
    environ = {k: v for k, v in os.environ.items() if k != "KEDRO_LOGGING_CONFIG"}
    environ |= {"KEDRO_DISABLE_TELEMETRY": "1", "KEDRO_AZUREML_NOTICE_AFTER": "0", **more}
    call = [sys.executable, "-m", "kedro", "azureml", *args]
    done = subprocess.run(
        call, cwd=folder, env=environ, capture_output=True, text=True, check=False
    )
    if done.returncode not in {0, 1}:
        raise SystemExit(done.stdout + done.stderr)
    return len(done.stdout.splitlines()) + len(done.stderr.splitlines())


def measure(_: argparse.Namespace) -> list[Measurement]:
    """Run each command with logging and without."""
    measured = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        silent = folder / "silent.yml"
        silent.write_text(SILENT)
        project = make_project(folder / "project", 10, OUR_DATASET, explicit=False)
        quiet = {"KEDRO_LOGGING_CONFIG": str(silent), "PYTHONWARNINGS": "ignore"}
        for case, args in COMMANDS.items():
            ours = count_lines(project, args, **quiet)
            others = count_lines(project, args) - ours
            lines = {"kedro azureml": [ours], "Kedro and others": [others]}
            measured.append(Measurement("Lines that commands print", case, "lines", lines))
    return measured


if __name__ == "__main__":
    enter()
    main(measure, __doc__)
