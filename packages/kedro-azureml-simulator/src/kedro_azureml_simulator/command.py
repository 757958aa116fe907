"""The command `azureml-simulate`."""

from __future__ import annotations

import json
import os
import shlex
import signal
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from kedro_azureml_simulator.arguments import parser
from kedro_azureml_simulator.asset_store import stored_assets
from kedro_azureml_simulator.console import interruption, reporting, show_result
from kedro_azureml_simulator.errors import (
    MachineError,
    PipelineError,
    RunInterruptedError,
    SimulatorError,
)
from kedro_azureml_simulator.running.environment_building import EnvironmentBuildError
from kedro_azureml_simulator.simulation import simulate

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Sequence
    from types import FrameType

    from kedro_azureml_simulator.events import Event
    from kedro_azureml_simulator.results import RunResult

COMPLETED, FAILED, USAGE, MACHINE, INTERRUPTED = 0, 1, 2, 3, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: What follows the command's name; None for this process's own.

    Returns:
        0 completed, 1 a step failed or the pipeline is wrong, 2 usage, 3 the machine failed,
        130 interrupted.
    """
    options = parser().parse_args(arguments)
    previous = signal.signal(signal.SIGTERM, _interrupt)
    try:
        result = _simulate(options)
    except SimulatorError as error:
        return _refused(error, as_json=options.format == "json")
    except KeyboardInterrupt as error:
        _say(interruption(error.result if isinstance(error, RunInterruptedError) else None))
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone. Nothing more can be said, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return MACHINE
    finally:
        signal.signal(signal.SIGTERM, previous)
    return COMPLETED if result.status == "completed" else FAILED


@contextmanager
def terminal_for_step(*, shared: bool) -> Iterator[None]:
    """Leave Ctrl-C to a step that shares the terminal: its debugger wants it.

    Args:
        shared: Whether a step does.
    """
    if not shared or not sys.stdin.isatty():
        yield
        return
    previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)


def _simulate(options: argparse.Namespace) -> RunResult:
    as_json = options.format == "json"
    interactive = options.only is not None and not as_json

    def run(on_event: Callable[[Event], None] | None) -> RunResult:
        with terminal_for_step(shared=interactive):
            return simulate(
                options.pipeline,
                run_dir=options.run_dir,
                python=options.python,
                max_workers=options.max_workers,
                assets=_assets(options),
                inputs=dict(options.inputs),
                environments={name: Path(path) for name, path in options.environment},
                only=options.only,
                start=options.start,
                reuse=not options.no_reuse,
                keep=options.keep,
                isolate=not options.no_isolation,
                project_dir=_project_dir(options),
                interactive=interactive,
                on_event=on_event,
            )

    if as_json:
        result = run(None)
        sys.stdout.write((result.run_dir / "run.json").read_text(encoding="utf-8"))
        return result
    console = Console()
    with reporting(console, live=not interactive) as on_event:
        result = run(on_event)
    show_result(result, console, rerun=lambda step: _rerun(options, step))
    return result


def _assets(options: argparse.Namespace) -> dict[str, Path]:
    found = stored_assets(options.assets) if options.assets is not None else {}
    return {**found, **{name: Path(path) for name, path in options.asset}}


def _project_dir(options: argparse.Namespace) -> Path | None:
    """Return what a container would not have: the folder that this command is run in."""
    if options.project_dir is not None:
        return Path(options.project_dir)
    folder = Path(options.pipeline).absolute().parent
    here = Path.cwd()
    return here if folder.is_relative_to(here) else folder


def _rerun(options: argparse.Namespace, step: str) -> str:
    """Return the command that runs one step of the same run again."""
    words = ["azureml-simulate", str(options.pipeline), "--run-dir", str(options.run_dir)]
    for name in ("python", "assets", "project_dir"):
        value = getattr(options, name)
        if value is not None:
            words += [f"--{name.replace('_', '-')}", str(value)]
    for name in ("asset", "environment"):
        for key, value in getattr(options, name):
            words += [f"--{name}", f"{key}={value}"]
    if options.inputs:
        words += ["--inputs", *(f"{key}={value}" for key, value in options.inputs)]
    if options.no_isolation:
        words.append("--no-isolation")
    return shlex.join([*words, "--only", step])


def _refused(error: SimulatorError, *, as_json: bool) -> int:
    if isinstance(error, MachineError):
        code, status = MACHINE, "failed"
    elif isinstance(error, EnvironmentBuildError):
        code, status = FAILED, "failed"
    elif isinstance(error, PipelineError):
        code, status = FAILED, "invalid"
    else:
        code, status = USAGE, "invalid"
    if as_json:
        record: dict[str, Any] = {
            "format": 1,
            "status": status,
            "message": error.message,
            "hint": error.hint,
        }
        if isinstance(error, PipelineError):
            record["problems"] = [
                {"where": problem.where, "text": problem.text, "hint": problem.hint}
                for problem in error.problems
            ]
        sys.stdout.write(json.dumps(record, indent=2) + "\n")
    else:
        _say(str(error))
    return code


def _say(text: str) -> None:
    sys.stderr.write(f"azureml-simulate: {text}\n")


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
