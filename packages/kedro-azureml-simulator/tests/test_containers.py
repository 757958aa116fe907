"""Steps in containers: the command is a value, and an engine that is not there is one line.

There is no container engine where these tests run. A program that stands for one takes the same
arguments and runs the command on this machine.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from kedro_azureml_simulator import MachineError, SimulatorError
from kedro_azureml_simulator.processes.containers import Containers

if TYPE_CHECKING:
    from conftest import Project

ENGINE = f"""#!{sys.executable}
import os, shutil, sys

words = sys.argv[1:]
if words == ["info"]:
    sys.exit(os.environ.get("ENGINE_ERROR"))
assert words[:3] == ["run", "--rm", "--init"], words
env, cwd = {{"PATH": "/usr/bin:/bin"}}, None
for option, value in zip(words, words[1:]):
    if option == "--env":
        name, _, text = value.partition("=")
        env[name] = text
    elif option == "--workdir":
        cwd = value
    elif option == "--mount" and value.endswith(",readonly"):
        parts = dict(part.partition("=")[::2] for part in value.split(","))
        shutil.copytree(parts["source"], parts["target"], dirs_exist_ok=True)
env["IMAGE"] = words[-3]
os.chdir(cwd)
os.execve("/bin/bash", ["bash", *words[-2:]], env)
"""


@pytest.fixture
def engine(project: Project, monkeypatch: pytest.MonkeyPatch) -> Path:
    program = project.write("engine/docker", ENGINE)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    return program


def test_a_step_runs_in_the_image_of_its_environment_with_its_data(
    project: Project, engine: Path
) -> None:
    project.write("data/a.txt", "one")
    first = project.command(
        "echo $IMAGE $MARK $(cat ${{inputs.d}}/a.txt) > ${{outputs.o}}/x",
        environment={"image": "python:3.11", "conda_file": {"dependencies": ["never=1"]}},
        environment_variables={"MARK": "m"},
        inputs={"d": {"path": "data"}},
        outputs={"o": {}},
    )
    second = project.command(
        "cat ${{inputs.x}}/x; echo $IMAGE",
        environment="azureml:sklearn:3",
        inputs={"x": "${{parent.jobs.first.outputs.o}}"},
    )

    result = project.run(
        {"first": first, "second": second}, engine="docker", images={"sklearn": "sk:1"}
    )

    assert result.status == "completed", [step.message for step in result.steps]
    assert project.log(result["second"]).split() == ["python:3.11", "m", "one", "sk:1"]


def test_a_step_without_an_image_is_named_before_anything_runs(
    project: Project, engine: Path
) -> None:
    with pytest.raises(SimulatorError, match="the image of a is not known"):
        project.run({"a": project.command("true")}, engine="docker")

    assert not project.run_dir.exists()


def test_an_engine_that_is_not_there_is_said_in_one_line(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")

    with pytest.raises(MachineError, match="podman is not on PATH"):
        project.run({"a": project.command("true", environment={"image": "x"})}, engine="podman")


def test_an_engine_that_does_not_answer_is_said_in_one_line(
    project: Project, engine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENGINE_ERROR", "Is the daemon running?")

    with pytest.raises(MachineError, match=r"docker does not answer: Is the daemon running\?"):
        project.run({"a": project.command("true", environment={"image": "x"})}, engine="docker")

    assert not project.run_dir.exists()


def test_the_command_mounts_what_the_step_sees_and_keeps_the_owner_of_files() -> None:
    argv = Containers(Path("/bin/podman"), {"a": "img"}).argv(
        "a", "true", cwd=Path("/r/code"), env={"PATH": "/x", "HOME": "/h"},
        writable=[Path("/r")], mounts=[(Path("/data"), Path("/r/in"))],
    )  # fmt: skip

    assert argv == [
        "/bin/podman", "run", "--rm", "--init", "--userns=keep-id",
        "--user", f"{os.getuid()}:{os.getgid()}", "--workdir", "/r/code",
        "--mount", "type=bind,source=/r,target=/r",
        "--mount", "type=bind,source=/data,target=/r/in,readonly",
        "--env", "HOME=/h", "--entrypoint", "bash", "img", "-c", "true",
    ]  # fmt: skip
