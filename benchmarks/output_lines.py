"""Count the lines that commands print in a project, ours and those of others.

    python benchmarks/output_lines.py PROJECT

Each command runs in the project as it is, in a copy without `conf/logging.yml` (Kedro's own
logging), and there as the script `kedro-azureml`. The lines of others are those that are gone when
logging and warnings are off; among them are the records of `kedro_azureml_datasets`. Nothing is
sent to Azure. The notice of kedro-telemetry is not counted.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

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
KEDRO = [sys.executable, "-m", "kedro", "azureml"]
SCRIPT = [sys.executable, "-c", "from kedro_azureml_cli.console import main; main()"]
SILENT = """
version: 1
disable_existing_loggers: false
handlers: {nowhere: {class: logging.NullHandler}}
root: {level: ERROR, handlers: [nowhere]}
"""


def count_lines(folder: Path, call: list[str], **more: str) -> tuple[int, int]:
    """Run a command; return the lines on its standard output and on its standard error."""
    environ = {k: v for k, v in os.environ.items() if k != "KEDRO_LOGGING_CONFIG"}
    environ |= {"KEDRO_DISABLE_TELEMETRY": "1", "KEDRO_AZUREML_NOTICE_AFTER": "0", **more}
    done = subprocess.run(
        call, cwd=folder, env=environ, capture_output=True, text=True, check=False
    )
    if done.returncode not in {0, 1}:
        raise SystemExit(done.stdout + done.stderr)
    return len(done.stdout.splitlines()), len(done.stderr.splitlines())


def main() -> None:
    """Print a table: of each command, our lines and those of others, by standard stream."""
    given = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        silent = Path(folder) / "silent.yml"
        silent.write_text(SILENT)
        as_is, stock = Path(folder) / "as_is" / given.name, Path(folder) / "stock" / given.name
        for copy in (as_is, stock):
            shutil.copytree(given, copy, ignore=shutil.ignore_patterns("build", ".git"))
        (stock / "conf" / "logging.yml").unlink(missing_ok=True)
        ways = {"as it is": (as_is, KEDRO), "stock": (stock, KEDRO), "script": (stock, SCRIPT)}
        print("others' lines, on the standard output + on the standard error")
        print(f"{'command':22}{'ours':>10}", *(f"{way:>12}" for way in ways))
        for name, args in COMMANDS.items():
            ours = count_lines(
                stock, [*KEDRO, *args], KEDRO_LOGGING_CONFIG=str(silent), PYTHONWARNINGS="ignore"
            )
            cells = []
            for place, call in ways.values():
                found = count_lines(place, [*call, *args])
                cells.append("{} + {}".format(*(a - b for a, b in zip(found, ours, strict=True))))
            print(f"{name:22}{ours[0]:>6} + {ours[1]}", *(f"{cell:>12}" for cell in cells))


if __name__ == "__main__":
    main()
