"""What a step finds: its code, its variables, its interpreter."""

from __future__ import annotations

import importlib.util
import sys
import venv
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from kedro_azureml_simulator import (
    InterpreterError,
)

if TYPE_CHECKING:
    from conftest import Project

FOLDER = {"type": "uri_folder"}
FILE = {"type": "uri_file"}


def from_step(step: str, port: str = "y") -> str:
    return f"${{{{parent.jobs.{step}.outputs.{port}}}}}"


def test_the_working_directory_is_a_fresh_copy_of_the_code(project: Project) -> None:
    project.write("src/.hidden/main.txt", "main")
    project.write("src/pkg/__pycache__/m.pyc", "x")
    project.write("outside/linked.txt", "linked")
    (project.folder / "src" / "link").symlink_to(project.folder / "outside")
    step = project.command(
        "find . -type f | sort; test ! -L link; echo $?; echo 2 > link/linked.txt; touch made",
        code="./src",
    )

    result = project.run({"a": step, "b": step})

    for done in result.steps:
        assert project.log(done) == "./.hidden/main.txt\n./link/linked.txt\n0\n"
    assert (project.folder / "outside" / "linked.txt").read_text() == "linked"
    assert not (project.folder / "src" / "made").exists()


def test_a_run_folder_inside_the_code_folder_does_not_travel(project: Project) -> None:
    project.write("main.txt")
    step = project.command("find . -type f | sort", code=".")

    for _ in range(2):
        result = project.run({"a": step})
        assert project.log(result.steps[0]) == "./main.txt\n./pipeline.yml\n"


def test_a_link_that_leads_nowhere_fails_the_step_that_needs_it(project: Project) -> None:
    project.write("src/main.txt")
    (project.folder / "src" / "broken").symlink_to("nowhere")
    (project.folder / "src" / "self").symlink_to(".")

    result = project.run({"a": project.command("true", code="src")})

    assert result.status == "failed"
    assert "broken is a symbolic link that leads nowhere" in result.steps[0].message


def test_a_link_that_leads_back_to_itself_fails_the_step_that_needs_it(project: Project) -> None:
    project.write("src/sub/main.txt")
    (project.folder / "src" / "sub" / "self").symlink_to("..")

    result = project.run({"a": project.command("true", code="src")})

    assert "self is a symbolic link that leads nowhere, or back" in result.steps[0].message


def test_what_is_neither_file_nor_folder_does_not_travel(project: Project) -> None:
    result = project.run(
        {
            "make": project.command(
                "mkfifo ${{outputs.y}}/pipe; echo 1 > ${{outputs.y}}/f", outputs={"y": FOLDER}
            ),
            "use": project.command("ls ${{inputs.x}}", inputs={"x": from_step("make")}),
        }
    )

    assert project.log(result.steps[1]) == "f\n"


def test_the_environment_holds_nothing_of_the_caller_s(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PYTHONPATH", "VIRTUAL_ENV", "KEDRO_ENV", "SECRET", "BASH_ENV", "LC_ALL"):
        monkeypatch.setenv(name, "/leak")
    step = project.command("env", environment_variables={"MINE": "yes", "N": 3, "LANG": "C"})

    result = project.run({"a": step, "b": step}, fields={"experiment_name": "birds"})

    first, second = (
        dict(line.split("=", 1) for line in project.log(done).splitlines()) for done in result.steps
    )
    assert set(first) - {"PWD", "SHLVL", "_", "OLDPWD"} == {
        "PATH", "HOME", "TMPDIR", "LANG", "MINE", "N", "AZUREML_RUN_ID", "AZUREML_ROOT_RUN_ID",
        "AZUREML_ARM_SUBSCRIPTION", "AZUREML_ARM_RESOURCEGROUP", "AZUREML_ARM_WORKSPACE_NAME",
        "AZUREML_ARM_PROJECT_NAME", "AZUREML_EXPERIMENT_ID",
        "AZUREML_CR_EXECUTION_WORKING_DIR_PATH", "MLFLOW_TRACKING_URI", "MLFLOW_TRACKING_TOKEN",
        "MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID", "MLFLOW_EXPERIMENT_NAME",
        "MLFLOW_ALLOW_FILE_STORE", "KEDRO_AZUREML_SIMULATION",
    }  # fmt: skip
    assert (first["MINE"], first["N"], first["LANG"]) == ("yes", "3", "C")
    assert first["AZUREML_RUN_ID"] != second["AZUREML_RUN_ID"]
    assert first["AZUREML_ROOT_RUN_ID"] == second["AZUREML_ROOT_RUN_ID"]
    assert first["MLFLOW_EXPERIMENT_NAME"] == "birds"
    assert Path(first["MLFLOW_TRACKING_URI"]).is_relative_to(project.run_dir)
    assert first["AZUREML_CR_EXECUTION_WORKING_DIR_PATH"] == first["PWD"]
    for name in ("HOME", "TMPDIR"):
        assert first[name] != second[name]
        assert not Path(first[name]).exists(), "a temporary folder was left behind"
    again = project.run()
    assert f"AZUREML_RUN_ID={first['AZUREML_RUN_ID']}\n" in project.log(again.steps[0])


def test_a_step_finds_the_mlflow_run_that_it_resumes(project: Project) -> None:
    jobs = {name: project.command('cat "$MLFLOW_TRACKING_URI/$MLFLOW_EXPERIMENT_ID/meta.yaml"'
                                  ' "$MLFLOW_TRACKING_URI/$MLFLOW_EXPERIMENT_ID/$MLFLOW_RUN_ID/'
                                  'meta.yaml"')
            for name in ("a", "b")}  # fmt: skip

    result = project.run(jobs, fields={"experiment_name": "birds: 1"})

    runs = []
    for step in result.steps:
        text = project.log(step)
        meta = yaml.safe_load(text)
        runs.append(meta["run_id"])
        assert "name: 'birds: 1'" in text
        assert Path(meta["artifact_uri"]).is_dir()
    assert len(set(runs)) == 2


@pytest.mark.skipif(importlib.util.find_spec("mlflow") is None, reason="needs mlflow")
def test_mlflow_itself_logs_to_the_run_of_its_step(project: Project, python: Path) -> None:
    line = "import mlflow; mlflow.log_metric('m', 2.0); print(mlflow.active_run().info.run_id)"
    step = project.command(f'test "$(python -c "{line}")" = "$MLFLOW_RUN_ID"')

    result = project.run({"a": step, "b": step}, python=python)

    assert result.status == "completed"
    assert len(list((project.run_dir / "mlruns").glob("*/*/metrics/m"))) == 2


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("pytorch", ["MASTER_ADDR", "MASTER_PORT", "NODE_RANK", "RANK", "LOCAL_RANK"]),
        ("mpi", ["OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"]),
        ("tensorflow", ["TF_CONFIG"]),
    ],
)
def test_a_distributed_step_with_one_process_finds_its_rank(
    project: Project, kind: str, names: list[str]
) -> None:
    step = project.command("env", distribution={"type": kind}, resources={"instance_count": 1})

    text = project.log(project.run({"a": step}).steps[0])

    assert all(f"\n{name}=" in f"\n{text}" for name in names)


def test_python_means_the_interpreter_that_was_given(project: Project, python: Path) -> None:
    environment = project.folder / "my venv"
    venv.create(environment, with_pip=False, symlinks=True)
    given = environment / "bin" / "python"
    line = 'import sys; print(sys.executable, sys.prefix, sys.argv[1:], sep="|")'
    step = project.command(f"python -c '{line}' 'a b' ''; python3 -c '{line}'")

    result = project.run({"a": step}, python=given)

    assert project.log(result.steps[0]).splitlines() == [
        f"{given}|{environment}|['a b', '']",
        f"{given}|{environment}|[]",
    ]


def test_scripts_beside_the_interpreter_are_found_first(project: Project, python: Path) -> None:
    environment = project.folder / "venv"
    venv.create(environment, with_pip=False, symlinks=True)
    tool = project.write("venv/bin/ls", "#!/usr/bin/env python\nprint('mine')\n")
    tool.chmod(0o755)

    result = project.run({"a": project.command("ls")}, python=environment / "bin" / "python")

    assert project.log(result.steps[0]) == "mine\n"


@pytest.mark.parametrize("kind", ["missing", "broken", "not executable"])
def test_an_interpreter_that_does_not_run_is_one_clear_error(project: Project, kind: str) -> None:
    path = project.folder / "bin" / "python"
    if kind != "missing":
        project.write("bin/python", "#!/bin/sh\nexit 1\n")
        path.chmod(0o755 if kind == "broken" else 0o644)

    with pytest.raises(InterpreterError) as caught:
        project.run({"a": project.command("true")}, python=path)

    assert str(path) in str(caught.value)
    assert not project.run_dir.exists()


def test_a_command_that_no_machine_takes_fails_its_step(project: Project) -> None:
    result = project.run({"a": project.command("true " + "x" * 200_000)})

    assert "the command has 200,005 characters" in result.steps[0].message


def test_a_variable_that_is_too_long_for_this_machine_is_named(project: Project) -> None:
    result = project.run({"a": project.command("true")}, variables={"KEY": "x" * 200_000})
    assert "the variable KEY of the step has 200,000 characters" in result.steps[0].message


def test_importing_the_package_loads_neither_yaml_nor_rich(project: Project, python: Path) -> None:
    line = (
        "import sys, kedro_azureml_simulator as s; assert not {'yaml', 'rich'} & set(sys.modules);"
        " print(s.__version__, callable(s.simulate), 'yaml' in sys.modules)"
    )
    step = project.command(f'python -c "{line}"')

    result = project.run({"a": step}, python=python)

    assert project.log(result.steps[0]).split()[1:] == ["True", "True"], sys.path


def test_extra_variables_reach_every_step_and_are_written_nowhere(project: Project) -> None:
    result = project.run(
        {
            "one": project.command(
                'test "$A" = caller && test "$B" = yaml',
                environment_variables={"A": "yaml", "B": "yaml"},
            ),
            "two": project.command('test "$A" = caller && test ${#SECRET} = 9'),
        },
        variables={"A": "caller", "SECRET": "hush-hush"},
    )

    assert result.status == "completed"
    written = [path for path in project.run_dir.rglob("*") if path.is_file()]
    assert written
    assert not [path for path in written if b"hush-hush" in path.read_bytes()]


def test_a_step_runs_again_where_an_extra_variable_has_changed(project: Project) -> None:
    component = {**project.component("echo $A"), "is_deterministic": True}
    jobs = {"one": {"type": "command", "component": component}}

    def reused(value: str) -> bool:
        return project.run(jobs, reuse=True, variables={"A": value}).steps[0].reused

    assert [reused("1"), reused("1"), reused("2")] == [False, True, False]


def test_a_missing_program_is_named_with_what_can_be_done(project: Project) -> None:
    result = project.run({"a": project.command("no_such_program --fast")})

    assert "this machine has no program `no_such_program`" in result.steps[0].message
    assert "--docker" in result.steps[0].message
