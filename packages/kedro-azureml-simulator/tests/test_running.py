"""How data flows from step to step, and what comes of it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Project

FOLDER = {"type": "uri_folder"}
FILE = {"type": "uri_file"}


def from_step(step: str, port: str = "y") -> str:
    return f"${{{{parent.jobs.{step}.outputs.{port}}}}}"


def statuses(result: Any) -> dict[str, str]:
    return {step.name: step.status for step in result.steps}


def test_data_flows_from_step_to_step(project: Project) -> None:
    result = project.run(
        {
            "use": project.command("cat ${{inputs.x}}/a/b.txt", inputs={"x": from_step("make")}),
            "make": project.command(
                "mkdir ${{outputs.y}}/a; echo hello > ${{outputs.y}}/a/b.txt", outputs={"y": FOLDER}
            ),
        }
    )

    assert result.status == "completed"
    assert [step.name for step in result.steps] == ["use", "make"]
    assert project.log(result.steps[0]) == "hello\n"
    assert (result.steps[1].outputs["y"] / "a" / "b.txt").read_text() == "hello\n"


def test_a_file_travels_as_a_file_with_the_name_of_its_data(project: Project) -> None:
    project.write("data/penguins 1.csv", "a,b\n")
    result = project.run(
        {
            "make": project.command(
                'test ! -e ${{outputs.y}} && cat "${{inputs.x}}" > ${{outputs.y}};'
                ' basename "${{inputs.x.path}}"',
                inputs={"x": {**FILE, "path": "data/penguins 1.csv"}},
                outputs={"y": FILE},
            ),
            "use": project.command("cat ${{inputs.x}}", inputs={"x": from_step("make")}),
        }
    )

    assert result.status == "completed"
    assert project.log(result.steps[0]) == "penguins 1.csv\n"
    assert project.log(result.steps[1]) == "a,b\n"
    assert result.steps[0].outputs["y"].is_file()


def test_an_input_is_a_separate_folder_not_its_producers(project: Project) -> None:
    result = project.run(
        {
            "make": project.command(
                "echo 1 > ${{outputs.y}}/f; realpath ${{outputs.y}}", outputs={"y": FOLDER}
            ),
            "use": project.command(
                "realpath ${{inputs.x}}/f; find ${{inputs.x}} -type f | wc -l;"
                " stat -c %h ${{inputs.x}}/f",
                inputs={"x": from_step("make")},
            ),
        }
    )

    seen, files, links = project.log(result.steps[1]).split()
    assert seen == str(project.run_dir / "steps" / "use" / "mounts" / "inputs" / "x" / "f")
    assert (files, links) == ("1", "1")


@pytest.mark.parametrize(
    ("line", "change"),
    [
        ("echo 2 > ${{inputs.x}}/f", "changed f"),
        ("rm ${{inputs.x}}/sub/g", "removed sub/g"),
        ("touch ${{inputs.x}}/sub/h", "added sub/h"),
        ("mkdir ${{inputs.x}}/new", "added new"),
        ("rm -r ${{inputs.x}}", "removed f, removed sub, removed sub/g"),
        ("touch -r ${{inputs.x}}/f t; echo 3 > ${{inputs.x}}/f; touch -r t ${{inputs.x}}/f",
         "changed f"),
    ],
)  # fmt: skip
def test_without_a_mount_a_change_to_a_read_only_input_fails_the_step_and_spares_the_producer(
    project: Project, line: str, change: str
) -> None:
    result = project.run(
        {
            "make": project.command(
                "cd ${{outputs.y}}; mkdir sub; echo 1 > f; echo 1 > sub/g",
                outputs={"y": FOLDER},
            ),
            "use": project.command(line, inputs={"x": from_step("make")}),
        },
        isolate=False,
    )

    assert statuses(result) == {"make": "completed", "use": "failed"}
    assert f"changed its read-only input `x`: {change};" in result.steps[1].message
    assert (result.steps[0].outputs["y"] / "f").read_text() == "1\n"
    assert (result.steps[0].outputs["y"] / "sub" / "g").exists()


def test_a_change_to_a_read_only_file_names_it(project: Project) -> None:
    project.write("data.csv", "1")
    step = project.command("echo 2 > ${{inputs.x}}", inputs={"x": {**FILE, "path": "data.csv"}})

    result = project.run({"a": step}, isolate=False)

    assert "`x`: changed data.csv" in result.steps[0].message
    assert (project.folder / "data.csv").read_text() == "1"


def test_a_downloaded_input_may_be_changed(project: Project) -> None:
    project.write("data/f", "1")
    step = project.command(
        "echo 2 > ${{inputs.x}}/f", inputs={"x": {**FOLDER, "path": "data", "mode": "download"}}
    )

    assert project.run({"a": step}).status == "completed"
    assert (project.folder / "data" / "f").read_text() == "1"


def test_an_empty_folder_as_input_fails_its_reader_before_it_starts(project: Project) -> None:
    result = project.run(
        {
            "make": project.command("mkdir ${{outputs.y}}/empty", outputs={"y": FOLDER}),
            "use": project.command("touch ${{outputs.z}}/ran",
                                   inputs={"x": from_step("make")}, outputs={"z": FOLDER}),
        }
    )  # fmt: skip

    assert statuses(result) == {"make": "completed", "use": "failed"}
    message = result.steps[1].message
    assert message.startswith("ScriptExecution.StreamAccess.NotFound")
    assert "output `y` of the step `make` is an empty folder" in message
    assert message in project.log(result.steps[1])
    assert result.steps[1].exit_code is None
    assert not (project.run_dir / "steps/use/mounts/outputs/z/ran").exists()


def test_a_file_that_was_not_written_fails_its_reader(project: Project) -> None:
    result = project.run(
        {
            "make": project.command("true", outputs={"y": FILE}),
            "use": project.command("true", inputs={"x": from_step("make")}),
        }
    )

    assert "output `y` of the step `make` was not written" in result.steps[1].message


def test_an_empty_asset_fails_its_reader(project: Project) -> None:
    (project.folder / "data").mkdir()
    step = project.command("true", inputs={"x": {**FOLDER, "path": "azureml:penguins:1"}})

    result = project.run({"a": step}, assets={"penguins:1": project.folder / "data"})

    assert "NotFound" in result.steps[0].message
    assert "the asset penguins:1 is an empty folder" in result.steps[0].message


def test_assets_and_local_paths_reach_the_steps(project: Project) -> None:
    project.write("birds/p.csv", "penguin")
    project.write("local/l.csv", "local")
    result = project.run(
        {
            "a": project.command(
                "cat ${{inputs.asset}}/p.csv ${{inputs.local}}/l.csv",
                inputs={
                    "asset": "${{parent.inputs.asset}}",
                    "local": {"type": "uri_folder", "path": "${{parent.inputs.local}}"},
                },
            )
        },
        fields={
            "inputs": {
                "asset": {**FOLDER, "path": "azureml:penguins@latest"},
                "local": {"path": "./local"},
            }
        },
        assets={"penguins@latest": project.folder / "birds"},
    )

    assert project.log(result.steps[0]) == "penguinlocal"


def test_literals_are_sent_as_the_sdk_sends_them(project: Project) -> None:
    result = project.run(
        {
            "a": project.command(
                "echo ${{inputs.flag}} ${{inputs.rate}} ${{inputs.n}} '${{inputs.text}}'",
                inputs={"flag": True, "rate": "${{parent.inputs.rate}}", "n": 3, "text": "a  b"},
            )
        },
        fields={"inputs": {"rate": 1.0e-3}},
    )

    assert project.log(result.steps[0]) == "True 0.001 3 a  b\n"


def test_a_value_is_code_once_it_stands_in_a_command(project: Project) -> None:
    value = "x'; echo injected; echo '"
    result = project.run({"a": project.command("echo '${{inputs.v}}'", inputs={"v": value})})

    assert project.log(result.steps[0]) == "x\ninjected\n\n"
    assert result.steps[0].command == f"echo '{value}'"


def test_the_caller_s_inputs_replace_those_of_the_yaml(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write("old/f", "old")
    project.write("elsewhere/new/f", "new")
    monkeypatch.chdir(project.folder / "elsewhere")

    result = project.run(
        {
            "a": project.command(
                "cat ${{inputs.data}}/f; echo ' ${{inputs.rate}}'",
                inputs={"data": "${{parent.inputs.data}}", "rate": "${{parent.inputs.rate}}"},
            )
        },
        fields={"inputs": {"rate": 1, "data": {**FOLDER, "path": "old"}}},
        inputs={"rate": "${{inputs.x}}", "data": "new"},
    )

    assert project.log(result.steps[0]) == "new ${{inputs.x}}\n"


def test_a_script_in_the_data_stays_executable(project: Project) -> None:
    project.write("data/run.sh", "#!/bin/sh\necho ran\n").chmod(0o555)
    step = project.command("${{inputs.x}}/run.sh", inputs={"x": {**FOLDER, "path": "data"}})

    for _ in range(2):
        assert project.log(project.run({"a": step}).steps[0]) == "ran\n"


def test_an_output_with_a_broken_link_fails_the_step_that_made_it(project: Project) -> None:
    step = project.command("ln -s $TMPDIR/gone ${{outputs.y}}/link", outputs={"y": FOLDER})

    assert "link is a symbolic link" in project.run({"a": step}).steps[0].message


def test_an_optional_part_depends_on_its_input(project: Project) -> None:
    component = project.component(
        "echo ${{inputs.rate}} $[[--extra ${{inputs.extra}}]]",
        inputs={
            "rate": {"type": "number", "default": 0.5},
            "extra": {"type": "string", "optional": True},
        },
        is_deterministic=False,
    )

    result = project.run(
        {
            "without": {"component": component},
            "with_it": {"component": component, "inputs": {"extra": "e", "rate": 2}},
        }
    )

    assert [project.log(step) for step in result.steps] == ["0.5\n", "2 --extra e\n"]


def test_a_component_file_is_relative_to_the_pipeline_and_its_code_to_itself(
    project: Project,
) -> None:
    project.write("parts/src/main.txt", "main")
    project.write(
        "parts/c.yml",
        """
        $schema: https://azuremlschemas.azureedge.net/latest/commandComponent.schema.json
        type: command
        name: reader
        version: 1
        display_name: Read it
        inputs:
          data: {type: uri_folder}
        outputs:
          y: {type: uri_folder}
        code: ./src
        environment: azureml:any:1
        command: >-
          cat main.txt ${{inputs.data}}/f
          > ${{outputs.y}}/both
        """,
    )
    project.write("data/f", "data")
    step = {
        "type": "command",
        "component": "./parts/c.yml",
        "inputs": {"data": {**FOLDER, "path": "./data"}},
        "outputs": {"y": "${{parent.outputs.z}}"},
    }

    result = project.run({"a": step}, fields={"outputs": {"z": FOLDER}})

    assert result.steps[0].display_name == "Read it"
    assert (result.outputs["z"] / "both").read_text() == "maindata"


def test_outputs_with_a_name_register_assets_that_can_be_read_again(project: Project) -> None:
    result = project.run(
        {
            "a": project.command(
                "echo 1 > ${{outputs.f}}; echo 2 > ${{outputs.d}}/x; echo 3 > ${{outputs.p}}/x",
                outputs={
                    "f": {**FILE, "name": "model", "version": "7"},
                    "d": {**FOLDER, "name": "model"},
                    "p": "${{parent.outputs.z}}",
                },
            )
        },
        fields={"outputs": {"z": {**FOLDER, "name": "by-pipeline"}}},
    )

    store = project.run_dir / "assets"
    assert result.registered == {
        "model:7": store / "model" / "7" / "f",
        "model:8": store / "model" / "8",
        "by-pipeline:1": store / "by-pipeline" / "1",
    }
    again = project.run(
        {
            "a": project.command(
                "cat ${{inputs.f}} ${{inputs.d}}/x",
                inputs={
                    "f": {**FILE, "path": "azureml:model:7"},
                    "d": {**FOLDER, "path": "azureml:model:8"},
                },
            )
        },
        assets=result.registered,
        run_dir=project.folder / "again",
    )
    assert project.log(again.steps[0]) == "1\n2\n"


def test_a_named_file_that_was_not_written_fails_its_step(project: Project) -> None:
    step = project.command("true", outputs={"y": {**FILE, "name": "model", "version": "1"}})

    result = project.run({"a": step})

    assert "model:1 cannot be registered" in result.steps[0].message
    assert result.registered == {}


@pytest.mark.parametrize(
    ("output", "line"),
    [(FILE, "mkdir ${{outputs.y}}"), (FOLDER, "rmdir ${{outputs.y}}; touch ${{outputs.y}}")],
)
def test_an_output_of_the_other_type_fails_its_step(
    project: Project, output: dict[str, str], line: str
) -> None:
    result = project.run({"a": project.command(line, outputs={"y": output})})

    assert f"the output `y` is a {output['type']}, but" in result.steps[0].message


def test_a_large_file_arrives_whole(project: Project) -> None:
    content = os.urandom(3_000_001)
    project.write("data/big.bin", content)
    step = project.command("cp ${{inputs.x}}/big.bin ${{outputs.y}}", outputs={"y": FILE},
                           inputs={"x": {**FOLDER, "path": "data"}})  # fmt: skip

    result = project.run({"a": step})

    assert result.steps[0].outputs["y"].read_bytes() == content
