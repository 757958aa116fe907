"""Pipeline components: their steps are steps, and they start and end as one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml
from kedro_azureml_simulator import PipelineError

if TYPE_CHECKING:
    from conftest import Project

FOLDER = {"type": "uri_folder"}


def component(project: Project, path: str, jobs: dict[str, Any], **fields: Any) -> str:
    content = {"type": "pipeline", **fields, "jobs": jobs}
    project.write(path, yaml.safe_dump(content, sort_keys=False))
    return f"./{path}"


def train_component(project: Project, path: str = "train.yml") -> str:
    """Write a component with two steps, all kinds of inputs and one output."""
    return component(
        project,
        path,
        {
            "fit": project.command(
                "echo fit with ${{inputs.rate}} on $(cat ${{inputs.data}}/f) > ${{outputs.m}}/f",
                inputs={"rate": "${{parent.inputs.rate}}", "data": "${{parent.inputs.data}}"},
                outputs={"m": FOLDER},
            ),
            "check": {
                "component": project.component(
                    "cat ${{inputs.m}}/f > ${{outputs.y}}/f;"
                    " echo checked $[[by ${{inputs.who}}]] >> ${{outputs.y}}/f",
                    inputs={"m": FOLDER, "who": {"type": "string", "optional": True}},
                    outputs={"y": FOLDER},
                ),
                "inputs": {"m": "${{parent.jobs.fit.outputs.m}}", "who": "${{parent.inputs.who}}"},
                "outputs": {"y": "${{parent.outputs.model}}"},
            },
        },
        inputs={
            "data": FOLDER,
            "rate": {"type": "number", "default": 0.1},
            "who": {"type": "string", "optional": True},
        },
        outputs={"model": FOLDER},
    )


def make(project: Project) -> dict[str, Any]:
    return project.command("echo 1 > ${{outputs.y}}/f", outputs={"y": FOLDER})


def test_a_pipeline_component_runs_with_defaults_and_without(project: Project) -> None:
    path = train_component(project)
    binding = "${{parent.jobs.make.outputs.y}}"

    result = project.run(
        {
            "make": make(project),
            "plain": {"type": "pipeline", "component": path, "inputs": {"data": binding}},
            "full": {
                "component": path,
                "inputs": {"data": binding, "rate": "${{parent.inputs.rate}}", "who": "me"},
                "outputs": {"model": {"name": "m", "version": "4"}},
            },
            "show": project.command(
                "cat ${{inputs.a}}/f ${{inputs.b}}/f",
                inputs={
                    "a": "${{parent.jobs.plain.outputs.model}}",
                    "b": "${{parent.jobs.full.outputs.model}}",
                },
            ),
        },
        fields={"inputs": {"rate": 7}},
    )

    assert result.status == "completed", [step.message for step in result.steps]
    assert [step.name for step in result.steps] == [
        "make", "plain.fit", "plain.check", "full.fit", "full.check", "show",
    ]  # fmt: skip
    assert project.log(result.steps[-1]) == (
        "fit with 0.1 on 1\nchecked\nfit with 7 on 1\nchecked by me\n"
    )
    assert list(result.registered) == ["m:4"]


def test_components_nest_and_paths_are_relative_to_their_own_file(project: Project) -> None:
    project.write("parts/src/main.sh", "cat $1/f\n")
    component(
        project,
        "parts/inner.yml",
        {
            "show": project.command(
                "bash main.sh ${{inputs.x}} > ${{outputs.y}}",
                code="./src",
                inputs={"x": "${{parent.inputs.x}}"},
                outputs={"y": "${{parent.outputs.y}}"},
            )
        },
        inputs={"x": FOLDER},
        outputs={"y": {"type": "uri_file"}},
    )
    outer = component(
        project,
        "parts/outer.yml",
        {
            "inner": {
                "type": "pipeline",
                "component": "./inner.yml",
                "inputs": {"x": "${{parent.inputs.x}}"},
                "outputs": {"y": "${{parent.outputs.y}}"},
            }
        },
        inputs={"x": FOLDER},
        outputs={"y": {"type": "uri_file"}},
    )
    project.write("data/f", "deep")

    result = project.run(
        {
            "outer": {
                "component": outer,
                "inputs": {"x": {**FOLDER, "path": "data"}},
                "outputs": {"y": "${{parent.outputs.z}}"},
            }
        },
        fields={"outputs": {"z": {"type": "uri_file"}}},
    )

    assert [step.name for step in result.steps] == ["outer.inner.show"]
    assert result.outputs["z"].read_text() == "deep"


def test_a_job_may_be_a_component(project: Project) -> None:
    path = train_component(project)
    project.write("data/f", "1")
    project.write(
        "pipeline.yml",
        yaml.safe_dump(
            {
                "type": "pipeline",
                "settings": {"default_compute": "azureml:cpu"},
                "component": path,
                "inputs": {"data": {**FOLDER, "path": "./data"}},
            }
        ),
    )

    result = project.run(inputs={"rate": "3"})

    assert (result.outputs["model"] / "f").read_text() == "fit with 3 on 1\nchecked\n"


def test_what_reads_a_component_waits_for_all_of_it(project: Project) -> None:
    # `slow` writes nothing that `use` reads; on Azure ML the component is one run.
    flag = project.folder / "flag"
    path = component(
        project,
        "c.yml",
        {
            "quick": project.command("echo 1 > ${{outputs.y}}/f",
                                     outputs={"y": "${{parent.outputs.y}}"}),
            "slow": project.command(f"sleep 0.3; touch {flag}"),
        },
        outputs={"y": FOLDER},
    )  # fmt: skip
    use = project.command(f"test -e {flag}", inputs={"x": "${{parent.jobs.c.outputs.y}}"})

    assert project.run({"c": {"component": path}, "use": use}).status == "completed"


def test_a_failure_inside_skips_what_waits_for_the_component(project: Project) -> None:
    path = component(
        project,
        "c.yml",
        {
            "good": project.command("echo 1 > ${{outputs.y}}/f",
                                    outputs={"y": "${{parent.outputs.y}}"}),
            "bad": project.command("exit 3"),
        },
        outputs={"y": FOLDER},
    )  # fmt: skip
    use = project.command("true", inputs={"x": "${{parent.jobs.c.outputs.y}}"})

    result = project.run({"c": {"component": path}, "use": use, "other": project.command("true")})

    statuses = {step.name: step.status for step in result.steps}
    assert statuses == {
        "c.good": "completed", "c.bad": "failed", "use": "skipped", "other": "completed",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("step", "where", "words"),
    [
        ({"inputs": {}}, "jobs.t.inputs.data", "needs this input"),
        ({"inputs": {"data": "x"}}, "jobs.t.inputs.data", "needs a uri_folder"),
        ({"inputs": {"dta": 1}}, "jobs.t.inputs.dta", "did you mean `data`?"),
        ({"inputs": {"rate": "fast"}}, "jobs.t.inputs.rate", "is not of the type number"),
        ({"outputs": {"modle": {}}}, "jobs.t.outputs.modle", "did you mean `model`?"),
        ({"command": "true"}, "jobs.t.command", "unknown key `command`"),
    ],
)
def test_a_component_s_contract_holds_for_pipelines(
    project: Project, step: dict[str, Any], where: str, words: str
) -> None:
    path = train_component(project)

    with pytest.raises(PipelineError) as caught:
        project.run({"t": {"component": path, **step}})

    found = {problem.where: f"{problem.text} {problem.hint}" for problem in caught.value.problems}
    assert words in found[where]


def test_problems_inside_a_component_say_where(project: Project) -> None:
    path = component(
        project,
        "c.yml",
        {"a": project.command("cat ${{inputs.x}}", inputs={"y": "${{parent.inputs.z}}"})},
        inputs={"x": FOLDER},
    )

    with pytest.raises(PipelineError) as caught:
        project.run({"c": {"component": path, "inputs": {"x": {"path": "data"}}}})

    places = {problem.where for problem in caught.value.problems}
    assert places == {
        "jobs.c.inputs.x", "jobs.c.component.jobs.a.inputs.y", "jobs.c.component.jobs.a.command",
    }  # fmt: skip


def test_an_input_that_was_not_given_reaches_only_what_may_do_without(project: Project) -> None:
    path = component(
        project,
        "c.yml",
        {"a": project.command("echo ${{inputs.x}}", inputs={"x": "${{parent.inputs.x}}"})},
        inputs={"x": {"type": "string", "optional": True}},
    )

    with pytest.raises(PipelineError, match="is needed here, and bound to the optional input `x`"):
        project.run({"c": {"component": path}})


def test_a_component_that_contains_itself_is_refused(project: Project) -> None:
    path = component(project, "c.yml", {"again": {"type": "pipeline", "component": "./c.yml"}})

    with pytest.raises(PipelineError, match="contains itself"):
        project.run({"c": {"component": path}})


def test_a_cycle_through_a_component_is_refused(project: Project) -> None:
    # No step waits for itself; the component as a whole does.
    path = component(
        project,
        "c.yml",
        {
            "gives": project.command("true", outputs={"y": "${{parent.outputs.y}}"}),
            "takes": project.command("true", inputs={"x": "${{parent.inputs.x}}"}),
        },
        inputs={"x": FOLDER},
        outputs={"y": FOLDER},
    )
    middle = project.command(
        "true", inputs={"x": "${{parent.jobs.c.outputs.y}}"}, outputs={"y": FOLDER}
    )
    jobs = {
        "c": {"component": path, "inputs": {"x": "${{parent.jobs.middle.outputs.y}}"}},
        "middle": middle,
    }

    with pytest.raises(PipelineError, match="wait for each other"):
        project.run(jobs)
