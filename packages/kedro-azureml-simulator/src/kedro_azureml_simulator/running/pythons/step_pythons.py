"""Which interpreter each step gets: one for all, one that is given by name, or one made here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kedro_azureml_simulator.errors import SimulatorError
from kedro_azureml_simulator.pipeline.model import InlineEnvironment
from kedro_azureml_simulator.pipeline.section import did_you_mean
from kedro_azureml_simulator.pipeline.steps.environment_parsing import read_requirements
from kedro_azureml_simulator.references import find_mapped, list_spellings
from kedro_azureml_simulator.running.pythons.interpreters import (
    Interpreter,
    check_python,
    make_step_path,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    from kedro_azureml_simulator.planning.plan import PlannedStep


@dataclass(frozen=True)
class StepPython:
    """What `python` means in a step: PATH, and the folders that must be visible."""

    path: str
    folders: tuple[Path, ...]
    interpreter: Path | None


OF_THE_IMAGE = StepPython("", (), None)
"""In a container the image's own PATH counts."""


def find_image(step: PlannedStep, images: Mapping[str, str]) -> str | None:
    """Return the image that a step runs in; None where it is not known.

    Args:
        step: The step.
        images: Images by names of environments, which win over the YAML.
    """
    given = find_mapped(step.environment, images) if isinstance(step.environment, str) else None
    return given or step.image


def refuse_unused_names(steps: Collection[PlannedStep], names: Collection[str]) -> None:
    """Refuse names of environments that no step has: what is given for them would have no effect.

    Args:
        steps: All steps of the pipeline.
        names: The names for which an interpreter, a file or an image is given.

    Raises:
        SimulatorError: No step has an environment of such a name.
    """
    known = {step.environment for step in steps if isinstance(step.environment, str)}
    for name in names:
        if not any(find_mapped(reference, {name: name}) for reference in known):
            raise SimulatorError(
                f"no step has the environment `{name}`, for which something is given",
                hint=did_you_mean(name, {list_spellings(reference)[-1] for reference in known}),
            )


class StepPythons:
    """The interpreters of a run's steps.

    Args:
        python: The interpreter of all steps that have none of their own; None for what an
            inline environment describes, or else what PATH finds.
        given: For names of environments, with or without a version, an interpreter, a
            requirements file or a conda file.

    Raises:
        InterpreterError: An interpreter does not run.
        SimulatorError: A file cannot be read.
    """

    def __init__(self, python: Path | None, given: Mapping[str, Path]) -> None:
        self._python = None if python is None else check_python(python)
        self._given: dict[str, Interpreter | InlineEnvironment] = {}
        for name, path in given.items():
            if not path.exists():
                raise SimulatorError(
                    f"{path}, given for the environment {name}, does not exist",
                    hint="give a requirements.txt, a conda file, or the path of an interpreter",
                )
            is_program = path.suffix not in {".txt", ".yml", ".yaml", ".in"}
            self._given[name] = check_python(path) if is_program else read_requirements(path)

    def choice(self, step: PlannedStep) -> Interpreter | InlineEnvironment | None:
        """Return what a step asks for: an interpreter, one to be made, or None for PATH's."""
        environment = step.environment
        given = find_mapped(environment, self._given) if isinstance(environment, str) else None
        if given is not None:
            return given
        if self._python is not None:
            return self._python
        return environment if isinstance(environment, InlineEnvironment) else None

    def make(
        self,
        steps: Collection[PlannedStep],
        build: Callable[[InlineEnvironment], Path],
        on_path: Interpreter | None,
        shims: Path,
    ) -> dict[str, StepPython]:
        """Return what each step gets, by the step's name; makes what is missing.

        Args:
            steps: The steps that will run.
            build: Makes an environment, and returns its interpreter.
            on_path: The interpreter that PATH finds.
            shims: A folder for small scripts.
        """
        made: dict[Interpreter | InlineEnvironment | None, StepPython] = {}
        found = {}
        for step in steps:
            choice = self.choice(step)
            if choice not in made:
                own = choice
                if isinstance(own, InlineEnvironment):
                    own = check_python(build(own))
                used = own or on_path
                made[choice] = StepPython(
                    make_step_path(own.path if own else None, shims / str(len(made))),
                    used.folders if used else (),
                    used.path if used else None,
                )
            found[step.name] = made[choice]
        return found
