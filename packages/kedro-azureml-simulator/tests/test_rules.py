"""Every rule of the page of limits refuses a job."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from kedro_azureml_simulator import validate
from kedro_azureml_simulator.pipeline.rules import RULES

if TYPE_CHECKING:
    from conftest import Project

RUN = {"type": "command", "command": "true", "environment": "azureml:any:1"}
OUT = {"y": {"type": "uri_folder"}}
PARALLEL = {
    "type": "parallel",
    "inputs": {"d": {"path": "data"}},
    "input_data": "${{inputs.d}}",
    "task": {"type": "run_function", "entry_script": "x.py", "environment": "azureml:any:1"},
}


def component(step: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    return {"component": {**RUN, **fields}, **(step or {})}


JOBS: dict[str, dict[str, Any]] = {
    "cycle": {"a": {**RUN, "inputs": {"x": "${{parent.jobs.a.outputs.y}}"}, "outputs": OUT}},
    "command-empty": {"a": {**RUN, "command": " "}},
    "compute-local": {"a": {**RUN, "compute": "local"}},
    "contract": {"a": component({"inputs": {"n": "x"}}, inputs={"n": {"type": "integer"}})},
    "expression-undefined": {"a": {**RUN, "command": "echo ${{inputs.x}}"}},
    "labels": {"a": {**RUN, "display_name": "x" * 257}},
    "no-steps": {},
    "output-text": {"a": {**RUN, "outputs": {"y": "hello"}}},
    "parallel": {"a": {**PARALLEL, "input_data": "${{inputs.e}}"}},
    "two-writers": {
        name: {**RUN, "outputs": {"y": "${{parent.outputs.z}}"}} for name in ("a", "b")
    },
    "version-twice": {
        name: {**RUN, "outputs": {"y": {"name": "m", "version": "1"}}} for name in ("a", "b")
    },
    "too-many-ports": {"a": {**RUN, "outputs": {f"o{n}": None for n in range(21)}}},
    "trials": {
        "a": {
            "type": "sweep", "trial": RUN, "search_space": {}, "limits": {"max_total_trials": 1},
            "objective": {"goal": "minimize", "primary_metric": "m"},
        }
    },
    "asset-version": {"a": {**RUN, "inputs": {"x": {"path": "azureml:numbers"}}}},
    "binding-target": {"a": {**RUN, "inputs": {"x": "${{parent.jobs.b.outputs.y}}"}}},
    "binding-form": {"a": {**RUN, "inputs": {"x": "${{inputs.y}}"}}},
    "input-value": {"a": {**RUN, "inputs": {"x": {"type": "uri_folder"}}}},
    "local-data": {"a": {**RUN, "inputs": {"x": {"path": "nowhere"}}}},
    "port-name": {"a": {**RUN, "outputs": {"a-b": None}}},
    "ray": {"a": {**RUN, "distribution": {"type": "ray"}}},
    "literal-output": {"a": component(outputs={"n": {"type": "integer"}})},
    "model-task": {"a": {**PARALLEL, "task": {**PARALLEL["task"], "type": "model"}}},
    "remote-code": {"a": {**RUN, "code": "git+https://example.com/x.git"}},
    "remote-component": {"a": {"component": "azureml:train:1"}},
    "remote-data": {"a": {**RUN, "inputs": {"x": {"path": "azureml:numbers:1"}}}},
    "remote-include": {"a": component(additional_includes=[{"type": "artifact"}])},
    "tabular": {"a": {**PARALLEL, "mini_batch_size": "10kb"}},
    "flow": {
        "a": {
            "type": "parallel",
            "component": {
                "$schema": "https://azuremlschemas.azureedge.net/promptflow/latest/Flow.schema.json"
            },
        }
    },
    "file-name": {"a" * 300: RUN},
    "process": {"a": {**RUN, "environment_variables": {"A=B": "c"}}},
    **{
        kind: {"a": {"type": kind}}
        for kind in (
            "automl", "data_transfer", "do_while", "finetuning", "if_else", "import",
            "parallel_for", "spark",
        )
    },
}  # fmt: skip


@pytest.mark.parametrize("rule", sorted(set(RULES) - {"too-many-steps"}))
def test_a_rule_refuses_its_job(project: Project, rule: str) -> None:
    project.write("data/a", "x")

    problems = validate(project.pipeline(JOBS[rule], outputs={"z": None}))

    assert rule in {problem.rule for problem in problems}


def test_more_steps_than_azure_ml_takes_are_refused(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kedro_azureml_simulator.planning.plan_run._STEPS", 1)

    problems = validate(project.pipeline({"a": RUN, "b": RUN}))

    assert [problem.rule for problem in problems] == ["too-many-steps"]
