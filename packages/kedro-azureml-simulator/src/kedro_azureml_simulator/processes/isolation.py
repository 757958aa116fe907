"""What a step sees of this machine: its mount namespace, and the line that says what it is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kedro_azureml_simulator.processes.processes import View

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from kedro_azureml_simulator.run_places import RunFolder, StepFolder

_SYSTEM = ("/usr", "/bin", "/lib", "/etc", "/proc", "/dev")


@dataclass(frozen=True)
class Isolation:
    """How steps are kept from what a container would not show them.

    Args:
        folder: The run folder.
        project_dir: A folder that no step should see; None for none.
        refusal: Why there is no mount namespace; empty where there is.
    """

    folder: RunFolder
    project_dir: Path | None
    refusal: str

    @property
    def is_on(self) -> bool:
        """Whether each step has its own mount namespace."""
        return not self.refusal

    @property
    def line(self) -> str:
        """What the run says about it."""
        project = f"{self.project_dir} and " if self.project_dir else ""
        if self.refusal:
            return (
                f"not isolated ({self.refusal}): steps can see {project}the folders of other"
                " steps; a change to a read-only input is found afterwards, by digest"
            )
        if self.project_dir and not self._hides_project:
            return (
                f"isolated in part: {self.project_dir} holds this machine's own programs and"
                " cannot be hidden; the folders of other steps are hidden, inputs are read-only"
            )
        return (
            f"isolated: {project}the folders of other steps are hidden, inputs are read-only;"
            " the rest of this machine and its network are visible"
        )

    @property
    def _hides_project(self) -> bool:
        project = self.project_dir
        return project is not None and not any(
            Path(name).is_relative_to(project) for name in _SYSTEM
        )

    def view(
        self,
        step: StepFolder,
        mounts: Sequence[tuple[Path, Path]],
        reveal: Collection[Path],
    ) -> View | None:
        """Return what one step sees; None where there is no mount namespace.

        Args:
            step: Its folder.
            mounts: Pairs of data and the place where the step finds it, read-only.
            reveal: What must stay visible: the interpreter that the step uses.
        """
        if not self.is_on:
            return None
        hide = [self.folder.path]
        if self.project_dir is not None and self._hides_project and self.project_dir.is_dir():
            project = self.project_dir
            inside = self.folder.path.is_relative_to(project)
            hide = [project] if inside else [project, self.folder.path]
        kept = [*reveal, self.folder.scratch]
        binds = [(path, path, False) for path in kept if _is_below(path, hide) and path.exists()]
        binds += [(path, path, False) for path in (step.path, self.folder.path / "mlruns")]
        return View(hide, [*binds, *((source, place, True) for source, place in mounts)])


def _is_below(path: Path, folders: Collection[Path]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)
