"""Steps in processes of their own, in a real project."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from kedro_azureml_runner.logging_folders import make_logging_folders

STEP = ("--protocol", "1", "--pipeline", "__default__")

PIPELINE = """
def grow(count):
    return {"apples": count}

def fail(apples):
    raise ValueError("a worm")

def register_pipelines():
    return {"__default__": Pipeline([
        node(grow, "params:count", "apples", name="grow"),
        node(fail, "apples", None, name="eat"),
    ])}
"""


def test_a_step_runs_its_node_and_leaves_its_output(project, mount):
    project.pipeline(PIPELINE)
    folder = mount("apples")
    done = project.new_process(*STEP, "--node", "grow", "--output", "apples", folder)
    assert done.returncode == 0, done.stderr
    assert json.loads(Path(folder, "apples.json").read_text()) == {"apples": 3}


LOGGING = """
version: 1
disable_existing_loggers: false
handlers:
  file: {{class: logging.FileHandler, filename: {}, level: INFO}}
root: {{handlers: [file], level: INFO}}
"""


def test_the_folders_of_logging_handlers_are_made(project, mount):
    project.pipeline(PIPELINE)
    project.write("conf/logging.yml", LOGGING.format("logs/deep/info.log"))
    done = project.new_process(*STEP, "--node", "grow", "--output", "apples", mount("apples"))
    assert done.returncode == 0, done.stderr
    assert "grow" in (project.root / "logs/deep/info.log").read_text()


def test_the_logging_configuration_that_a_variable_names_counts(project, monkeypatch):
    project.write("conf/logging.yml", LOGGING.format("a/info.log"))
    project.write("conf/own.yml", LOGGING.format("b/info.log"))
    monkeypatch.setenv("KEDRO_LOGGING_CONFIG", "conf/own.yml")
    make_logging_folders(project.root)
    assert [(project.root / name).is_dir() for name in "ab"] == [False, True]


@pytest.mark.parametrize("text", ["a: b: c", "handlers: [x]", "handlers: {a: 1}", "", "[]"])
def test_a_logging_configuration_that_cannot_be_read_is_left_to_kedro(project, text):
    project.write("conf/logging.yml", text)
    before = sorted(project.root.iterdir())
    make_logging_folders(project.root)
    assert sorted(project.root.iterdir()) == before


def test_runtime_params_win_over_the_configuration(project, mount):
    project.pipeline(PIPELINE)
    folder = mount("apples")
    params = json.dumps({"count": "it's `$HOME`"})
    done = project.step(*STEP, "--node", "grow", "--params", params, "--output", "apples", folder)
    assert done.returncode == 0, done.stderr
    assert json.loads(Path(folder, "apples.json").read_text()) == {"apples": "it's `$HOME`"}


def test_long_params_come_from_a_file(project, mount, tmp_path):
    project.pipeline(PIPELINE)
    folder, file = mount("apples"), tmp_path / "params.json"
    file.write_text(json.dumps({"count": "x" * 500_000}))  # no argument can be that long
    params = ("--params-file", str(file))
    done = project.step(*STEP, "--node", "grow", *params, "--output", "apples", folder)
    assert done.returncode == 0, done.stderr
    assert len(Path(folder, "apples.json").read_text()) > 500_000


def test_a_params_file_that_is_not_there_is_named(project):
    project.pipeline(PIPELINE)
    done = project.step(*STEP, "--node", "grow", "--params-file", "/no/params.json")
    assert done.returncode == 1
    assert "The parameters' file '/no/params.json' cannot be read" in done.stderr


def test_the_environment_is_the_one_of_the_command(project, mount):
    project.pipeline(PIPELINE)
    project.write("conf/prod/parameters.yml", "count: 7\n")
    folder = mount("apples")
    done = project.step(*STEP, "--env", "prod", "--node", "grow", "--output", "apples", folder)
    assert done.returncode == 0, done.stderr
    assert json.loads(Path(folder, "apples.json").read_text()) == {"apples": 7}


def test_a_node_that_fails_is_named_before_and_after_its_traceback(project, mount):
    project.pipeline(PIPELINE)
    folder = mount("apples")
    Path(folder, "apples.json").write_text("{}")
    done = project.new_process(*STEP, "--node", "eat", "--input", "apples", folder)
    assert done.returncode == 1
    line = next(line for line in done.stderr.splitlines() if line.startswith("Step failed"))
    assert line == "Step failed in node 'eat': ValueError: a worm"
    assert done.stderr.index(line) < done.stderr.index("Traceback")
    assert done.stderr.splitlines()[-1] == line


@pytest.mark.parametrize("code", ["", "0", "3"])
def test_a_node_that_exits_has_failed_whatever_its_code(project, mount, code):
    project.pipeline(PIPELINE.replace('raise ValueError("a worm")', f"raise SystemExit({code})"))
    folder = mount("apples")
    Path(folder, "apples.json").write_text("{}")
    done = project.step(*STEP, "--node", "eat", "--input", "apples", folder)
    assert done.returncode == 1
    assert "Step failed in node 'eat': SystemExit" in done.stderr


def test_a_dataset_that_fails_is_named_with_its_node(project, mount):
    project.pipeline(PIPELINE)
    done = project.step(*STEP, "--node", "eat", "--input", "apples", mount("empty"))
    assert done.returncode == 1
    assert "Step failed in node 'eat', loading dataset 'apples': DatasetError" in done.stderr


def test_an_unknown_node_is_named(project):
    project.pipeline(PIPELINE)
    done = project.step(*STEP, "--node", "sell")
    assert done.returncode == 1
    assert "Step failed before its first node: ValueError" in done.stderr
    assert "sell" in done.stderr


def test_arguments_of_something_else_exit_with_2(project):
    done = project.step("--help")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("Step not started: Unknown argument '--help'. ")


@pytest.mark.parametrize("used", [False, True])
def test_a_missing_credential_fails_only_the_steps_that_use_its_entry(project, mount, used):
    project.write(
        "conf/base/catalog.yml",
        """
        apples:
          type: kedro_azureml_datasets.AzureMLPipelineDataset
          dataset: {type: json.JSONDataset, filepath: apples.json}
        secret:
          type: json.JSONDataset
          filepath: s3://bucket/secret.json
          credentials: away
        "{name}_secret":
          type: json.JSONDataset
          filepath: s3://bucket/{name}.json
          credentials: away_too
        """,
    )
    project.pipeline(
        """
        def register_pipelines():
            return {"__default__": Pipeline([
                node(lambda: 1, None, "apples", name="grow"),
                node(lambda x: x, "secret", None, name="spy"),
                node(lambda x: x, "my_secret", None, name="spy_too"),
            ])}
        """
    )
    if used:
        for name, missing in (("spy", "away"), ("spy_too", "away_too")):
            done = project.step(*STEP, "--node", name)
            assert done.returncode == 1
            assert f"Unable to find credentials '{missing}'" in done.stderr
    else:
        done = project.step(*STEP, "--node", "grow", "--output", "apples", mount("apples"))
        assert done.returncode == 0, done.stderr


def test_an_unused_entry_whose_library_is_missing_does_no_harm(project, mount):
    project.write(
        "conf/base/catalog.yml",
        """
        apples:
          type: kedro_azureml_datasets.AzureMLPipelineDataset
          dataset: {type: json.JSONDataset, filepath: apples.json}
        pears: {type: no_such_library.PearDataset, filepath: pears.bin}
        """,
    )
    project.pipeline(PIPELINE)
    done = project.step(*STEP, "--node", "grow", "--output", "apples", mount("apples"))
    assert done.returncode == 0, done.stderr


def test_a_step_marks_itself_and_keeps_telemetry_off(project, mount):
    project.pipeline(
        """
        import os

        def look():
            return {k: os.environ.get(k) for k in ("KEDRO_AZUREML_STEP", "KEDRO_DISABLE_TELEMETRY")}

        def register_pipelines():
            return {"__default__": Pipeline([node(look, None, "apples", name="look")])}
        """
    )
    folder = mount("apples")
    done = project.step(*STEP, "--node", "look", "--output", "apples", folder)
    assert done.returncode == 0, done.stderr
    seen = json.loads(Path(folder, "apples.json").read_text())
    assert seen == {"KEDRO_AZUREML_STEP": "1", "KEDRO_DISABLE_TELEMETRY": "1"}


def test_reading_the_command_imports_nothing_of_kedro():
    code = (
        "import sys, kedro_azureml_runner.protocol.invocation, kedro_azureml_runner.image_check;"
        "print([m for m in sys.modules if m.split('.')[0] in {'kedro', 'kedro_datasets', 'yaml'}])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
