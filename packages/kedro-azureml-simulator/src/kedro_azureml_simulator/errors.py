"""What can go wrong before or around a run, as exceptions that carry their facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kedro_azureml_simulator.problems import Problem
    from kedro_azureml_simulator.results import RunResult


class SimulatorError(Exception):
    """The root of this package's errors; each class of them states its `blame`.

    Args:
        message: What is wrong, one sentence.
        hint: What to do about it; may be empty.
    """

    blame: ClassVar[Literal["user", "machine"]] = "user"
    """Who must act: the user, or the machine, where the same run may succeed later."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  {self.hint}" if self.hint else self.message


class PipelineError(SimulatorError):
    """The pipeline is invalid, or asks for something that the simulator cannot do.

    Nothing has run and nothing was written.

    Args:
        pipeline_file: The YAML file.
        problems: Everything that was found: at least one error, or a warning that is one
            because warnings are errors.
    """

    blame = "user"

    def __init__(self, pipeline_file: Path, problems: Sequence[Problem]) -> None:
        errors = sum(problem.severity == "error" for problem in problems)
        warnings = sum(problem.severity == "warning" for problem in problems)
        number, what = (errors, "problem") if errors else (warnings, "warning")
        count = f"{number} {what}{'' if number == 1 else 's'}"
        if not errors:
            count += ", and warnings are errors here (strict)"
        lines = "\n".join(f"  - {problem}" for problem in problems)
        super().__init__(f"{pipeline_file}: {count}\n{lines}")
        self.pipeline_file = pipeline_file
        self.problems = tuple(problems)


class RunFolderError(SimulatorError):
    """The run folder cannot be used; it was left untouched.

    Args:
        message: What is wrong.
        run_dir: The folder that was asked for.
        hint: What to do about it.
    """

    blame = "user"

    def __init__(self, message: str, *, run_dir: Path, hint: str) -> None:
        super().__init__(message, hint=hint)
        self.run_dir = run_dir


class InterpreterError(SimulatorError):
    """The Python that the steps should use does not exist or does not run.

    Args:
        message: What is wrong.
        python: The interpreter that was asked for.
        hint: What to do about it.
    """

    blame = "user"

    def __init__(self, message: str, *, python: Path, hint: str) -> None:
        super().__init__(message, hint=hint)
        self.python = python


class MachineError(SimulatorError):
    """This machine failed, not the pipeline: no bash, no space, no permission."""

    blame = "machine"


class SelectionError(SimulatorError):
    """The steps that were asked for do not exist, or cannot run by themselves."""

    blame = "user"


class RunInterruptedError(KeyboardInterrupt):
    """The run was interrupted; every process of it has ended.

    Args:
        result: What had come of it by then.
    """

    def __init__(self, result: RunResult) -> None:
        super().__init__("the run was interrupted")
        self.result = result


class BrokenLinkError(SimulatorError):
    """A folder that should travel holds a symbolic link that leads nowhere.

    Args:
        link: The symbolic link.
    """

    blame = "user"

    def __init__(self, link: Path) -> None:
        super().__init__(
            f"{link} is a symbolic link that leads nowhere, or back to itself",
            hint="replace the link by what it should lead to: links do not travel to Azure ML",
        )
        self.link = link
