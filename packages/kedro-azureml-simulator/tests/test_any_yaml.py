"""Whatever a file holds: problems in words, or a plan; never a traceback."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import HealthCheck, example, given
from hypothesis import strategies as st
from kedro_azureml_simulator import PipelineError
from kedro_azureml_simulator.pipeline.parsing import parse
from kedro_azureml_simulator.planning.plan_run import plan
from stress import examples

if TYPE_CHECKING:
    from conftest import Project

WORDS = [
    "type", "inputs", "outputs", "jobs", "a", "b", "x", "command", "component", "code", "path",
    "mode", "name", "version", "default", "optional", "enum", "settings", "limits", "timeout",
    "distribution", "resources", "instance_count", "environment", "environment_variables",
    "display_name", "compute", "value", "conda_file", "dependencies", "pip", "tags",
    "additional_includes", "is_deterministic", "sweep", "parallel", "trial", "task", "input_data",
    "search_space", "values", "choice", "objective", "entry_script", "mini_batch_size",
    "process_count_per_instance", "worker_count",
]  # fmt: skip
VALUES = [
    "pipeline", "uri_folder", "uri_file", "number", "true ${{inputs.x}} $[[${{outputs.x}}]]",
    "${{parent.inputs.x}}", "${{parent.jobs.a.outputs.x}}", "${{parent.jobs.b.outputs.x}}",
    "${{parent.outputs.x}}", "azureml:x:1", "azureml:x", "./", "nul\0", "", "ro_mount", "pytorch",
    "\ud800",
]  # fmt: skip
SCALARS = (
    st.none() | st.booleans() | st.integers(-2, 2) | st.floats() | st.dates()
    | st.sampled_from(VALUES + WORDS)
)  # fmt: skip
KEYS = st.sampled_from(WORDS) | st.none() | st.integers(0, 1)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=20,
)
PORTS = st.dictionaries(st.sampled_from(["x", "a"]), TREES, max_size=2)
STEPS = TREES | st.fixed_dictionaries(
    {},
    optional={
        "type": st.just("command"), "command": st.sampled_from(VALUES), "inputs": PORTS,
        "outputs": PORTS, "code": st.sampled_from(VALUES), "limits": TREES,
        "distribution": TREES, "resources": TREES, "environment_variables": TREES,
        "environment": TREES | st.fixed_dictionaries({"conda_file": TREES}), "tags": TREES,
        "component": TREES | st.fixed_dictionaries(
            {"command": st.sampled_from(VALUES)}, optional={"inputs": PORTS, "outputs": PORTS}
        ),
    },
)  # fmt: skip
JOBS = st.fixed_dictionaries(
    {"type": st.just("pipeline")},
    optional={
        "jobs": TREES | st.dictionaries(st.sampled_from(["a", "b"]), STEPS, min_size=1),
        "inputs": TREES | PORTS,
        "outputs": TREES | PORTS,
        "settings": TREES,
        "display_name": TREES,
    },
)


@examples(150, suppress_health_check=list(HealthCheck))
@given(content=JOBS | TREES)
@example(content={"type": "pipeline", "jobs": {"a": {"search_space": True}}})
def test_any_structure_is_a_plan_or_problems_in_words(
    content: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.getbasetemp() / "any.yml"
    file.write_text(yaml.safe_dump(content))
    try:
        pipeline, job = parse(file)
        planned = plan(pipeline, job, assets={"x:1": file}, inputs={"x": "1"}, working_dir=Path())
    except PipelineError:
        return
    assert job.reading.problems or planned.steps
    assert all(problem.text for problem in job.reading.problems)


@pytest.mark.parametrize(
    "content",
    [
        "type: pipeline\ninputs: {day: 2020-13-45}\n",
        "{" * 500,
        "type: pipeline\nx: !!python/object:os.system {}\n",
        "type: pipeline\n? [a, b]\n: c\n",
        "type: pipeline\ninputs: {n: " + "9" * 5000 + "}\n",
        "a: 1\n---\nb: 2\n",
    ],
)
def test_a_file_that_yaml_itself_refuses_is_said_so(project: Project, content: str) -> None:
    project.write("pipeline.yml", content)

    with pytest.raises(PipelineError) as caught:
        project.run()

    assert "not YAML" in str(caught.value)


def test_bytes_that_are_not_utf_8_are_reported(project: Project) -> None:
    project.write("pipeline.yml", b"type: \xff\xfe")

    with pytest.raises(PipelineError, match="not text in UTF-8"):
        project.run()
