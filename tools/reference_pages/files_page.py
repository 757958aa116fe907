"""The page of the JSON files that the commands write, from what makes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from kedro_azureml_cli.verification.local_run import LocalRun
from kedro_azureml_cli.verification.run_comparison import ComparedDataset, Outcome
from kedro_azureml_cli.verification.verification_output import as_json
from kedro_azureml_cli.verification.verify import Verification
from kedro_azureml_compiler import (
    AssetFacts,
    Flow,
    Plan,
    PlannedDataset,
    PlannedStep,
    PromotedParameter,
    plan_to_dict,
)
from kedro_azureml_simulator import RunResult, StepResult
from kedro_azureml_simulator.results import run_record

from reference_pages.docstrings import read_docstring, render_cell

_HEAD = """# Files for programs

Three files hold the same facts as the terminal and the pages. Each has a `format`, a number that
changes if a key changes its meaning or goes; new keys may come at any time. Paths are relative to
the folder that the file is in, unless the table says otherwise. They are UTF-8.

This page is made from what writes the files; `nox -s docs` writes it again.
"""
_PLAN_INTRO = """## plan.json

In a bundle, `build/azureml/JOB/`, and what `kedro azureml plan --format json` prints.
"""
_RUN_INTRO = """## run.json

In the folder of a simulation: `build/azureml-runs/JOB/`, or what `--run-dir` names.
"""
_VERIFICATION_INTRO = """## verification.json

In the run folder of `verify`, and what `kedro azureml verify --format json` prints.
"""
_FORMAT = "1; changes if a key changes its meaning or goes."
_RUN = {"format": _FORMAT, "written_by": "Name and version of the package that wrote the file."}
_PLAN = {"format": _FORMAT}
_STEP_OF_PLAN = {
    "job_name": "Name of the step in the job: a key below `jobs:` in `pipeline.yml`.",
    "port_names": "Dataset name to the name of its input or output in the job.",
}
_VERIFICATION = {
    "format": _FORMAT,
    "job": "Name of the job.",
    "result": "`same`, `different`, or `failed`: one of the two runs has not come to its end.",
    "counts": "Number of datasets by outcome.",
    "datasets": "What was compared, by name; below.",
    "local_run": "`exit_code`, `duration_s`, `log`, and `end_of_log` where it has failed.",
    "simulation": "`status`, `duration_s`, `failed_steps`, and `left_behind` by step.",
    "run_dir": "The run folder, absolute.",
}


def render_files_page() -> str:
    """Return the page, as Markdown."""
    plan, run, verification = _make_plan(), _make_run(), json.loads(_make_verification())
    step, dataset = plan["steps"][0], plan["datasets"][0]
    return "\n".join(
        [
            _HEAD,
            _PLAN_INTRO,
            _tabulate("The document", plan, Plan, _PLAN),
            _tabulate("Each of `steps`", step, PlannedStep, _STEP_OF_PLAN),
            _tabulate("Each of `datasets`", dataset, PlannedDataset),
            _tabulate("The `asset` of a dataset", dataset["asset"], AssetFacts),
            _tabulate("Each of `promoted`", plan["promoted"][0], PromotedParameter),
            f"The `flow` of a dataset is one of {', '.join(f'`{flow.value}`' for flow in Flow)}.\n",
            _RUN_INTRO,
            _tabulate("The document", run, run_record, _RUN),
            _tabulate("Each of `steps`", run["steps"][0], StepResult),
            _VERIFICATION_INTRO,
            _tabulate("The document", verification, None, _VERIFICATION),
            _tabulate("Each of `datasets`", verification["datasets"][0], ComparedDataset),
            f"An `outcome` is one of {', '.join(f'`{outcome.value}`' for outcome in Outcome)}.\n",
        ]
    )


def _tabulate(
    title: str, content: dict[str, Any], documented: Any, more: dict[str, str] | None = None
) -> str:
    """Return a table of the keys. One without a meaning is a KeyError: every key has one."""
    meanings = read_docstring(documented).describe_names("Args") if documented else {}
    meanings |= more or {}
    rows = [f"| `{key}` | {render_cell(meanings[key])} |" for key in content]
    return "\n".join([f"{title}:", "", "| key | is |", "|---|---|", *rows]) + "\n"


def _make_plan() -> dict[str, Any]:
    asset = AssetFacts("birds", "1", is_file=False, root_dir="data", file="birds.csv")
    dataset = PlannedDataset("birds", Flow.VERSION, "", asset=asset)
    step, promoted = PlannedStep("fit", ("fit",)), PromotedParameter("rate", "rate", "float", 0.1)
    return plan_to_dict(Plan("training", (), (step,), (dataset,), promoted=(promoted,)))


def _make_run() -> dict[str, Any]:
    return run_record(
        pipeline="",
        status="completed",
        started_at="",
        duration_s=0.0,
        steps=(StepResult("fit", "fit", "completed"),),
        registered={},
        outputs={},
        run_dir=Path(),
    )


def _make_verification() -> str:
    compared = ComparedDataset("birds", "fit", "in memory", Outcome.SAME, "bytes")
    run = RunResult("completed", (), {}, {}, Path("runs/training"), 0.0)
    return as_json(Verification("training", (compared,), LocalRun(Path(), 0, 0.0, Path()), run))
