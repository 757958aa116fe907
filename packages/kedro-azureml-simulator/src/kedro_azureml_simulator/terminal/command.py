"""The command `azureml-simulate`."""

from __future__ import annotations

import os
import shlex
import signal
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from kedro_azureml_simulator.errors import (
    MachineError,
    PipelineError,
    RunInterruptedError,
    SimulatorError,
)
from kedro_azureml_simulator.terminal.arguments import make_parser
from kedro_azureml_simulator.terminal.options import make_run_arguments, make_run_words

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Sequence
    from types import FrameType

    from kedro_azureml_simulator.events import Event
    from kedro_azureml_simulator.results import RunResult

_IMPORTED = time.monotonic()
_INTERPRETER_STARTS_S = 60
IS_WINDOWS = os.name == "nt"
COMPLETED, FAILED, USAGE, MACHINE, INTERRUPTED = 0, 1, 2, 3, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: What follows the command's name; None for this process's own.

    Returns:
        0 completed, 1 a step failed or the pipeline is wrong, 2 usage, 3 the machine failed,
        130 interrupted.
    """
    started = _find_start() if arguments is None else time.monotonic()
    options = make_parser().parse_args(arguments)
    if IS_WINDOWS and not options.validate:
        _say("steps run in Linux processes: run this command in WSL (wsl --install)")
        return MACHINE
    previous = signal.signal(signal.SIGTERM, _interrupt)
    try:
        if options.validate:
            return _validate(options)
        if options.format == "github":
            _say("--format github is for --validate")
            return USAGE
        result = _simulate(options, started)
    except SimulatorError as error:
        return _refused(error, options)
    except KeyboardInterrupt as error:
        from kedro_azureml_simulator.terminal.console import describe_interruption

        _say(
            describe_interruption(error.result if isinstance(error, RunInterruptedError) else None)
        )
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone. Nothing more can be said, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED  # as click and rich have it
    finally:
        signal.signal(signal.SIGTERM, previous)
    return COMPLETED if result.status == "completed" else FAILED


def _find_start() -> float:
    """Return when this process started, as `time.monotonic` counts.

    The printed time is what a clock beside the terminal shows, the interpreter's start included.
    """
    try:
        # The name before it may hold anything, a bracket included.
        fields = Path("/proc/self/stat").read_bytes().rpartition(b")")[2].split()
        booted_s = int(fields[19]) / os.sysconf("SC_CLK_TCK")
        started = time.monotonic() - (time.clock_gettime(time.CLOCK_BOOTTIME) - booted_s)
    except (AttributeError, OSError, ValueError, IndexError):
        return _IMPORTED  # not Linux
    # A kernel that is only imitated may say anything.
    is_likely = _IMPORTED - _INTERPRETER_STARTS_S < started < _IMPORTED
    return started if is_likely else _IMPORTED


@contextmanager
def leave_terminal_to_step(*, shared: bool) -> Iterator[None]:
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


def _validate(options: argparse.Namespace) -> int:
    from kedro_azureml_simulator.terminal.problem_output import show_problems
    from kedro_azureml_simulator.validation import validate

    given = make_run_arguments(vars(options))
    problems = validate(
        options.pipeline,
        **{name: given[name] for name in ("assets", "inputs", "components", "config")},
    )
    wrong = show_problems(problems, options.format, strict=options.strict)
    return FAILED if wrong else COMPLETED


def _simulate(options: argparse.Namespace, started: float) -> RunResult:
    from kedro_azureml_simulator.simulation import simulate

    as_json = options.format == "json"
    interactive = options.only is not None and not as_json

    def run(on_event: Callable[[Event], None] | None) -> RunResult:
        with leave_terminal_to_step(shared=interactive):
            return simulate(
                options.pipeline,
                run_dir=options.run_dir,
                project_dir=_project_dir(options),
                interactive=interactive,
                on_event=on_event,
                **make_run_arguments(vars(options)),
            )

    if as_json:
        result = run(None)
        sys.stdout.write((result.run_dir / "run.json").read_text(encoding="utf-8"))
        return result
    from rich.console import Console

    from kedro_azureml_simulator.terminal.console import report_run, show_result

    console = Console()
    with report_run(console, live=not interactive) as on_event:
        result = run(on_event)
    show_result(
        result,
        console,
        rerun=lambda step: _rerun(options, step),
        duration_s=time.monotonic() - started,
    )
    return result


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
    if options.project_dir is not None:
        words += ["--project-dir", str(options.project_dir)]
    once = dict.fromkeys(("only", "start", "keep", "no_reuse", "validate"))
    words += make_run_words({**vars(options), **once})
    return shlex.join([*words, "--only", step])


def _refused(error: SimulatorError, options: argparse.Namespace) -> int:
    from kedro_azureml_simulator.terminal.problem_output import make_error_record

    # Matched by name, so that a refusal does not import what makes environments.
    kinds = {kind.__name__ for kind in type(error).__mro__}
    code = USAGE
    if isinstance(error, MachineError):
        code = MACHINE
    elif isinstance(error, PipelineError) or "EnvironmentBuildError" in kinds:
        code = FAILED
    if options.format == "json":
        sys.stdout.write(make_error_record(error))
    else:
        _say(str(error))
    return code


def _say(text: str) -> None:
    sys.stderr.write(f"azureml-simulate: {text}\n")


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
