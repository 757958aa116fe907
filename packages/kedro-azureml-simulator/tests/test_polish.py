"""What a person reads: full names, outputs, local paths, the step that a machine failed in."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from kedro_azureml_simulator import MachineError, simulate, validate
from kedro_azureml_simulator.terminal.command import main

if TYPE_CHECKING:
    from conftest import Project


@pytest.fixture
def nested(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    inner = {
        "plain": project.command("true"),
        "shown": project.command(
            "echo 1 > ${{outputs.y}}/x", display_name="training.fit",
            outputs={"y": "${{parent.outputs.y}}"},
        ),
    }  # fmt: skip
    component = {"type": "pipeline", "outputs": {"y": {"type": "uri_folder"}}, "jobs": inner}
    project.write("c.yml", yaml.safe_dump(component))
    outer = {"component": "./c.yml", "outputs": {"y": "${{parent.outputs.result}}"}}
    project.pipeline({"c": outer}, outputs={"result": {}})
    monkeypatch.chdir(project.folder)
    return project


def test_steps_of_a_component_show_the_names_that_only_takes(
    nested: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["pipeline.yml"]) == 0
    out = capsys.readouterr().out
    assert "started c.plain\n" in out
    assert "started c.shown (training.fit)\n" in out
    assert main(["pipeline.yml", "--only", "c.shown"]) == 0
    assert main(["pipeline.yml", "--only", "training.fit"]) == 0


def test_the_outputs_of_the_pipeline_are_listed_with_their_folders(
    nested: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["pipeline.yml"])

    folder = nested.folder / "azureml-simulation/steps/c.shown/mounts/outputs/y"
    assert f"output result: {folder}" in capsys.readouterr().out.replace("\n", " ")
    assert (folder / "x").exists()


def test_a_folder_that_stands_for_a_remote_file_is_named(project: Project) -> None:
    project.write("data/a", "1")
    project.write("data/b", "2")
    step = project.command("true", inputs={"x": {"type": "uri_file", "path": "https://h/x.csv"}})

    result = project.run({"a": step}, assets={"https://h/x.csv": project.folder / "data"})

    [warning] = result.warnings
    assert str(project.folder / "data") in warning.text
    assert "is a folder, and not a file" in warning.text


def test_a_full_disk_names_the_step(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    # No small file system can be made without rights, so the system call itself says so.
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.copy_file_range", full)
    project.write("code/x.py", "x = 1\n" * 1000)

    with pytest.raises(MachineError, match=r"in the step a: .*No space left on device"):
        project.run({"a": project.command("true", code="code")})


def test_windows_gets_one_line_instead_of_a_traceback(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = project.pipeline({"a": project.command("true")})
    monkeypatch.setattr("kedro_azureml_simulator.terminal.command.IS_WINDOWS", True)
    monkeypatch.setattr("kedro_azureml_simulator.simulation.IS_WINDOWS", True)

    assert main([str(file)]) == 3
    assert "run this command in WSL" in capsys.readouterr().err
    with pytest.raises(MachineError, match="Linux processes"):
        simulate(file, run_dir=Path("never"))


def test_a_hint_says_what_to_write_in_place_of_what_stands_there(project: Project) -> None:
    project.write("c.yml", yaml.safe_dump({
        "type": "command", "name": "c", "command": "true", "environment": "azureml:any:1",
        "inputs": {"n": 1.0, "m": {"description": "no type"}},
    }))  # fmt: skip
    project.write("bare.yml", yaml.safe_dump({
        "type": "command", "name": "c", "command": "true", "environment": "azureml:any:1",
    }))  # fmt: skip
    file = project.pipeline(
        {
            "a": project.command(
                "true",
                inputs={"x": "${{inputs.n}}", "y": "${{ jobs.c.outputs.z }}"},
                outputs={"o": "${{outputs.all}}"},
            ),
            "b": {"component": "./c.yml"},
            "c": {"component": "./bare.yml", "inputs": {"x": 1}},
        }
    )

    hints = {problem.where: f"{problem.text} / {problem.hint}" for problem in validate(file)}

    assert hints.pop("jobs.a.inputs.x").endswith("/ write ${{parent.inputs.n}}")
    assert hints.pop("jobs.a.inputs.y").endswith("/ write ${{parent.jobs.c.outputs.z}}")
    assert hints.pop("jobs.a.outputs.o").endswith("/ write ${{parent.outputs.all}}")
    assert "must be a mapping" in hints.pop("jobs.b.component.inputs.n")
    assert hints.pop("jobs.b.component.inputs.m.type").startswith("is missing / known: ")
    assert hints.pop("jobs.c.inputs.x").endswith("remove it: the component has none")
    assert not hints


@pytest.mark.parametrize(
    ("one", "other", "warned"),
    [
        ("azureml://datastores/s/paths/out", "azureml://datastores/s/paths/out/", True),
        ("azureml://datastores/s/paths/out", "azureml://datastores/s/paths/out2", False),
        (*2 * ["azureml://datastores/s/paths/${{name}}/o"], False),
    ],
)  # fmt: skip
def test_two_outputs_with_one_fixed_path_are_a_warning(
    project: Project, one: str, other: str, warned: bool
) -> None:
    line = "echo 1 > ${{outputs.o}}/x"
    file = project.pipeline(
        {
            name: project.command(line, outputs={"o": {"type": "uri_folder", "path": path}})
            for name, path in (("a", one), ("b", other))
        }
    )

    found = validate(file)

    assert ["the folder is not empty" in problem.text for problem in found] == [True] * warned
