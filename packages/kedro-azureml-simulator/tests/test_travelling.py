"""What of a folder reaches a step, and what is kept of what it leaves."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from kedro_azureml_simulator import PipelineError

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Project

FOLDER = {"type": "uri_folder"}
FIND = "find . -type f | sort"


def test_the_ignore_file_in_the_root_decides_and_amlignore_replaces_gitignore(
    project: Project,
) -> None:
    for path in ("keep.txt", "big.bin", "sub/big.bin", "sub/keep.bin", "sub/.gitignore"):
        project.write(f"src/{path}", "*.txt\n" if path.endswith("ignore") else "x")
    project.write("src/.gitignore", "*.bin\n!sub/keep.bin\n")
    step = project.command(FIND, code="src")

    assert project.log(project.run({"a": step}).steps[0]).split() == [
        "./.gitignore", "./keep.txt", "./sub/.gitignore", "./sub/keep.bin",
    ]  # fmt: skip
    project.write("src/.amlignore", "*\n!sub/\n")
    assert project.log(project.run({"a": step}).steps[0]).split() == [
        "./sub/.gitignore", "./sub/big.bin", "./sub/keep.bin",
    ]  # fmt: skip


def test_a_code_folder_whose_files_are_all_ignored_is_empty(project: Project) -> None:
    project.write("src/main.txt")
    project.write("src/.amlignore", "*\n")

    with pytest.raises(PipelineError, match="is empty"):
        project.run({"a": project.command("true", code="src")})


def test_empty_folders_and_ignored_files_of_local_data_do_not_travel(project: Project) -> None:
    project.write("data/f", "1")
    project.write("data/x.tmp", "2")
    project.write("data/.amlignore", "*.tmp\n.amlignore\n")
    (project.folder / "data" / "empty" / "deep").mkdir(parents=True)
    step = project.command("cd ${{inputs.x}}; find . | sort",
                           inputs={"x": {**FOLDER, "path": "data"}})  # fmt: skip

    for isolate in (True, False):
        result = project.run({"a": step}, isolate=isolate)
        assert project.log(result.steps[0]) == ".\n./f\n"


def test_additional_includes_stand_beside_the_code(project: Project) -> None:
    project.write("src/main.txt", "main")
    project.write("src/lib/own.txt", "own")
    project.write("shared/lib/more.txt", "more")
    project.write("shared/lib/__pycache__/x.pyc")
    project.write("shared/one.txt", "one")
    project.write("shared/tools/t.txt", "zipped")
    component = project.component(
        FIND, code="./src",
        additional_includes=["./shared/lib", "./shared/one.txt", "./shared/tools.zip"],
    )  # fmt: skip

    result = project.run({"a": {"component": component}}, keep=True)

    assert project.log(result.steps[0]).split() == [
        "./lib/more.txt", "./lib/own.txt", "./main.txt", "./one.txt", "./tools.zip",
    ]  # fmt: skip
    archive = project.run_dir / "steps" / "a" / "code" / "tools.zip"
    assert zipfile.ZipFile(archive).read("tools/t.txt") == b"zipped"


def test_default_artifacts_are_kept_also_of_a_step_that_fails(project: Project) -> None:
    line = "echo 1 > ./outputs/world.txt; mkdir -p logs; echo 2 > logs/l.txt; exit {}"

    result = project.run(
        {
            "good": project.command(line.format(0)),
            "bad": project.command(line.format(1)),
            "none": project.command("ls -d outputs"),
        }
    )

    good, bad, none = result.steps
    for step in (good, bad):
        assert step.artifacts is not None
        assert (step.artifacts / "outputs" / "world.txt").read_text() == "1\n"
        assert (step.artifacts / "logs" / "l.txt").read_text() == "2\n"
    assert none.artifacts is None
    assert project.log(none) == "outputs\n"


@pytest.mark.parametrize(
    "data_type", ["uri_folder", "mltable", "custom_model", "mlflow_model", "triton_model"]
)
def test_every_type_of_folder_flows(project: Project, data_type: str) -> None:
    project.write("data/MLTable", "paths: []")
    kind = {"type": data_type}
    component = project.component(
        "cp ${{inputs.x}}/* ${{outputs.y}}", inputs={"x": kind}, outputs={"y": kind}
    )

    result = project.run(
        {
            "a": {"component": component, "inputs": {"x": "${{parent.inputs.x}}"}},
            "b": {
                "component": component,
                "inputs": {"x": "${{parent.jobs.a.outputs.y}}"},
                "outputs": {"y": {"type": data_type, "name": "m", "version": "2"}},
            },
        },
        fields={"inputs": {"x": {**kind, "path": "./data"}}},
    )

    assert result.status == "completed", [step.message for step in result.steps]
    assert (result.registered["m:2"] / "MLTable").read_text() == "paths: []"


def test_a_custom_model_may_be_one_file(project: Project) -> None:
    project.write("model.pkl", "m")
    step = project.command("cat ${{inputs.x}}",
                           inputs={"x": {"type": "custom_model", "path": "model.pkl"}})  # fmt: skip

    assert project.log(project.run({"a": step}).steps[0]) == "m"


def test_remote_data_has_a_local_provider_or_is_named(project: Project) -> None:
    address = "https://somewhere.invalid/data/birds.csv?sig=a=b"
    project.write("birds.csv", "1,2")
    step = project.command("cat ${{inputs.x}}",
                           inputs={"x": {"type": "uri_file", "path": address}})  # fmt: skip

    result = project.run({"a": step}, assets={address: project.folder / "birds.csv"})

    assert project.log(result.steps[0]) == "1,2"
    with pytest.raises(PipelineError, match="reaches nothing beyond this machine"):
        project.run({"a": step})


DATASTORE = "azureml://datastores/workspaceblobstore/paths/${{name}}/world.txt"


def fixed(kind: str, path: str = DATASTORE) -> dict[str, Any]:
    return {"outputs": {"z": {"type": kind, "path": path, "mode": "rw_mount"}}}


def test_an_output_with_a_fixed_path_runs_and_goes_to_its_provider(project: Project) -> None:
    step = project.command("echo 1 > ${{outputs.y}}", outputs={"y": "${{parent.outputs.z}}"})
    place = project.folder / "blobs" / "world.txt"

    result = project.run({"a": step}, fields=fixed("uri_file"))
    assert result.outputs["z"].read_text() == "1\n"
    for _ in range(2):  # a file is overwritten
        project.run({"a": step}, fields=fixed("uri_file"), assets={DATASTORE: place})
        assert place.read_text() == "1\n"


def test_a_fixed_path_that_is_a_folder_with_something_in_it_fails_the_step(
    project: Project, tmp_path: Path
) -> None:
    step = project.command("echo 1 > ${{outputs.y}}/f", outputs={"y": "${{parent.outputs.z}}"})
    place = tmp_path / "blobs"

    def run(path: str) -> Any:
        return project.run({"a": step}, fields=fixed("uri_folder", path), assets={path: place})

    always = "azureml://datastores/blobs/paths/world"
    assert run(always).status == "completed"
    assert (place / "f").read_text() == "1\n"
    assert "a folder that is not empty" in run(always).steps[0].message
    # With the run's name in it, the path is another one in each run.
    assert run(DATASTORE).status == "completed"


def test_a_store_of_assets_answers_references(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from kedro_azureml_simulator.terminal.command import main

    monkeypatch.chdir(project.folder)
    for version in ("9", "10"):
        project.write(f"store/birds/{version}/f.csv", version)
    project.pipeline(
        {
            "a": project.command(
                "cat ${{inputs.x}}/f.csv ${{inputs.z}}",
                inputs={
                    "x": {**FOLDER, "path": "azureml:birds:9"},
                    "z": {"type": "uri_file", "path": "azureml:birds@latest"},
                },
            )
        }
    )

    assert main(["pipeline.yml", "--assets", "store"]) == 0, capsys.readouterr()
    assert (project.folder / "azureml-simulation/steps/a/log.txt").read_text() == "910"


def test_a_literal_stands_as_text_in_a_here_document(project: Project) -> None:
    value = "x'; touch f; echo ' $(touch g) `touch h` \\ \"q\" ${HOME}"
    line = "cat <<'END' > ${{outputs.y}}\n${{inputs.v}}\nEND\nls"
    step = project.command(
        line, inputs={"v": "${{parent.inputs.v}}"}, outputs={"y": {"type": "uri_file"}}
    )

    result = project.run({"a": step}, fields={"inputs": {"v": value}})

    assert result.steps[0].outputs["y"].read_text() == value + "\n"
    assert project.log(result.steps[0]) == "outputs\n"


def test_a_hole_in_a_file_takes_no_place_in_a_run(project: Project) -> None:
    with project.write("data/large.bin", "start").open("r+b") as file:
        file.truncate(1 << 28)
    project.write("src/large.bin", "")
    (project.folder / "src/large.bin").unlink()
    (project.folder / "src/large.bin").hardlink_to(project.folder / "data/large.bin")
    result = project.run(
        {
            "a": project.command(
                "head -c 5 ${{inputs.x}} large.bin | grep -c start; stat -c %s large.bin",
                code="src",
                inputs={"x": {"type": "uri_file", "path": "data/large.bin", "mode": "download"}},
            )
        },
        keep=True,
    )

    assert project.log(result.steps[0]).split() == ["2", str(1 << 28)]
    copies = [path for path in project.run_dir.rglob("large.bin") if path.is_file()]
    assert len(copies) == 2
    assert sum(path.stat().st_blocks * 512 for path in copies) < 1 << 20
