"""The options of `kedro azureml simulate`, which are those of `azureml-simulate`."""

import json

import pytest
from checked_project import CheckedProject
from click.testing import CliRunner, Result
from kedro.framework.startup import bootstrap_project
from kedro_azureml_cli.simulation.simulate_command import make_rerun_command, simulate_command
from kedro_azureml_simulator import RUN_OPTIONS


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["--input", "rate"], "'rate' is not NAME=VALUE"),
        (["--inputs", "=1"], "'=1' is not NAME=VALUE"),
        (["--input", "=1"], "'=1' is not NAME=VALUE"),
        (["--step-env", "x"], "'x' is not NAME=PATH"),
        (["--environment", "x"], "'x' is not NAME=PATH"),
        (["--environment", "x="], "'x=' is not NAME=PATH"),
        (["--asset", "birds:1"], "'birds:1' is not NAME[:VERSION]=PATH"),
        (["--assets", "/no/folder"], "does not exist"),
        (["--config", "/no/config.yml"], "does not exist"),
        (["--python", "/no/python"], "does not exist"),
        (["--max-workers", "0"], "is not in the range"),
        (["--max-trials", "0"], "is not in the range"),
        (["--step-overhead", "-1"], "'-1' is not a number of seconds from 0 to 86400"),
        (["--step-overhead", "nan"], "'nan' is not a number of seconds from 0 to 86400"),
        (["--step-overhead", "soon"], "'soon' is not a number of seconds from 0 to 86400"),
    ],
)
def test_what_cannot_be_read_is_a_usage_error_that_names_it(args: list[str], told: str):
    result = CliRunner().invoke(simulate_command, ["-j", "training", *args])

    assert result.exit_code == 2
    assert told in result.output


def test_every_option_of_a_run_is_offered_with_its_help():
    options = {
        name: option
        for option in simulate_command.params
        for name in (*option.opts, *option.secondary_opts)
    }

    for option in RUN_OPTIONS:
        for name in option.names:  # such as --input and --inputs
            assert options[name].help == option.help


def test_the_command_for_one_step_holds_all_other_options():
    argv = ["kedro", "azureml", "simulate", "-j", "a b", "--params", "x=1", "--only=old", "--from",
            "older", "--format", "json"]  # fmt: skip

    assert make_rerun_command(argv, "a b", "new") == (
        "kedro azureml simulate -j 'a b' --params x=1 --only new"
    )
    assert (
        make_rerun_command(["pytest"], "job", "fit") == "kedro azureml simulate -j job --only fit"
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> CheckedProject:
    """A project with one job that reads an asset, and whose only step has two instances."""
    project = CheckedProject(tmp_path_factory.mktemp("simulated") / "farm")
    project.catalog(
        "birds:\n"
        "  type: kedro_azureml_datasets.AzureMLAssetDataset\n"
        "  azureml_dataset: birds\n"
        "  azureml_version: '3'\n"
        "  dataset: {type: json.JSONDataset, filepath: birds.json}\n"
    )
    project.pipelines(
        "def read(birds):\n"
        "    print('birds are', birds)\n"
        "def register_pipelines():\n"
        "    return {'__default__': Pipeline([node(read, 'birds', None, name='read')])}\n"
    )
    project.settings_of({"j": {"steps": {"read": {"instance_count": 2}}}})
    project.write("mapped/birds.json", '["wren"]')
    project.write("image/job.py", "")
    return project


def simulate(project: CheckedProject, *args: str) -> Result:
    return CliRunner().invoke(
        simulate_command, ["-j", "j", *args], obj=bootstrap_project(project.root)
    )


def test_an_asset_that_is_not_here_is_named_with_the_option_that_maps_it(project):
    done = simulate(project)

    assert done.exit_code == 1
    assert "--asset birds:3=PATH" in done.output


@pytest.mark.once
def test_a_mapped_asset_is_read_and_json_is_the_record_alone(project, tmp_path):
    asset = f"birds:3={project.root / 'mapped'}"
    done = simulate(project, "--asset", asset, "--format", "json", "--run-dir", str(tmp_path / "r"))

    assert done.exit_code == 0, done.output
    record = json.loads(done.stdout)
    assert record["status"] == "completed"
    assert "birds are ['wren']" in (tmp_path / "r/steps/read/log.txt").read_text()


@pytest.mark.once
def test_a_file_in_the_project_s_folder_maps_assets_too(project, tmp_path):
    mapping = project.root / "azureml-simulate.yml"
    mapping.write_text("assets: {'birds:3': mapped}\n")
    try:
        done = simulate(project, "--run-dir", str(tmp_path / "r"))
    finally:
        mapping.unlink()

    assert done.exit_code == 0, done.output
    assert "completed" in done.output


def test_strict_refuses_what_is_a_warning_otherwise_and_validate_runs_nothing(project, tmp_path):
    given = ["--asset", f"birds:3={project.root / 'mapped'}", "--run-dir", str(tmp_path / "r")]

    lenient = simulate(project, *given, "--validate")
    strict = simulate(project, *given, "--validate", "--strict", "--format", "json")
    run = simulate(project, *given, "--strict")

    assert (lenient.exit_code, strict.exit_code, run.exit_code) == (0, 1, 1)
    assert "the command runs once here" in lenient.output
    assert json.loads(strict.stdout)["status"] == "invalid"
    assert "1 warning, and warnings are errors here" in run.output
    assert not (tmp_path / "r").exists()


def test_an_engine_that_is_not_there_is_one_message(project, tmp_path, monkeypatch):
    (tmp_path / "bash").symlink_to("/bin/bash")
    monkeypatch.setenv("PATH", str(tmp_path))
    done = simulate(
        project, "--asset", f"birds:3={project.root / 'mapped'}", "--docker",
        "--image", "env=python:3.11",
    )  # fmt: skip

    assert done.exit_code == 3
    assert "docker" in done.output


def test_a_value_that_an_input_cannot_have_is_one_message_that_names_the_option(tmp_path):
    project = CheckedProject(tmp_path / "farm")
    project.nodes(("load", "params:rate", "raw"), ("fit", ["raw", "params:rate"], None))
    project.write("conf/base/parameters.yml", "rate: 0.5\n")
    project.settings_of({"j": {"inputs": {"rate": "params:rate"}}})

    done = simulate(project, "--input", "rate=fast", "--run-dir", str(tmp_path / "r"))

    assert done.exit_code == 1
    assert done.output.count("--input rate: The parameter 'rate' is promoted as float") == 1
    assert "_param_rate" not in done.output
    assert not (tmp_path / "r").exists()
