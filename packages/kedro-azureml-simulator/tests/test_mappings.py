"""What `azureml-simulate.yml` maps to local files, and what `--inputs` replaces."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from kedro_azureml_simulator import PipelineError, simulate, validate
from kedro_azureml_simulator.terminal.command import main

if TYPE_CHECKING:
    from conftest import Project

ADD = """\
type: command
command: echo ${{inputs.n}}
environment: azureml:any:1
inputs: {n: {type: integer}}
"""


@pytest.fixture
def mapped(project: Project) -> Project:
    """Return a project whose data, component and environment are all somewhere else."""
    project.write("elsewhere/data/a.txt", "17\n")
    project.write("elsewhere/table.csv", "x\n1\n")
    project.write("elsewhere/add.yml", ADD)
    project.pipeline(
        {
            "read": project.command(
                "cat ${{inputs.d}}/a.txt; wc -l < ${{inputs.t}}",
                inputs={
                    "d": {"type": "uri_folder", "path": "azureml:numbers:1"},
                    "t": {"type": "uri_file", "path": "https://example.com/t.csv?a=b"},
                },
            ),
            "add": {"component": "azureml:add:3", "inputs": {"n": 4}},
        }
    )
    project.write(
        "azureml-simulate.yml",
        """\
        assets: {azureml:numbers:1: elsewhere/data}
        urls: {"https://example.com/t.csv?a=b": ./elsewhere/table.csv}
        components: {add: elsewhere/add.yml}
        """,
    )
    return project


def test_the_file_beside_the_pipeline_maps_what_is_not_on_this_machine(mapped: Project) -> None:
    result = mapped.run()

    assert result.status == "completed", result.steps
    assert mapped.log(result["read"]).split() == ["17", "2"]
    assert mapped.log(result["add"]).strip() == "4"


def test_what_a_caller_gives_wins_over_the_file(mapped: Project) -> None:
    mapped.write("own/a.txt", "18\n")

    result = mapped.run(assets={"numbers:1": mapped.folder / "own"})

    assert mapped.log(result["read"]).split()[0] == "18"


REGISTRY = "azureml://registries/shared"


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("azureml:numbers:1", "numbers:1"),
        ("azureml:numbers:1", "azureml:numbers"),
        ("azureml:numbers@latest", "numbers"),
        (f"{REGISTRY}/data/numbers/versions/2", f"{REGISTRY}/data/numbers/versions/2"),
        (f"{REGISTRY}/data/numbers/versions/2", "numbers:2"),
        (f"{REGISTRY}/data/numbers/labels/latest", "numbers@latest"),
        ("azureml://datastores/store/paths/data/numbers/", None),
        ("https://example.com/numbers/", None),
        ("azureml:https://example.com/numbers/", "https://example.com/numbers/"),
    ],
)
def test_data_is_mapped_by_its_whole_reference_or_by_its_name(
    project: Project, reference: str, name: str | None
) -> None:
    project.write("data/a.txt", "17")
    project.write("azureml-simulate.yml", f"assets: {{'{name or reference}': data}}\n")
    data = {"type": "uri_folder", "path": reference}

    result = project.run({"a": project.command("cat ${{inputs.d}}/a.txt", inputs={"d": data})})

    assert project.log(result["a"]) == "17"


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("azureml:add:3", "azureml:add:3"),
        ("azureml:add@default", "add@default"),
        (f"{REGISTRY}/components/add/versions/3", f"{REGISTRY}/components/add/versions/3"),
        (f"{REGISTRY}/components/add/labels/default", "add@default"),
        ("azureml:/subscriptions/s/resourceGroups/r/providers/p/workspaces/w/components/add/versions/3",
         "add:3"),
    ],
)  # fmt: skip
def test_a_component_is_mapped_by_its_whole_reference_or_by_its_name(
    project: Project, reference: str, name: str
) -> None:
    project.write("add.yml", ADD)
    project.write("azureml-simulate.yml", f"components: {{'{name}': add.yml}}\n")

    result = project.run({"a": {"component": reference, "inputs": {"n": 4}}})

    assert project.log(result["a"]) == "4\n"


def test_another_version_is_not_taken_for_the_one_that_is_mapped(project: Project) -> None:
    project.write("data/a.txt", "17")
    data = {"type": "uri_folder", "path": "azureml:numbers:2"}
    file = project.pipeline({"a": project.command("ls ${{inputs.d}}", inputs={"d": data})})

    found = validate(file, assets={"numbers:1": project.folder / "data"})

    assert [problem.rule for problem in found] == ["remote-data"]


def test_a_name_on_the_command_line_wins_over_a_version_in_the_file(
    mapped: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    mapped.write("own/a.txt", "18\n")
    monkeypatch.chdir(mapped.folder)

    assert main(["pipeline.yml", "--asset", "numbers=own"]) == 0
    log = mapped.folder / "azureml-simulation/steps/read/log.txt"
    assert log.read_text(encoding="utf-8").split()[0] == "18"


def test_another_file_is_used_where_it_is_named(
    mapped: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    (mapped.folder / "azureml-simulate.yml").rename(mapped.folder / "other.yml")
    monkeypatch.chdir(mapped.folder)

    assert main(["pipeline.yml"]) == 1
    assert main(["pipeline.yml", "--config", "other.yml"]) == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("asets: {}\n", "azureml-simulate.yml:1: asets: unknown key `asets`"),
        ("assets:\n  a:1: nowhere\n", "azureml-simulate.yml:2: assets.a:1"),
        ("assets: [a]\n", "must be a mapping, not a list"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_its_line(
    mapped: Project, content: str, words: str
) -> None:
    mapped.write("azureml-simulate.yml", content)

    with pytest.raises(PipelineError) as caught:
        mapped.run()

    assert words in str(caught.value)


def test_inputs_replace_what_the_yaml_says_before_it_is_judged(project: Project) -> None:
    project.write("mine/a.txt", "1")
    inputs = {
        "data": {"type": "uri_folder", "path": "azureml:no-version"},
        "later": {"type": "uri_folder"},
        "rate": None,
    }
    names = ("data", "later", "rate")
    bound = {name: f"${{{{parent.inputs.{name}}}}}" for name in names}
    line = "ls ${{inputs.data}} ${{inputs.later}}; echo ${{inputs.rate}}"
    file = project.pipeline({"a": project.command(line, inputs=bound)}, inputs=inputs)
    mine = str(project.folder / "mine")
    given = {"data": mine, "later": mine, "rate": "0.5"}

    assert {p.where for p in validate(file)} == {"inputs.data.path", "inputs.later", "inputs.rate"}
    assert validate(file, inputs=given) == ()
    assert simulate(file, run_dir=project.run_dir, inputs=given).status == "completed"


def test_validate_writes_json_and_annotations_and_runs_nothing(
    mapped: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(mapped.folder)
    mapped.pipeline({"a": mapped.command("true", compute="cpu"), "b": mapped.command("")})

    assert main(["pipeline.yml", "--validate", "--format", "github"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("::warning file=pipeline.yml,line=9::jobs.a.compute: `cpu` lacks")
    assert lines[1].startswith("::error file=pipeline.yml,line=12::jobs.b.command: is empty")

    assert main(["pipeline.yml", "--validate", "--format", "json"]) == 1
    record = json.loads(capsys.readouterr().out)
    assert [(p["severity"], p["rule"], p["line"]) for p in record["problems"]] == [
        ("warning", "", 9),
        ("error", "command-empty", 12),
    ]

    mapped.pipeline({"a": mapped.command("true", compute="cpu")})
    assert main(["pipeline.yml", "--validate"]) == 0
    assert capsys.readouterr().out.endswith("1 warning\n")
    assert main(["pipeline.yml", "--validate", "--strict"]) == 1
    assert not Path("azureml-simulation").exists()


def test_what_the_sdk_sends_as_it_is_is_read(project: Project) -> None:
    project.write("data/a.txt", "7")
    address = "azureml://datastores/store/paths/${{name}}"
    echo = project.command(
        "echo ${{inputs.n}} ${{inputs.rate}}; cat ${{inputs.d}}/a.txt",
        inputs={
            "n": "${{parent.inputs.n}}",
            "rate": {"value": 0.5},
            "d": {"type": "uri_folder", "path": address},
        },
        experiment_name="trials",
    )
    file = project.pipeline({"echo": echo}, inputs={"n": {"value": 15}})

    found = validate(file, assets={address: project.folder / "data"})
    result = project.run(assets={address: project.folder / "data"})

    assert [problem.severity for problem in found] == ["warning"], found
    assert "as 0" in found[0].text
    assert project.log(result["echo"]).split() == ["15", "0", "7"]


@pytest.mark.parametrize(
    "written",
    [{"value": 5}, {"value": "a/b"}, {"type": "integer", "default": 5}, {"type": "string"}],
)
def test_a_literal_that_is_written_as_a_mapping_is_replaced_by_a_literal(
    project: Project, written: dict[str, object]
) -> None:
    step = project.command("echo ${{inputs.n}}", inputs={"n": "${{parent.inputs.n}}"})

    result = project.run({"a": step}, fields={"inputs": {"n": written}}, inputs={"n": "7"})

    assert project.log(result["a"]) == "7\n"


def test_a_key_that_stands_twice_in_the_file_is_refused(mapped: Project) -> None:
    mapped.write(
        "azureml-simulate.yml", "assets:\n  numbers:1: elsewhere\n  numbers:1: elsewhere\n"
    )

    with pytest.raises(PipelineError, match=r"azureml-simulate.yml:3: assets.numbers:1: stands"):
        mapped.run()


def test_a_component_file_that_cannot_be_read_is_named(project: Project) -> None:
    file = project.pipeline({"a": {"component": "azureml:add:3"}})

    [problem] = validate(file, components={"add": project.folder / "nowhere.yml"})

    assert f"{project.folder / 'nowhere.yml'}, which stands for `azureml:add:3`" in problem.text
