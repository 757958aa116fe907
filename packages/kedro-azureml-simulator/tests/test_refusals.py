"""What is refused before anything runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from kedro_azureml_simulator import PipelineError

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Project


def refused(project: Project, jobs: dict[str, Any] | None = None, **options: Any) -> PipelineError:
    with pytest.raises(PipelineError) as caught:
        project.run(jobs, **options)
    assert not project.run_dir.exists(), "something was written"
    return caught.value


def problem_at(error: PipelineError, where: str) -> str:
    found = [problem for problem in error.problems if problem.where == where]
    assert len(found) == 1, error
    return f"{found[0].text} {found[0].hint}"


def test_all_problems_are_shown_together_each_with_its_place(project: Project) -> None:
    error = refused(
        project,
        {
            "Bad": project.command("true"),
            "empty": project.command("  "),
            "typo": {**project.command("true"), "comand": "x"},
            "lost": project.command("cat ${{inputs.x}}", code="./nowhere"),
        },
    )

    assert {problem.where for problem in error.problems} == {
        "jobs.Bad",
        "jobs.empty.command",
        "jobs.typo.comand",
        "jobs.lost.code",
        "jobs.lost.command",
    }
    assert "did you mean `command`?" in problem_at(error, "jobs.typo.comand")
    for problem in error.problems:
        assert problem.where in str(error)
        assert problem.text in str(error)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "not a pipeline job"),
        ("- a\n- b\n", "not a pipeline job"),
        ("type: pipeline\njobs: {a: [", "not YAML"),
        ("type: automl\n", "not a job that is simulated"),
        ("type: pipeline\n", "no step"),
        ("type: pipeline\njobs: {}\n", "no step"),
        ("type: pipeline\njobs: 3\n", "must be a mapping"),
        ("type: pipeline\njobs: {a: 3}\n", "must be a mapping"),
    ],
)
def test_a_file_that_is_not_a_pipeline_is_refused_in_words(
    project: Project, content: str, words: str
) -> None:
    project.write("pipeline.yml", content)

    assert words in str(refused(project))


def test_a_missing_pipeline_file_is_named(project: Project) -> None:
    error = refused(project)

    assert str(project.folder / "pipeline.yml") in str(error)
    assert "cannot be read" in str(error)


def test_a_cycle_is_spelled_out(project: Project) -> None:
    def step(reads: str) -> dict[str, Any]:
        return project.command(
            "true",
            inputs={"x": f"${{{{parent.jobs.{reads}.outputs.y}}}}"},
            outputs={"y": {"type": "uri_folder"}},
        )

    error = refused(project, {"a": step("c"), "b": step("a"), "c": step("b"), "d": step("c")})

    assert "a -> b -> c -> a" in problem_at(error, "jobs")


def test_a_step_that_reads_itself_is_a_cycle(project: Project) -> None:
    step = project.command(
        "true",
        inputs={"x": "${{parent.jobs.a.outputs.y}}"},
        outputs={"y": {"type": "uri_folder"}},
    )

    assert "a -> a" in problem_at(refused(project, {"a": step}), "jobs")


@pytest.mark.parametrize(
    ("binding", "words"),
    [
        ("${{parent.inputs.rte}}", "did you mean `rate`?"),
        ("${{parent.jobs.mkae.outputs.y}}", "did you mean `make`?"),
        ("${{parent.jobs.make.outputs.z}}", "no output `z` known: y"),
        ("${{parent.jobs.make.y}}", "not a binding"),
        ("${{inputs.x}}", "not a binding"),
        ("a-${{parent.jobs.make.outputs.y}}", "nothing around it"),
        (None, "null is not a literal"),
        ([1], "not a literal"),
    ],
)
def test_a_binding_that_leads_nowhere_is_refused_once(
    project: Project, binding: Any, words: str
) -> None:
    error = refused(
        project,
        {
            "make": project.command("true", outputs={"y": {"type": "uri_folder"}}),
            "use": project.command("cat ${{inputs.x}}", inputs={"x": binding}),
        },
        fields={"inputs": {"rate": 0.1}},
    )

    assert len(error.problems) == 1, error
    assert words in problem_at(error, "jobs.use.inputs.x")


@pytest.mark.parametrize(
    "line",
    [
        "cat ${{inputs.y}}",
        "cat '${{outputs.x}}'",
        "cat ${{inputs.rate.path}}",
        "cat ${{search_space.x}}",
        "cat ${{parent.inputs.rate}}",
    ],
)
def test_an_undefined_expression_in_a_command_is_refused(project: Project, line: str) -> None:
    error = refused(project, {"a": project.command(line, inputs={"rate": 1})})

    assert "is undefined" in problem_at(error, "jobs.a.command")


@pytest.mark.parametrize("name", ["A", "1a", "a-b", "a.b", "é", "a b", "a\n"])
def test_a_step_name_that_azure_ml_refuses_is_refused(project: Project, name: str) -> None:
    assert "step" in problem_at(refused(project, {name: project.command("true")}), f"jobs.{name}")


@pytest.mark.parametrize("name", ["1a", "a-b", "a.b", "é"])
def test_an_output_name_that_azure_ml_refuses_is_refused(project: Project, name: str) -> None:
    step = project.command("true", outputs={name: {"type": "uri_folder"}})

    error = refused(project, {"a": step})

    assert "name of an output" in problem_at(error, f"jobs.a.outputs.{name}")


def test_two_steps_that_write_one_pipeline_output_are_refused(project: Project) -> None:
    step = project.command("true", outputs={"y": "${{parent.outputs.z}}"})

    error = refused(project, {"a": step, "b": step}, fields={"outputs": {"z": None}})

    assert "jobs.a.outputs.y" in problem_at(error, "jobs.b.outputs.y")


def test_two_outputs_that_register_one_version_are_refused(project: Project) -> None:
    step = project.command("true", outputs={"y": {"name": "model", "version": 3}})

    error = refused(project, {"a": step, "b": step})

    assert "model:3" in problem_at(error, "jobs.b.outputs.y")


def test_a_code_folder_without_a_file_is_refused(project: Project) -> None:
    project.write("code/__pycache__/x.pyc")
    (project.folder / "code" / "sub").mkdir()

    error = refused(project, {"a": project.command("true", code="./code")})

    assert "is empty" in problem_at(error, "jobs.a.code")


def test_a_local_input_that_does_not_exist_is_refused(project: Project) -> None:
    error = refused(
        project,
        {"a": project.command("true", inputs={"x": "${{parent.inputs.data}}"})},
        fields={"inputs": {"data": {"type": "uri_folder", "path": "./nowhere"}}},
    )

    assert "does not exist" in problem_at(error, "inputs.data")


def test_a_local_input_that_is_an_empty_folder_is_refused_as_its_upload_is(
    project: Project,
) -> None:
    (project.folder / "data").mkdir()

    error = refused(
        project,
        {"a": project.command("true")},
        fields={"inputs": {"data": {"type": "uri_folder", "path": "./data"}}},
    )

    assert "is empty" in problem_at(error, "inputs.data")


@pytest.mark.parametrize(
    ("data_type", "path", "words"),
    [("uri_folder", "folder/file.txt", "not a folder"), ("uri_file", "folder", "not a file")],
)
def test_an_absolute_local_path_of_the_other_type_is_refused_as_its_upload_is(
    project: Project, data_type: str, path: str, words: str
) -> None:
    place = project.write("folder/file.txt", "x").parents[1] / path

    error = refused(
        project,
        {"a": project.command("true", inputs={"x": {"type": data_type, "path": str(place)}})},
    )

    assert words in problem_at(error, "jobs.a.inputs.x")


def test_an_asset_without_local_data_is_named_with_what_to_pass(project: Project) -> None:
    error = refused(
        project,
        {"a": project.command("true")},
        fields={"inputs": {"data": {"type": "uri_folder", "path": "azureml:penguins@latest"}}},
    )

    text = problem_at(error, "inputs.data")
    assert "assets={'penguins@latest': <path>}" in text
    assert "--asset penguins@latest=<path>" in text


def test_an_asset_whose_local_data_does_not_exist_is_refused(
    project: Project, tmp_path: Path
) -> None:
    error = refused(
        project,
        {"a": project.command("true")},
        fields={"inputs": {"data": {"path": "azureml:penguins:1"}}},
        assets={"penguins:1": tmp_path / "nowhere"},
    )

    assert "does not exist" in problem_at(error, "inputs.data")


@pytest.mark.parametrize(
    ("step", "where", "words"),
    [
        ({"type": "spark"}, "type", "`spark`"),
        ({"type": "automl"}, "type", "`automl`"),
        ({"type": "parallel_for", "body": "x"}, "type", "`parallel_for`"),
        ({"type": "pipeline", "component": "./p.yml"}, "component", "cannot be read"),
        ({"type": "pipeline", "jobs": {}}, "component", "the pipeline component's file"),
        ({"component": {"type": "sweep", "trial": {}}}, "component.type", "unknown type `sweep`"),
        (
            {"type": "pipeline", "component": {"command": "true"}},
            "type",
            "component's is `command`",
        ),
        ({"component": "azureml:train:1"}, "component", "cannot reach"),
        ({"component": "azureml://registries/r/components/c/versions/1"}, "component", "registry"),
        ({"component": "./nowhere.yml"}, "component", "cannot be read"),
        ({"component": ["x"]}, "component", "path of a file"),
        ({"display_name": "x"}, "command", "is empty"),
        ({"command": "true", "environment": None}, "environment", "is missing"),
        ({"command": "true", "environment": "./e.yml"}, "environment", "lacks the prefix"),
        ({"command": "true", "environment": "file:./e.yml"}, "environment", "cannot be read"),
        (
            {"command": "true", "environment": {"image": "x", "cnda_file": "y"}},
            "environment.cnda_file",
            "did you mean `conda_file`?",
        ),
        ({"command": "true", "tags": {"n": 1}}, "tags.n", "quote it"),
        ({"command": "true", "tags": {f"t{n}": "x" for n in range(51)}}, "tags", "51"),
        ({"command": "true", "display_name": "x" * 257}, "display_name", "257 characters"),
        ({"command": "true", "retry_settings": {}}, "retry_settings", "unknown key"),
        (
            {"command": "true", "outputs": {f"o{n}": None for n in range(21)}},
            "outputs",
            "21 data outputs; Azure ML takes 20",
        ),
        (
            {
                "type": "command",
                "command": "true",
                "distribution": {"type": "pytorch", "process_count_per_instance": "many"},
            },
            "distribution.process_count_per_instance",
            "must be a whole number",
        ),
        (
            {"type": "command", "command": "true", "distribution": {"type": "ray"}},
            "distribution.type",
            "Ray is not simulated",
        ),
        ({"type": "command", "command": "true", "code": "git+https://x/y"}, "code", "remote"),
        (
            {"type": "command", "command": "true", "compute": "local"},
            "compute",
            "azureml:<compute>",
        ),
        (
            {"type": "command", "command": "true", "is_deterministic": False},
            "is_deterministic",
            "`component:`",
        ),
        (
            {"type": "command", "command": "true", "environment": "any:1"},
            "environment",
            "azureml:any:1",
        ),
        (
            {
                "type": "command",
                "command": "true",
                "inputs": {"x": {"type": "safe_tensors", "path": "a"}},
            },
            "inputs.x.type",
            "`safe_tensors` is not a type of data",
        ),
        (
            {"type": "command", "command": "true", "inputs": {"x": {"path": "azureml://r/x"}}},
            "inputs.x",
            "remote",
        ),
        (
            {"type": "command", "command": "true", "inputs": {"x": {"path": "https://h/x.csv"}}},
            "inputs.x",
            "remote",
        ),
        (
            {"type": "command", "command": "true", "inputs": {"x": {"path": "azureml:data"}}},
            "inputs.x.path",
            "azureml:<name>:<version>",
        ),
        (
            {"type": "command", "command": "true", "inputs": {"x": {"type": "number", "value": 1}}},
            "inputs.x",
            "write the value itself",
        ),
        (
            {"type": "command", "command": "true", "outputs": {"x": {"name": "../../x"}}},
            "outputs.x.name",
            "cannot be the name of an asset",
        ),
        (
            {"type": "command", "command": "true", "outputs": {"x": "${{parent.outputs.w}}"}},
            "outputs.x",
            "no output `w`",
        ),
    ],
)
def test_what_cannot_be_simulated_is_named_before_anything_runs(
    project: Project, step: dict[str, Any], where: str, words: str
) -> None:
    step = {"environment": "azureml:any:1", **step} if "command" in step else step
    step = {key: value for key, value in step.items() if value is not None}

    error = refused(project, {"first": project.command("true"), "it": step})

    assert words in problem_at(error, f"jobs.it.{where}")


@pytest.mark.parametrize(
    ("fields", "where", "words"),
    [
        ({"inputs": {"1a": 1}}, "inputs.1a", "cannot be the name of a pipeline input"),
        ({"inputs": {"x": "${{parent.inputs.y}}"}}, "inputs.x", "cannot be bound"),
        ({"inputs": {"x": {"type": "uri_folder"}}}, "inputs.x", "--input x=<path>"),
        ({"inputs": {"x": {"type": "number", "default": 1}}}, "inputs.x", "the value itself"),
        ({"inputs": {"x": {"path": "a", "pth": "b"}}}, "inputs.x.pth", "did you mean `path`?"),
        ({"tags": {"n": True}}, "tags.n", "quote it"),
        ({"outputs": {"x": {"version": 1}}}, "outputs.x.version", "add `name:`"),
        ({"outputs": {"x": {"type": "ml_table"}}}, "outputs.x.type", "not a type of data"),
        (
            {"outputs": {"x": "${{parent.inputs.y}}"}},
            "outputs.x",
            "must be a mapping, not the string",
        ),
        ({"outputs": {"x": 3}}, "outputs.x", "must be a mapping"),
        ({"display_name": ["x"]}, "display_name", "must be a string, not a list"),
    ],
)
def test_what_the_pipeline_itself_says_is_checked(
    project: Project, fields: dict[str, Any], where: str, words: str
) -> None:
    error = refused(project, {"a": project.command("true")}, fields=fields)

    assert words in problem_at(error, where)


@pytest.mark.parametrize(
    ("component", "where", "words"),
    [
        ({"command": "true"}, None, ""),
        ({"command": "true", "inputs": {"x": {"type": "enum"}}}, "inputs.x.type", "`enum`"),
        ({"command": "true", "inputs": {"x": {"type": "string", "default": [1]}}},
         "inputs.x.default", "not a literal"),
        ({"command": "true", "inputs": {"x": {"type": "integer", "min": "few", "default": 2}}},
         "inputs.x.min", "is not a number"),
        ({"command": "true", "inputs": {"x": {"type": "string", "max": 3, "default": "a"}}},
         "inputs.x.max", "a string has none"),
        ({"command": "true", "inputs": {"x": {"type": "uri_file", "default": "a"}}},
         "inputs.x.default", "optional"),
        ({"command": "true", "inputs": {"x": {"type": "string", "optional": [1], "default": "a"}}},
         "inputs.x.optional", "true or false"),
        ({"command": "true", "inputs": {"x": {"type": "string", "enum": [1], "default": "a"}}},
         "inputs.x.enum", "quote it"),
        ({"command": "true", "additional_includes": ["../x"]}, "additional_includes",
         "does not exist"),
        ({"command": "true", "additional_includes": [{"type": "artifact"}]},
         "additional_includes", "is remote"),
        ({"command": "a\0b"}, "command", "NUL"),
        ({"command": "true", "environment_variables": {"A=B": "c"}}, "environment_variables.A=B",
         "cannot be"),
        ({"command": "true", "distribution": {"process_count_per_instance": 1}},
         "distribution.type", "is missing"),
    ],
)  # fmt: skip
def test_what_a_component_says_is_checked(
    project: Project, component: dict[str, Any], where: str | None, words: str
) -> None:
    jobs = {"a": {"component": {"environment": "azureml:any:1", **component}}}
    if where is None:
        assert project.run(jobs).status == "completed"
    else:
        assert words in problem_at(refused(project, jobs), f"jobs.a.component.{where}")


def test_a_compute_that_pipelines_cannot_use_is_refused(project: Project) -> None:
    error = refused(
        project, {"a": project.command("true")}, fields={"settings": {"default_compute": "local"}}
    )

    assert "azureml:<compute>" in problem_at(error, "settings.default_compute")


@pytest.mark.parametrize("field", ["environment_variables", "limits", "schedule", "jbs"])
def test_a_field_that_the_job_level_does_not_have_is_refused(project: Project, field: str) -> None:
    error = refused(project, {"a": project.command("true")}, fields={field: {}})

    assert "unknown key" in problem_at(error, field)


def test_a_component_s_contract_is_checked(project: Project) -> None:
    component = project.component(
        "echo ${{inputs.data}} ${{inputs.rate}} ${{inputs.extra}}",
        inputs={
            "data": {"type": "uri_file"},
            "rate": {"type": "number"},
            "needed": {"type": "string"},
            "kind": {"type": "string", "enum": ["a", "b"]},
            "few": {"type": "integer", "min": 1, "max": 3},
            "many": {"type": "number", "min": 10, "max": 1000},
            "extra": {"type": "string", "optional": True},
        },
        outputs={"y": {"type": "uri_folder"}},
    )
    maker = project.command("true", outputs={"y": {"type": "uri_folder"}})
    step = {
        "component": component,
        "inputs": {
            "data": "${{parent.jobs.maker.outputs.y}}",
            "rate": "fast",
            "kind": "c",
            "few": 4,
            "many": 9.5,
            "raet": 1,
        },
        "outputs": {"z": {"type": "uri_folder"}},
    }

    error = refused(project, {"maker": maker, "it": step})

    assert "is not of the type number" in problem_at(error, "jobs.it.inputs.rate")
    assert "is not in the component's enum" in problem_at(error, "jobs.it.inputs.kind")
    assert "above the component's max, 3" in problem_at(error, "jobs.it.inputs.few")
    assert "below the component's min, 10" in problem_at(error, "jobs.it.inputs.many")
    assert "did you mean `rate`?" in problem_at(error, "jobs.it.inputs.raet")
    assert "needs this input" in problem_at(error, "jobs.it.inputs.needed")
    assert "no output `z`" in problem_at(error, "jobs.it.outputs.z")
    assert "put it into $[[...]]" in problem_at(error, "jobs.it.command")


def test_a_text_for_a_component_s_folder_is_refused(project: Project) -> None:
    component = project.component("ls ${{inputs.x}}", inputs={"x": {"type": "uri_folder"}})

    error = refused(project, {"a": {"component": component, "inputs": {"x": "./data"}}})

    assert "write {type: uri_folder, path: ...}" in problem_at(error, "jobs.a.inputs.x")


def test_an_input_that_the_pipeline_does_not_have_cannot_be_given(project: Project) -> None:
    error = refused(
        project,
        {"a": project.command("true")},
        fields={"inputs": {"rate": 1}},
        inputs={"raet": "2"},
    )

    assert "did you mean `rate`?" in problem_at(error, "inputs.raet")


def test_a_folder_in_the_place_of_the_pipeline_is_refused(project: Project) -> None:
    (project.folder / "pipeline.yml").mkdir()

    assert "cannot be read" in str(refused(project))


def test_a_job_has_either_steps_or_a_component(project: Project) -> None:
    error = refused(project, {"a": project.command("true")}, fields={"component": "azureml:p:1"})

    assert "stands beside `jobs`" in str(error)
    assert "is in a workspace" in str(error)


def test_a_step_without_a_compute_is_refused(project: Project) -> None:
    error = refused(project, {"a": project.command("true")}, fields={"settings": {}})

    assert "Compute not set" in problem_at(error, "jobs.a.compute")


@pytest.mark.parametrize(
    "fields",
    [
        {"settings": {}, "compute": "azureml:cpu"},
        {"settings": {"default_compute": "serverless"}},
        {"settings": {"default_compute": "azureml:cpu", "default_datastore": "azureml:blobs"}},
    ],
)
def test_a_compute_for_all_steps_is_enough(project: Project, fields: dict[str, Any]) -> None:
    assert project.run({"a": project.command("true")}, fields=fields).status == "completed"


def test_an_input_with_a_dot_is_not_bound(project: Project) -> None:
    step = project.command("echo ${{inputs.x}}", inputs={"x": "${{parent.inputs.a.b}}"})

    error = refused(project, {"a": step}, fields={"inputs": {"a.b": 1}})

    assert "Azure ML does not bind" in problem_at(error, "jobs.a.inputs.x")


@pytest.mark.parametrize(
    ("step", "where"),
    [
        ({"command": "true", "resources": {"instance_count": 2}}, "resources.instance_count"),
        ({"command": "true", "limits": {"timeout": 0}}, "limits.timeout"),
        ({"command": "true", "outputs": {"x": {"mode": "direct"}}}, "outputs.x.mode"),
        ({"command": "true", "outputs": {"x": {"path": "./out"}}}, "outputs.x.path"),
        ({"command": "true", "compute": "cpu"}, "compute"),
        ({"command": "true", "environment_variables": {"A": [1]}}, "environment_variables.A"),
        ({"command": "true", "environment_variables": {"A": None}}, "environment_variables.A"),
        ({"command": "true", "inputs": {"x": "n-${{parent.inputs.rate}}"}}, "inputs.x"),
        ({"command": "true", "inputs": {"x": {"path": "data", "mode": "direct"}}}, "inputs.x"),
        ({"command": "true",
          "inputs": {"x": {"type": "mltable", "path": "data", "mode": "eval_mount"}}},
         "inputs.x.mode"),
        ({"command": "true", "inputs": {"x": {"path": "data/a", "type": "uri_folder"}}},
         "inputs.x"),
        ({"command": "echo $AZURE_ML_OUTPUT_x", "outputs": {"x": None}}, "command"),
        ({"command": "true", "code": "data/a"}, "code"),
        ({"component": {"command": "true", "comand": "x"}}, "component.comand"),
        ({"component": {"command": "true"}, "inputs": {"x": 1}}, "inputs.x"),
        ({"component": {"command": "true"}, "outputs": {"x": None}}, "outputs.x"),
        ({"component": {"command": "true"}, "retry_settings": {}}, "retry_settings"),
        ({"component": {"command": "true", "inputs": {"x": {"type": "uri_file"}}},
          "inputs": {"x": {"path": "data"}}}, "inputs.x"),
    ],
)  # fmt: skip
def test_what_only_looks_wrong_runs_and_is_a_warning(
    project: Project, step: dict[str, Any], where: str
) -> None:
    project.write("data/a", "x")
    owner = step.get("component", step)
    owner["environment"] = "azureml:any:1"
    fields = {"inputs": {"rate": 1}}

    result = project.run({"it": step}, fields=fields)

    assert result.status == "completed"
    [warning] = [w for w in result.warnings if w.severity == "warning"]
    assert warning.where == f"jobs.it.{where}"
    assert warning.line > 0
    with pytest.raises(PipelineError, match=r"warning: jobs\.it"):
        project.run({"it": step}, fields=fields, strict=True)


def test_a_setting_that_azure_ml_does_not_know_is_a_warning(project: Project) -> None:
    settings = {"default_compute": "azureml:cpu", "speed": "fast"}

    result = project.run({"a": project.command("true")}, fields={"settings": settings})

    assert [w.where for w in result.warnings] == ["settings.speed"]


def test_a_key_that_stands_twice_is_a_warning_with_its_line(project: Project) -> None:
    project.write(
        "pipeline.yml",
        """\
        type: pipeline
        settings: {default_compute: azureml:cpu}
        jobs:
          a:
            command: "false"
            environment: azureml:any:1
            command: "true"
        """,
    )

    result = project.run()

    assert result.status == "completed"
    assert [str(w).split("\n")[0] for w in result.warnings] == [
        "pipeline.yml:7: warning: jobs.a.command: stands here twice; the last value counts"
    ]


def test_a_problem_in_the_file_of_a_component_names_that_file(project: Project) -> None:
    project.write("parts/c.yml", "type: command\n\ncommand: 3\nenvironment: azureml:any:1\n")

    error = refused(project, {"a": {"component": "./parts/c.yml"}})

    assert str(error.problems[0]).startswith("c.yml:3: jobs.a.component.command: must be a string")


def test_a_name_too_long_for_a_folder_is_refused_before_anything_runs(project: Project) -> None:
    error = refused(project, {"a" * 300: project.command("true")})

    assert "300 characters" in str(error)


@pytest.mark.parametrize(
    ("declared", "given"),
    [
        ({"type": "string", "enum": ["224", "448"]}, 224),
        ({"type": "string", "enum": ["True", "False"]}, True),
        ({"type": "string", "enum": ["true"]}, True),
        ({"type": "number", "enum": ["1", "2"]}, 1.0),
    ],
)
def test_an_enum_value_that_yaml_reads_as_another_type_is_a_choice(
    project: Project, declared: dict[str, Any], given: Any
) -> None:
    component = project.component("true", inputs={"x": declared})

    assert project.run({"a": {"component": component, "inputs": {"x": given}}}).warnings == ()
