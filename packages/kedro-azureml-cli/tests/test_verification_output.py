"""What is shown of a verification, and when it passes."""

import io
import json
from pathlib import Path

import pytest
from kedro_azureml_cli.verification.local_run import LocalRun
from kedro_azureml_cli.verification.run_comparison import ComparedDataset, Outcome
from kedro_azureml_cli.verification.verification_output import as_json, show_verification, summarize
from kedro_azureml_cli.verification.verify import Verification
from kedro_azureml_simulator import RunResult, StepResult
from rich.console import Console

RUN = Path("/runs/j")
PLAIN = {
    Outcome.SAME: "bytes",
    Outcome.DIFFERENT: "1 locally, [bold]2[/bold] in the job",
    Outcome.NOT_DETERMINISTIC: "1 locally, 2 in the job; two local runs differ, too",
    Outcome.NOT_COMPARED: "it cannot be loaded",
}


def verified(
    *given: Outcome, exit_code: int = 0, step: str = "completed", left: tuple[str, ...] = ()
) -> Verification:
    datasets = tuple(
        ComparedDataset(
            f"d{i}", "make", "in memory", outcome, PLAIN[outcome], RUN / "local/d", Path("/x/d")
        )
        for i, outcome in enumerate(given)
    )
    steps = (StepResult("make", "make", step, exit_code=None, message="why", left_behind=left),)
    run = RunResult("completed" if step == "completed" else "failed", steps, {}, {}, RUN, 2.5)
    local = LocalRun(RUN / "local/project", exit_code, 1.25, RUN / "local/log.txt")
    return Verification("j", datasets, local, run)


def shown(verification: Verification, *, terminal: bool) -> str:
    file = io.StringIO()
    show_verification(verification, Console(file=file, force_terminal=terminal, width=100))
    return file.getvalue()


@pytest.mark.parametrize(
    ("verification", "result", "passes", "passes_strictly"),
    [
        (verified(Outcome.SAME), "same", True, True),
        (verified(), "same", True, False),
        (verified(Outcome.NOT_COMPARED), "same", True, False),
        (verified(Outcome.SAME, Outcome.NOT_DETERMINISTIC), "same", True, False),
        (verified(Outcome.SAME, Outcome.NOT_COMPARED), "same", True, False),
        (verified(Outcome.SAME, Outcome.DIFFERENT), "different", False, False),
        (verified(Outcome.SAME, exit_code=1), "failed", False, False),
        (verified(Outcome.SAME, step="failed"), "failed", False, False),
    ],
)
def test_only_known_differences_fail_unless_it_is_strict(
    verification, result, passes, passes_strictly
):
    assert verification.result == result
    assert verification.passes() is passes
    assert verification.passes(strict=True) is passes_strictly


def test_a_terminal_gets_a_table_and_a_file_a_line_each():
    verification = verified(Outcome.SAME, Outcome.DIFFERENT)
    assert shown(verification, terminal=False).splitlines() == [
        "same: d0, in memory, from the step 'make' (bytes)",
        "different: d1, in memory, from the step 'make' (1 locally, [bold]2[/bold] in the job)",
        "Compare both: /runs/j/local/project, /runs/j",
        "Verified the job 'j': 1 of 2 datasets is the same, 1 different.",
    ]
    table = shown(verification, terminal=True)
    for word in ("Dataset", "From step", "Kind", "Result", "d1", "[bold]2[/bold]"):
        assert word in table


def test_the_summary_counts_what_there_is():
    assert summarize(verified(Outcome.SAME, Outcome.SAME)) == (
        "Verified the job 'j': 2 of 2 datasets are the same."
    )
    assert summarize(verified()) == (
        "Verified the job 'j': no data crosses a step or leaves the job, nothing was proved."
    )
    assert summarize(verified(Outcome.NOT_COMPARED, Outcome.NOT_DETERMINISTIC)) == (
        "Verified the job 'j': 0 of 2 datasets are the same, 1 not deterministic, 1 not compared,"
        " nothing was proved."
    )
    assert summarize(verified(Outcome.NOT_COMPARED, exit_code=1, step="failed")) == (
        "Could not verify the job 'j': the local run and the simulation failed; "
        "0 of 1 datasets are the same, 1 not compared."
    )


def test_the_document_has_relative_paths_and_all_that_failed():
    document = json.loads(as_json(verified(Outcome.DIFFERENT, exit_code=3, step="failed")))
    assert list(document) == [
        "format", "job", "result", "counts", "datasets", "local_run", "simulation", "run_dir",
    ]  # fmt: skip
    assert document["datasets"] == [
        {
            "name": "d0", "step": "make", "kind": "in memory", "outcome": "different",
            "detail": PLAIN[Outcome.DIFFERENT], "local": "local/d", "simulated": "/x/d",
        }
    ]  # fmt: skip
    assert document["local_run"] == {
        "exit_code": 3, "duration_s": 1.25, "log": "local/log.txt", "end_of_log": [],
    }  # fmt: skip
    assert document["simulation"]["failed_steps"] == [
        {"step": "make", "exit_code": None, "message": "why", "log": None, "end_of_log": []}
    ]


def test_what_a_step_leaves_behind_is_a_note_and_no_failure():
    verification = verified(Outcome.SAME, left=("data/a.csv", "data/b.csv"))
    assert verification.passes(strict=True)
    note = "note: make left data/a.csv, data/b.csv in its working directory, and no output carries "
    assert f"{note}them" in shown(verification, terminal=False).splitlines()
    document = json.loads(as_json(verification))
    assert document["simulation"]["left_behind"] == [
        {"step": "make", "files": ["data/a.csv", "data/b.csv"]}
    ]
