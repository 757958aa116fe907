"""The command `azureml-simulate`."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from kedro_azureml_simulator.__about__ import __version__
from kedro_azureml_simulator.console import reporting, show_result
from kedro_azureml_simulator.errors import MachineError, PipelineError, SimulatorError
from kedro_azureml_simulator.simulation import simulate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
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
    options = _parser().parse_args(arguments)
    previous = signal.signal(signal.SIGTERM, _interrupt)
    try:
        result = _simulate(options)
    except SimulatorError as error:
        return _refused(error, as_json=options.format == "json")
    except KeyboardInterrupt:
        _say("interrupted; every step was ended")
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone. Nothing more can be said, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return MACHINE
    finally:
        signal.signal(signal.SIGTERM, previous)
    return COMPLETED if result.status == "completed" else FAILED


def _simulate(options: argparse.Namespace) -> RunResult:
    def run(on_event: Callable[[Event], None] | None) -> RunResult:
        return simulate(
            options.pipeline,
            run_dir=options.run_dir,
            python=options.python,
            max_workers=options.max_workers,
            assets={name: Path(path) for name, path in options.asset},
            inputs=dict(options.input),
            on_event=on_event,
        )

    if options.format == "json":
        result = run(None)
        sys.stdout.write((result.run_dir / "run.json").read_text(encoding="utf-8"))
        return result
    console = Console()
    with reporting(console) as on_event:
        result = run(on_event)
    show_result(result, console)
    return result


def _refused(error: SimulatorError, *, as_json: bool) -> int:
    if isinstance(error, MachineError):
        code, status = MACHINE, "failed"
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="azureml-simulate",
        description="Run an Azure ML pipeline YAML on this machine, without Azure.",
        epilog="Exit codes: 0 completed, 1 a step failed or the pipeline is wrong, 2 usage,"
        " 3 this machine failed, 130 interrupted.",
    )
    parser.add_argument("pipeline", type=Path, metavar="pipeline.yml", help="the pipeline")
    parser.add_argument(
        "--run-dir",
        type=Path,
        default=Path("azureml-simulation"),
        metavar="DIR",
        help="where logs, outputs and run.json go; replaced if it is an earlier simulation"
        " (default: %(default)s)",
    )
    parser.add_argument(
        "--max-workers",
        type=_positive,
        default=2,
        metavar="N",
        help="how many steps may run at a time (default: %(default)s)",
    )
    parser.add_argument(
        "--python",
        type=Path,
        metavar="PATH",
        help="the interpreter that `python` means in the steps (default: the one on PATH)",
    )
    parser.add_argument(
        "--asset",
        action="append",
        default=[],
        type=_pair,
        metavar="NAME:VERSION=PATH",
        help="local data for the asset azureml:NAME:VERSION (or NAME@latest); repeatable",
    )
    parser.add_argument(
        "--input",
        action="append",
        default=[],
        type=_pair,
        metavar="NAME=VALUE",
        help="a value for a pipeline input; repeatable",
    )
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"`{text}` is not NAME=VALUE")
    return name, value
