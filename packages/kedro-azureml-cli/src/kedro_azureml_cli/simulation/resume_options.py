"""The options that resume an earlier run."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

if TYPE_CHECKING:
    from collections.abc import Mapping

Command = Callable[..., object]


class ResumeOptions(NamedTuple):
    """What a command goes on from.

    Args:
        earlier: The folder of the earlier run; None for a run from the start.
        accept_code_changes: Whether completed nodes are taken over though the code differs.
    """

    earlier: Path | None = None
    accept_code_changes: bool = False


def resume_options(command: Command) -> Command:
    """Add the options of a simulation that goes on from an earlier one.

    The command gets `ResumeOptions`.
    """

    @wraps(command)
    def with_value(
        *args: object, resume: Path | None, accept_code_changes: bool, **others: object
    ) -> object:
        return command(*args, resume=ResumeOptions(resume, accept_code_changes), **others)

    accept = click.option(
        "--accept-code-changes",
        is_flag=True,
        help="With --resume: take over what completed though the code has changed.",
    )
    resume = click.option(
        "--resume",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="RUN_FOLDER",
        help="Run only what the simulation in this folder has not done, or what has changed since;"
        " --from-nodes then names nodes that run again in any case.",
    )
    decorated: Command = resume(accept(with_value))
    return decorated


def refuse_odd_resumes(run: Mapping[str, Any], resume: ResumeOptions, run_dir: Path | None) -> None:
    """Refuse options that do not go together.

    Args:
        run: The values of the options of a run, by `RunOption.argument`.
        resume: What the command goes on from.
        run_dir: The folder of the run, if the command names one.

    Raises:
        UsageError: They do not.
    """
    if resume.earlier is None:
        if resume.accept_code_changes:
            raise click.UsageError("--accept-code-changes belongs to --resume.")
        return
    for name, value in (("--only", run["only"]), ("--from", run["start"])):
        if value is not None:
            raise click.UsageError(f"{name} and --resume cannot be used together.")
    if run_dir is not None and os.path.realpath(run_dir) == os.path.realpath(resume.earlier):
        raise click.UsageError(
            "--run-dir and --resume name the same folder; its data would be removed before it is"
            " read. Name another folder with --run-dir, or none."
        )
