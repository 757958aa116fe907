"""What came of a run and of each of its steps, and how `run.json` says it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from kedro_azureml_simulator.__about__ import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kedro_azureml_simulator.problems import Problem

StepStatus: TypeAlias = Literal["completed", "failed", "canceled", "skipped"]
RunStatus: TypeAlias = Literal["completed", "failed"]
FORMAT = 1


@dataclass(frozen=True)
class StepResult:
    """What came of one step.

    Args:
        name: The step's key under `jobs:`.
        display_name: Its `display_name`, or its name.
        status: completed; failed; canceled, when it was ended because of something else;
            skipped, when it was never started.
        exit_code: The exit code of its command, 128 + n for one that signal n ended; None
            where the command did not end by itself.
        duration_s: From its start to its end, in seconds; 0 for a skipped step.
        log_path: What it wrote to stdout and stderr; None for a step that wrote nothing.
        outputs: What it wrote, by output port, where that exists.
        message: Why it did not complete, empty where it did.
        command: The line that bash got; as it stands in the YAML for a skipped step.
        reused: Whether an earlier run did it, and this one only took what that had left.
        artifacts: What it left in `./outputs` and `./logs`; None for nothing.
        left_behind: Files that it created or changed in its working directory and that no output
            carries, relative to that directory. On Azure ML they vanish with the container.
    """

    name: str
    display_name: str
    status: StepStatus
    exit_code: int | None = None
    duration_s: float = 0.0
    log_path: Path | None = None
    outputs: Mapping[str, Path] = field(default_factory=dict)
    message: str = ""
    command: str = ""
    reused: bool = False
    artifacts: Path | None = None
    left_behind: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunResult:
    """What came of a run.

    Args:
        status: completed, or failed when any step that was to run did not complete.
        steps: All steps, in the order of the YAML.
        registered: The assets that outputs registered: `name:version` to a file or folder,
            ready to be given as `assets` to another simulation.
        outputs: The pipeline's outputs, where the step that writes them completed.
        run_dir: The run folder.
        duration_s: The whole run, in seconds.
        isolation: One line that says what the steps could not see, and what they could.
        warnings: What looks wrong in the pipeline, and what is worth knowing about it.
        undeleted: What is in the run folder though nobody needs it, because it could not be
            deleted.

    Example:
        >>> from pathlib import Path
        >>> train = StepResult("train", "train", "completed", outputs={"model": Path("run/model")})
        >>> result = RunResult("completed", (train,), {}, {}, Path("run"), duration_s=1.5)
        >>> result["train"].outputs["model"].as_posix()
        'run/model'
    """

    status: RunStatus
    steps: tuple[StepResult, ...]
    registered: Mapping[str, Path]
    outputs: Mapping[str, Path]
    run_dir: Path
    duration_s: float
    isolation: str = ""
    warnings: tuple[Problem, ...] = ()
    undeleted: tuple[Path, ...] = ()

    def __getitem__(self, step: str) -> StepResult:
        """Return the result of a step, by its full name or its display name."""
        for wanted in ("name", "display_name"):
            for result in self.steps:
                if getattr(result, wanted) == step:
                    return result
        raise KeyError(step)


def run_record(
    *,
    pipeline: str,
    status: str,
    started_at: str,
    duration_s: float,
    steps: tuple[StepResult, ...],
    registered: Mapping[str, Path],
    outputs: Mapping[str, Path],
    run_dir: Path,
    isolation: str = "",
    warnings: tuple[Problem, ...] = (),
    message: str = "",
    undeleted: tuple[Path, ...] = (),
) -> dict[str, Any]:
    """Return the content of `run.json`, whose paths are relative to the run folder.

    Args:
        pipeline: The pipeline's name.
        status: completed, failed, canceled (the run was interrupted), or running.
        started_at: When the run started, ISO 8601 in UTC.
        duration_s: The whole run, in seconds.
        steps: All steps.
        registered: Assets, `name:version` to path.
        outputs: The pipeline's outputs.
        run_dir: The run folder, which holds all paths.
        isolation: What the steps could not see.
        warnings: What looks wrong in the pipeline.
        message: Why the run as a whole ended, where no step says it.
        undeleted: What is in the run folder because it could not be deleted.
    """

    def relative(path: Path) -> str:
        return path.relative_to(run_dir).as_posix()

    return {
        "format": FORMAT,
        "written_by": f"kedro-azureml-simulator {__version__}",
        "pipeline": pipeline,
        "status": status,
        "message": message,
        "started_at": started_at,
        "duration_s": round(duration_s, 3),
        "isolation": isolation,
        "warnings": [str(warning) for warning in warnings],
        "steps": [
            {
                "name": step.name,
                "display_name": step.display_name,
                "status": step.status,
                "exit_code": step.exit_code,
                "reused": step.reused,
                "duration_s": round(step.duration_s, 3),
                "message": step.message,
                "command": step.command,
                "log_path": relative(step.log_path) if step.log_path else None,
                "outputs": {port: relative(path) for port, path in step.outputs.items()},
                "artifacts": relative(step.artifacts) if step.artifacts else None,
                "left_behind": list(step.left_behind),
            }
            for step in steps
        ],
        "outputs": {name: relative(path) for name, path in outputs.items()},
        "registered": {asset: relative(path) for asset, path in registered.items()},
        "undeleted": [relative(path) for path in undeleted],
    }


def read_earlier_results(record: Mapping[str, Any], run_dir: Path) -> dict[str, StepResult]:
    """Return the completed steps of a `run.json`, by their name, as results of this run.

    Args:
        record: The content of `run.json`.
        run_dir: The run folder, which holds all paths.
    """
    found = {}
    for step in record.get("steps", ()):
        if step.get("status") != "completed":
            continue
        log, artifacts = step.get("log_path"), step.get("artifacts")
        found[step["name"]] = StepResult(
            name=step["name"],
            display_name=step["display_name"],
            status="completed",
            exit_code=step["exit_code"],
            log_path=run_dir / log if log else None,
            outputs={port: run_dir / path for port, path in step["outputs"].items()},
            command=step["command"],
            reused=True,
            artifacts=run_dir / artifacts if artifacts else None,
            left_behind=tuple(step.get("left_behind", ())),
        )
    return found
