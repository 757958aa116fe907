"""Write what came of a verification: as a table or lines to be read, and as JSON for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kedro_azureml_simulator import write_left_behind_note

from kedro_azureml_cli.verification.project_process import read_end_of_log
from kedro_azureml_cli.verification.run_comparison import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from kedro_azureml_simulator import StepResult
    from rich.console import Console

    from kedro_azureml_cli.verification.run_comparison import ComparedDataset
    from kedro_azureml_cli.verification.verify import Verification

FORMAT = 1
"""Number of the JSON document's form; another one when a field changes its meaning or goes."""

DOCUMENT = "verification.json"
"""Name of the JSON document in the run folder."""

_STYLES = {
    Outcome.SAME: "green",
    Outcome.DIFFERENT: "bold red",
    Outcome.NOT_DETERMINISTIC: "yellow",
    Outcome.NOT_COMPARED: "yellow",
}


def show_verification(verification: Verification, console: Console) -> None:
    """Show what came of it: a table on a terminal, a line for each dataset elsewhere.

    Args:
        verification: The result.
        console: Where to.
    """
    from rich.text import Text

    if console.is_terminal:
        console.print(_table(verification.datasets))
    else:
        for line in as_lines(verification.datasets):
            console.print(Text(line), soft_wrap=True)
    for note in map(write_left_behind_note, verification.simulation.steps):
        if note:
            console.print(Text(note, style="yellow"), soft_wrap=True)
    if verification.local.exit_code:
        console.print(Text(_local_failure(verification), style="bold red"), soft_wrap=True)
        for line in read_end_of_log(verification.local.log_path):
            console.print(Text("  ") + Text.from_ansi(line), soft_wrap=True, highlight=False)
    if verification.result == "different" or verification.count(Outcome.NOT_DETERMINISTIC):
        where = f"Compare both: {verification.local.project}, {verification.simulation.run_dir}"
        console.print(Text(where), soft_wrap=True)
    style = {"same": "green", "different": "bold red", "failed": "bold red"}[verification.result]
    console.print(Text(summarize(verification), style=style), soft_wrap=True)


def as_lines(datasets: Iterable[ComparedDataset]) -> list[str]:
    """Return a line for each dataset, the outcome first.

    Args:
        datasets: What was compared.

    Example:
        >>> from kedro_azureml_cli.verification.run_comparison import ComparedDataset
        >>> dataset = ComparedDataset("x", "make_x", "in memory", Outcome.SAME, "bytes")
        >>> as_lines([dataset])
        ["same: x, in memory, from the step 'make_x' (bytes)"]
    """
    return [
        f"{each.outcome.value}: {each.name}, {each.kind}, from the step '{each.step}'"
        f" ({each.detail})"
        for each in datasets
    ]


def summarize(verification: Verification) -> str:
    """Return the result in one line.

    Args:
        verification: The result.
    """
    total = len(verification.datasets)
    same = verification.count(Outcome.SAME)
    parts = [f"{same} of {total} datasets {'is' if same == 1 else 'are'} the same"]
    if not total:
        parts = ["no data crosses a step or leaves the job"]
    parts += [
        f"{count} {outcome.value}"
        for outcome in (Outcome.DIFFERENT, Outcome.NOT_DETERMINISTIC, Outcome.NOT_COMPARED)
        if (count := verification.count(outcome))
    ]
    failures = []
    if verification.local.exit_code:
        failures.append("the local run")
    if verification.simulation.status != "completed":
        failures.append("the job in Azure ML" if verification.against else "the simulation")
    if not (failures or verification.proves_something):
        parts.append("nothing was proved")
    result = ", ".join(parts)
    if failures:
        failed = f"{' and '.join(failures)} failed"
        return f"Could not verify the job '{verification.job}': {failed}; {result}."
    return f"Verified the job '{verification.job}': {result}."


def as_json(verification: Verification) -> str:
    """Return the result as a JSON document; paths in `run_dir` are relative to it.

    Args:
        verification: The result.

    Returns:
        `format`; `job`; `against`, the job in Azure ML, if that was compared; `result` (`same`,
        `different` or `failed`); `counts` by outcome; `datasets`, each with `name`, `step`, `kind`,
        `outcome`, `detail`, and its places `local` and `simulated`; `local_run` and `simulation`,
        with what has failed there; `run_dir`.
    """
    run_dir = verification.simulation.run_dir
    local, simulation = verification.local, verification.simulation

    def place(path: Path | None) -> str | None:
        if path is None:
            return None
        return (path.relative_to(run_dir) if path.is_relative_to(run_dir) else path).as_posix()

    def failure(step: StepResult) -> dict[str, Any]:
        return {
            "step": step.display_name,
            "exit_code": step.exit_code,
            "message": step.message,
            "log": place(step.log_path),
            "end_of_log": read_end_of_log(step.log_path) if step.log_path else [],
        }

    document = {
        "format": FORMAT,
        "job": verification.job,
        **({"against": verification.against} if verification.against else {}),
        "result": verification.result,
        "counts": {
            outcome.value.replace(" ", "_"): verification.count(outcome) for outcome in Outcome
        },
        "datasets": [
            {
                "name": each.name,
                "step": each.step,
                "kind": each.kind,
                "outcome": each.outcome.value,
                "detail": each.detail,
                "local": place(each.local),
                "simulated": place(each.simulated),
            }
            for each in verification.datasets
        ],
        "local_run": {
            "exit_code": local.exit_code,
            "duration_s": round(local.duration_s, 3),
            "log": place(local.log_path),
            "end_of_log": read_end_of_log(local.log_path) if local.exit_code else [],
        },
        "simulation": {
            "status": simulation.status,
            "duration_s": round(simulation.duration_s, 3),
            "failed_steps": [failure(s) for s in simulation.steps if s.status == "failed"],
            "left_behind": [
                {"step": step.display_name, "files": list(step.left_behind)}
                for step in simulation.steps
                if step.left_behind
            ],
        },
        "run_dir": run_dir.as_posix(),
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def describe_failure(job: str, error: Exception) -> str:
    """Return the JSON document of a job that could not be verified: its error, and no datasets.

    Args:
        job: Name of the job.
        error: What went wrong before there was a result.
    """
    document = {"format": FORMAT, "job": job, "result": "failed", "error": str(error)}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _local_failure(verification: Verification) -> str:
    local = verification.local
    return f"the local run failed with exit code {local.exit_code}; its log: {local.log_path}"


def _table(datasets: Iterable[ComparedDataset]) -> Any:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table("Dataset", "From step", "Kind", "Result", box=box.SIMPLE_HEAD, show_edge=False)
    for each in datasets:
        result = Text(each.outcome.value, style=_STYLES[each.outcome])
        result.append(f" ({each.detail})", style="dim")
        table.add_row(Text(each.name), Text(each.step), Text(each.kind), result)
    return table
