"""Options that mean what they mean to `kedro run`."""

import ast

import click
import pytest
from click.testing import CliRunner
from kedro_azureml_cli.terminal.options import (
    ReadingOptions,
    WorkspaceOptions,
    asset_options,
    changing_options,
    following_options,
    hooks_option,
    job_options,
)
from kedro_azureml_compiler import JobChanges


@click.command()
@job_options
def show(**options):
    click.echo(repr(options | options.pop("reading")._asdict()))


def options_of(*args: str) -> dict:
    result = CliRunner().invoke(show, ["-j", "training", *args])
    assert result.exit_code == 0, result.output
    options: dict = ast.literal_eval(result.output)
    return options


def test_without_options_nothing_is_asked_for():
    assert options_of() == {
        "job": "training",
        "env": None,
        "params": {},
        "load_versions": {},
        "conf_source": None,
        "use_hooks": True,
        "filters": {},
        "output": None,
    }


def test_params_are_typed_and_nested_as_kedro_reads_them():
    params = options_of("--params", "a=1, b.c=x=y,b.d=0.5,e=,f=true")["params"]
    assert params == {"a": 1, "b": {"c": "x=y", "d": 0.5}, "e": None, "f": True}


def test_a_version_may_follow_a_name_with_a_colon():
    versions = options_of("--load-versions", "a:2026-01-01T00.00.00.000Z, x:y:3")["load_versions"]
    assert versions == {"a": "2026-01-01T00.00.00.000Z", "x:y": "3"}


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["--params", "a:1"], "'a:1' is not key=value"),
        (["--params", "=1"], "'=1' is not key=value"),
        (["--params", "a=[1"], "'a=[1' cannot be read: did not find expected ',' or ']'."),
        (["--load-versions", "a"], "'a' is not dataset:version"),
        (["--load-versions", ":1"], "':1' is not dataset:version"),
        (["--load-versions", "a:"], "'a:' is not dataset:version"),
        (["--conf-source", "no/where"], "'no/where' does not exist"),
    ],
)
def test_what_cannot_be_read_is_a_usage_error_that_names_it(args: list[str], told: str):
    result = CliRunner().invoke(show, ["-j", "training", *args])
    assert result.exit_code == 2
    assert told in result.output


def test_the_configuration_is_found_from_the_working_directory(tmp_path, monkeypatch):
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path)
    for given in ("other", "./other/", str(tmp_path / "other"), f"file://{tmp_path}/other"):
        assert options_of("--conf-source", given)["conf_source"] == str(tmp_path / "other")


def test_an_address_is_left_to_whoever_knows_the_project():
    address = "abfs://conf@account/x"
    assert options_of("--conf-source", address)["conf_source"] == address


def test_hooks_can_be_left_out():
    assert options_of("--no-hooks")["use_hooks"] is False


def value_of(decorator, name: str, *args: str):
    got = {}

    @click.command()
    @decorator
    def command(**options):
        got.update(options)

    result = CliRunner().invoke(command, args)
    assert result.exit_code == 0, result.output
    return got[name]


def test_what_changes_a_job_is_one_value_in_which_every_option_has_its_place():
    words = ["-w", "lab", "--aml-env", "e@latest", "--display-name", "d", "--experiment-name", "x"]
    several = ["--input", "a=1", "--input", "b=2", "--env-var", "C=3", "--tag", "t=4"]
    assert value_of(changing_options, "changes", *words, *several) == JobChanges(
        workspace="lab",
        environment="e@latest",
        environment_variables={"C": "3"},
        display_name="d",
        experiment_name="x",
        tags={"t": "4"},
        inputs={"a": "1", "b": "2"},
    )


@pytest.mark.parametrize("decorator", [following_options, asset_options])
def test_which_workspace_is_asked_is_one_value(decorator):
    asked = value_of(decorator, "asked", "-w", "lab", "-e", "prod")
    assert asked == WorkspaceOptions("lab", ReadingOptions(env="prod"))


def test_hooks_can_be_left_out_of_a_command_that_follows_a_job():
    asked = value_of(
        lambda command: following_options(hooks_option(command)), "asked", "--no-hooks"
    )
    assert asked.reading == ReadingOptions(use_hooks=False)
