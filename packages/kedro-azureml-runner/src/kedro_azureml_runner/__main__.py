"""Entry point of a step: `python .kedro-azureml ...` or `python -m kedro_azureml_runner ...`."""

from __future__ import annotations

import os
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from kedro_azureml_runner.failure_line import find_root_cause, write_failure_line
from kedro_azureml_runner.image_check import find_image_problems, read_requirements
from kedro_azureml_runner.logging_folders import make_logging_folders
from kedro_azureml_runner.protocol.invocation import StepInvocation
from kedro_azureml_runner.protocol.notification import FINISH, VARIABLE, WITHOUT_NODES
from kedro_azureml_runner.protocol.promoted import InvocationError, PromotedValueError
from kedro_azureml_runner.protocol.step_times import write_step_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kedro_azureml_runner.notifications.noted_warnings import WarningNotes
    from kedro_azureml_runner.progress import StepProgress

EXIT_FAILED = 1
EXIT_USAGE = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run the step that the arguments describe.

    Args:
        argv: The arguments; those of the process by default.

    Returns:
        The exit code: 0 when all nodes have finished and every output is there, 1 when something
        failed, 2 when the arguments are not those of a step. SIGTERM ends the process with 143.
    """
    arguments = sys.argv[1:] if argv is None else argv
    if arguments and arguments[0] in WITHOUT_NODES:
        return run_without_nodes(arguments)
    try:
        invocation = StepInvocation.from_argv(arguments, sys.stdin.buffer if sys.stdin else None)
        invocation.check_promoted()
    except PromotedValueError as error:
        print(f"Step not started: {error}", file=sys.stderr)
        notify_if_asked("failure", cause=str(error))
        return EXIT_FAILED
    except InvocationError as error:
        print(f"Step not started: {error}", file=sys.stderr)
        notify_if_asked("failure", cause=str(error))
        return EXIT_USAGE
    if invocation.promoted:
        read_from_terminal_again()
    problems = list(find_image_problems(read_requirements(Path(__file__).parents[1])))
    if problems:
        print("Step not started:", *problems, sep="\n  ", file=sys.stderr)
        notify_if_asked("failure", cause=" ".join(problems))
        return EXIT_FAILED

    write_step_time("started", sys.stderr)
    notify_if_asked("start")
    make_logging_folders(Path.cwd())
    # Kedro is imported only now: without it in the image the lines above have said so.
    from kedro_azureml_runner.runner import AzurePipelinesRunner
    from kedro_azureml_runner.step import run_step
    from kedro_azureml_runner.termination import end_on_sigterm

    runner = AzurePipelinesRunner(
        inputs=invocation.inputs,
        outputs=invocation.outputs,
        order_outputs=invocation.order_outputs,
        reaches=invocation.reaches,
    )
    end_on_sigterm(runner.progress.where)
    notes = note_warnings_if_asked(runner.progress)
    try:
        run_step(invocation, runner)
    except (Exception, SystemExit) as error:  # a node that exits has left no outputs
        sys.stdout.flush()
        failure = write_failure_line(error, runner.progress.where())
        print(failure, file=sys.stderr)
        traceback.print_exc()
        sys.stderr.flush()  # the receiver may take its time, and the log is there before
        dataset = runner.progress.dataset or getattr(error, "dataset", None)
        notify_of_failure(error, runner.progress.node, dataset)
        write_step_time("ended", sys.stderr)
        print(failure, file=sys.stderr)  # again: who looks at a log looks at its end first
        return EXIT_FAILED
    if invocation.order_outputs and VARIABLE in os.environ:
        from kedro_azureml_runner.notifications.finishing import leave_signs

        leave_signs(invocation.order_outputs, notes)
    with suppress(OSError, ValueError):  # so that what nodes have printed comes before it
        if sys.stdout is not None:
            sys.stdout.flush()
    write_step_time("ended", sys.stderr)
    return 0


def run_without_nodes(arguments: Sequence[str]) -> int:
    """Run a step that only waits for others, to announce the end or for the one that does.

    Args:
        arguments: Its arguments; the first says which.

    Returns:
        The exit code.
    """
    from kedro_azureml_runner.notifications.finishing import announce_end, gather

    write_step_time("started", sys.stderr)
    code = (announce_end if arguments[0] == FINISH else gather)(arguments[1:])
    write_step_time("ended", sys.stderr)
    return code


def note_warnings_if_asked(progress: StepProgress) -> WarningNotes | None:
    """Note from now on what nodes warn of, if the job asks for it.

    Args:
        progress: What the step is doing.
    """
    if VARIABLE not in os.environ:
        return None
    from kedro_azureml_runner.notifications.finishing import note_warnings

    return note_warnings(progress)


def notify_if_asked(event: str, **facts: str | None) -> None:
    """Send a message about the job; without settings for it, nothing of it is even imported.

    Args:
        event: `start` or `failure`.
        facts: What is known of it.
    """
    if VARIABLE in os.environ:
        from kedro_azureml_runner.notifications.sending import notify

        notify(event, **facts)


def notify_of_failure(error: BaseException, node: str | None, dataset: str | None) -> None:
    """Send a message about what has ended the step.

    Args:
        error: The error; its root cause is named.
        node: The node at work.
        dataset: The dataset that it was loading or saving.
    """
    if VARIABLE in os.environ:
        from kedro_azureml_runner.notifications.sending import shorten_cause

        cause = shorten_cause(find_root_cause(error))
        notify_if_asked("failure", node=node, dataset=dataset, cause=cause)


def read_from_terminal_again() -> None:
    """Let a debugger read from the terminal, in whose place a here-document was; if there is one.

    There is in a simulation of this step alone, and never in Azure ML.
    """
    if sys.stdin is None or sys.stdout is None or not sys.stdout.isatty():
        return
    os.dup2(sys.stdout.fileno(), 0)  # a terminal is open for both
    sys.stdin = open(0, encoding=sys.stdin.encoding, closefd=False)  # noqa: SIM115  (for the step)


if __name__ == "__main__":
    sys.exit(main())
