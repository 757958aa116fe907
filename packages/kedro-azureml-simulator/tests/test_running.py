"""What a step finds, and what comes of it."""

from __future__ import annotations

import importlib.util
import json
import os
import shlex
import signal
import sys
import tempfile
import threading
import time
import venv
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from kedro_azureml_simulator import (
    InterpreterError,
    RunFolderError,
    RunResult,
    RunStarted,
    StepFinished,
    StepStarted,
    show_result,
    simulate,
)
from kedro_azureml_simulator.running.discarding import Discarded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Project

FOLDER = {"type": "uri_folder"}
FILE = {"type": "uri_file"}
STOPPING = {
    "settings": {"default_compute": "azureml:cpu", "continue_on_step_failure": False},
}


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


@pytest.mark.skipif(not os.access("/dev/shm", os.W_OK), reason="needs a second file system")
def test_data_on_another_file_system_arrives(project: Project) -> None:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as elsewhere:
        Path(elsewhere, "f").write_text("far")
        step = project.command(
            "cat ${{inputs.x}}/f", inputs={"x": {**FOLDER, "path": "azureml:far:1"}}
        )
        result = project.run({"a": step}, assets={"far:1": Path(elsewhere)})

    assert project.log(result.steps[0]) == "far"


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    """Return a folder on another file system than the one for temporary files."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        yield Path(folder)


@pytest.mark.skipif(not os.access("/dev/shm", os.W_OK), reason="needs a second file system")
def test_a_run_folder_on_another_file_system_holds_nothing_discarded(
    project: Project, elsewhere: Path
) -> None:
    step = project.command(
        "for n in $(seq 2000); do echo > ${{outputs.y}}/$n; done; chmod 500 ${{outputs.y}} .",
        outputs={"y": FOLDER},
    )
    (elsewhere / "run").mkdir()

    for options in ({}, {}, {"only": "a"}):
        result = project.run({"a": step}, run_dir=elsewhere / "run", **options)
        assert result.status == "completed"
        assert result.undeleted == ()
        assert not list((elsewhere / "run").glob(".discarded*"))
        # As a run leaves it that was killed.
        (elsewhere / "run/.discarded-0/folder").mkdir(parents=True)


@pytest.mark.skipif(not os.access("/dev/shm", os.W_OK), reason="needs a second file system")
def test_what_cannot_be_deleted_is_named(
    tmp_path: Path,
    elsewhere: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    discarded = Discarded(elsewhere, tmp_path)
    (elsewhere / "code").mkdir()
    discarded.add(elsewhere / "code")
    # Nowhere is there an `rm`.
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(os, "defpath", str(tmp_path))

    left = discarded.finish()
    show_result(RunResult("completed", (), {}, {}, elsewhere, 1.0, undeleted=tuple(left)))

    assert left == [elsewhere / ".discarded-1"]
    assert f"warning: {left[0]} could not be deleted; remove it" in capsys.readouterr().out


def test_a_script_in_the_data_stays_executable(project: Project) -> None:
    project.write("data/run.sh", "#!/bin/sh\necho ran\n").chmod(0o555)
    step = project.command("${{inputs.x}}/run.sh", inputs={"x": {**FOLDER, "path": "data"}})

    for _ in range(2):
        assert project.log(project.run({"a": step}).steps[0]) == "ran\n"


def test_an_output_with_a_broken_link_fails_the_step_that_made_it(project: Project) -> None:
    step = project.command("ln -s $TMPDIR/gone ${{outputs.y}}/link", outputs={"y": FOLDER})

    assert "link is a symbolic link" in project.run({"a": step}).steps[0].message


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


def test_a_failed_step_keeps_its_exit_code_and_log_and_stops_the_rest_on_request(
    project: Project,
) -> None:
    result = project.run(
        {
            "bad": project.command(
                "echo out; echo err >&2; exit 3", outputs={"y": FOLDER}, display_name="pipe.bad"
            ),
            "after": project.command("true", inputs={"x": from_step("bad")}),
            "other": project.command("true"),
        },
        max_workers=1,
        fields=STOPPING,
    )

    assert result.status == "failed"
    assert statuses(result) == {"bad": "failed", "after": "skipped", "other": "skipped"}
    bad, after, _ = result.steps
    assert bad.exit_code == 3
    assert bad.display_name == "pipe.bad"
    assert "exit code 3" in bad.message
    assert project.log(bad).startswith("out\nerr\n")
    assert (after.exit_code, after.log_path, after.duration_s) == (None, None, 0)


def test_independent_branches_go_on_after_a_failed_step(project: Project) -> None:
    result = project.run(
        {
            "bad": project.command("false", outputs={"y": FOLDER}),
            "after": project.command("true", inputs={"x": from_step("bad")}),
            "other": project.command("true"),
        },
        max_workers=1,
    )

    assert result.status == "failed"
    assert statuses(result) == {"bad": "failed", "after": "skipped", "other": "completed"}


def test_a_command_does_not_stop_at_its_first_error_as_set_e_would(project: Project) -> None:
    assert project.run({"a": project.command("false\ntrue")}).status == "completed"


def test_a_step_that_a_signal_ended_says_which(project: Project) -> None:
    step = project.run({"a": project.command("kill -KILL $$")}).steps[0]

    assert step.exit_code == 137
    assert "SIGKILL" in step.message


def test_logs_keep_every_byte(project: Project) -> None:
    step = project.run({"a": project.command(r"printf '\xff\x00\r\xfe'")}).steps[0]

    assert step.log_path is not None
    assert step.log_path.read_bytes() == b"\xff\x00\r\xfe"


def test_the_record_of_a_run_is_truthful_and_can_be_moved(project: Project) -> None:
    result = project.run(
        {
            "good": project.command(
                "echo 1 > ${{outputs.y}}/f", outputs={"y": {**FOLDER, "name": "m", "version": "1"}}
            ),
            "bad": project.command("exit 4", inputs={"x": from_step("good")}),
            "never": project.command("true"),
        },
        max_workers=1,
        fields=STOPPING,
    )

    text = (project.run_dir / "run.json").read_text()
    record = json.loads(text)
    assert str(project.folder) not in json.dumps(
        {key: value for key, value in record.items() if key != "steps"}
    )
    assert (record["format"], record["status"]) == (1, "failed")
    good, bad, never = record["steps"]
    assert (good["status"], bad["status"], never["status"]) == ("completed", "failed", "skipped")
    assert bad["exit_code"] == 4
    moved = project.run_dir.rename(project.folder / "moved")
    assert (moved / good["outputs"]["y"] / "f").read_text() == "1\n"
    assert (moved / bad["log_path"]).exists()
    assert record["registered"] == {"m:1": "assets/m/1"}
    assert result.registered == {"m:1": project.run_dir / "assets" / "m" / "1"}


def test_steps_run_side_by_side_up_to_the_limit(project: Project) -> None:
    # Each step waits for the other one: with one worker neither would end.
    meeting = project.folder / "meeting"
    meeting.mkdir()
    place = shlex.quote(str(meeting))

    def step(me: str, other: str) -> dict[str, Any]:
        line = f"touch {place}/{me}; until test -e {place}/{other}; do sleep 0.01; done"
        return project.command(line, limits={"timeout": 10})

    assert project.run({"a": step("a", "b"), "b": step("b", "a")}).status == "completed"


def test_no_more_steps_run_than_allowed_and_events_come_in_order(project: Project) -> None:
    events: list[Any] = []
    names = [f"s{n}" for n in range(5)]

    project.run(
        {name: project.command("sleep 0.02") for name in names},
        max_workers=2,
        on_event=events.append,
    )

    running = 0
    assert isinstance(events[0], RunStarted)
    assert events[0].total == 5
    for event in events[1:]:
        running += 1 if isinstance(event, StepStarted) else -1
        assert 0 <= running <= 2
    assert [event.name for event in events if isinstance(event, StepStarted)] == names
    finished = [event for event in events if isinstance(event, StepFinished)]
    assert [(event.finished, event.total) for event in finished] == [(n, 5) for n in range(1, 6)]


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


def test_an_earlier_simulation_is_replaced(project: Project) -> None:
    project.run({"old": project.command("true")})
    (project.run_dir / "run.json").unlink()

    project.run({"new": project.command("true")})

    assert [path.name for path in (project.run_dir / "steps").iterdir()] == ["new"]


def test_a_folder_that_holds_something_else_is_refused_and_left_untouched(
    project: Project,
) -> None:
    precious = project.write("run/precious.txt", "mine")
    project.write("run/run.json", "{}")

    with pytest.raises(RunFolderError) as caught:
        project.run({"a": project.command("true")})

    assert "untouched" in str(caught.value)
    assert sorted(path.name for path in project.run_dir.iterdir()) == ["precious.txt", "run.json"]
    assert precious.read_text() == "mine"


def test_a_run_folder_that_is_a_file_is_refused(project: Project) -> None:
    project.write("run", "mine")

    with pytest.raises(RunFolderError):
        project.run({"a": project.command("true")})

    assert project.run_dir.read_text() == "mine"


@pytest.mark.parametrize(
    "make",
    [lambda path: path.symlink_to(path.name), lambda path: path.symlink_to("gone/too"), Path.touch],
    ids=["loop", "broken link", "file"],
)
@pytest.mark.parametrize("is_above", [False, True])
def test_what_stands_where_runs_are_kept_is_named(
    project: Project, make: Callable[[Path], None], is_above: bool
) -> None:
    place = project.run_dir
    make(place)
    run_dir = place / "t" if is_above else place
    with pytest.raises(RunFolderError) as caught:
        project.run({"a": project.command("true")}, run_dir=run_dir)
    assert str(place) in str(caught.value)
    assert "run folder" in str(caught.value)
    assert not place.is_dir()


def test_data_in_the_run_folder_is_not_deleted_before_it_is_read(project: Project) -> None:
    first = project.run(
        {"a": project.command("echo 1 > ${{outputs.y}}/f",
                              outputs={"y": {**FOLDER, "name": "m", "version": "1"}})}
    )  # fmt: skip
    reader = project.command("true", inputs={"x": {**FOLDER, "path": "azureml:m:1"}})

    with pytest.raises(RunFolderError, match="lies in the run folder"):
        project.run({"a": reader}, assets=first.registered)

    assert (first.registered["m:1"] / "f").exists()


def test_two_simulations_cannot_share_a_run_folder(project: Project) -> None:
    project.pipeline({"a": project.command("true")})
    errors: list[RunFolderError] = []

    def second(event: Any) -> None:
        try:
            simulate(project.folder / "pipeline.yml", run_dir=project.run_dir)
        except RunFolderError as error:
            errors.append(error)

    assert project.run(on_event=second).status == "completed"
    assert len(errors) == 3
    assert "another simulation" in str(errors[0])


def test_a_run_folder_with_spaces_does_not_break_unquoted_commands(project: Project) -> None:
    project.write("src/main.txt", "main")
    run_dir = project.folder / "my 'own' $runs"
    result = project.run(
        {
            "make": project.command(
                "cp main.txt ${{outputs.y}}/f", code="src", outputs={"y": FOLDER}
            ),
            "use": project.command("cat ${{inputs.x}}/f", inputs={"x": from_step("make")}),
        },
        run_dir=run_dir,
    )

    assert result.status == "completed"
    assert project.log(result.steps[1]) == "main"
    assert result.steps[0].outputs["y"].is_relative_to(run_dir)


def test_folders_that_a_step_locked_are_replaced_all_the_same(project: Project) -> None:
    step = project.command(
        "mkdir ${{outputs.y}}/d; touch ${{outputs.y}}/d/f; chmod 0 ${{outputs.y}}/d/f;"
        " chmod 500 ${{outputs.y}}/d",
        outputs={"y": {**FOLDER, "name": "m", "version": "1"}},
    )

    for _ in range(2):
        result = project.run({"a": step})
        if os.getuid() == 0:
            assert result.status == "completed"


def test_a_large_file_arrives_whole(project: Project) -> None:
    content = os.urandom(3_000_001)
    project.write("data/big.bin", content)
    step = project.command("cp ${{inputs.x}}/big.bin ${{outputs.y}}", outputs={"y": FILE},
                           inputs={"x": {**FOLDER, "path": "data"}})  # fmt: skip

    result = project.run({"a": step})

    assert result.steps[0].outputs["y"].read_bytes() == content


def test_a_command_that_no_machine_takes_fails_its_step(project: Project) -> None:
    result = project.run({"a": project.command("true " + "x" * 200_000)})

    assert "the command has 200,005 characters" in result.steps[0].message


def test_a_variable_that_is_too_long_for_this_machine_is_named(project: Project) -> None:
    result = project.run({"a": project.command("true")}, variables={"KEY": "x" * 200_000})
    assert "the variable KEY of the step has 200,000 characters" in result.steps[0].message


def test_max_workers_below_one_is_refused(project: Project) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        project.run({"a": project.command("true")}, max_workers=0)


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


def test_the_last_step_runs_also_after_a_failure_and_the_first_before_all(project: Project) -> None:
    result = project.run(
        {
            "end": project.command("date +%s%N"),
            "good": project.command("date +%s%N"),
            "bad": project.command("date +%s%N; false"),
            "begin": project.command("date +%s%N"),
        },
        fields={
            "settings": {
                "default_compute": "azureml:cpu", "on_init": "begin", "on_finalize": "end",
                "continue_on_step_failure": False,
            }
        },
        max_workers=1,
    )  # fmt: skip

    steps = {step.name: step for step in result.steps}
    times = {name: int(project.log(s).split()[0]) for name, s in steps.items() if s.log_path}
    assert result.status == "failed"
    assert steps["end"].status == steps["begin"].status == "completed"
    assert sorted(times, key=times.__getitem__) == ["begin", "good", "bad", "end"]


def test_a_missing_program_is_named_with_what_can_be_done(project: Project) -> None:
    result = project.run({"a": project.command("no_such_program --fast")})

    assert "this machine has no program `no_such_program`" in result.steps[0].message
    assert "--docker" in result.steps[0].message


def test_a_step_waits_its_overhead_before_its_command_and_counts_as_running(
    project: Project,
) -> None:
    jobs = {name: project.command("date +%s.%N") for name in ("one", "two")}

    result = project.run(jobs, step_overhead_s=0.6, max_workers=1)

    first, second = (float(project.log(step)) for step in result.steps)
    assert second - first >= 0.6
    assert all(step.duration_s >= 0.6 for step in result.steps)


def test_a_step_that_is_cancelled_while_it_waits_its_overhead_runs_no_command(
    project: Project,
) -> None:
    jobs = {"waits": project.command("touch ran; exit 3")}
    started = time.monotonic()

    def cancel_soon(event: object) -> None:
        if isinstance(event, StepStarted):
            threading.Timer(0.2, os.kill, [os.getpid(), signal.SIGINT]).start()

    with pytest.raises(KeyboardInterrupt) as caught:
        project.run(jobs, step_overhead_s=50, on_event=cancel_soon)

    assert time.monotonic() - started < 20
    assert all(step.status == "canceled" for step in caught.value.result.steps)
    assert caught.value.result.steps[0].log_path is None


@pytest.mark.parametrize("seconds", [-1, float("nan"), 1e12])
def test_an_overhead_that_no_step_can_wait_is_refused(project: Project, seconds: float) -> None:
    with pytest.raises(ValueError, match="step_overhead_s must be a number from 0 to 86,400"):
        project.run({"one": project.command("true")}, step_overhead_s=seconds)
