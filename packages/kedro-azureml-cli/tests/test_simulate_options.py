"""The options of `kedro azureml simulate` that are its own."""

import pytest
from click.testing import CliRunner
from kedro_azureml_cli.simulation.simulate_command import rerun_command, simulate_command


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["--inputs", "rate"], "'rate' is not NAME=VALUE"),
        (["--inputs", "=1"], "'=1' is not NAME=VALUE"),
        (["--environment", "x"], "'x' is not NAME=VALUE"),
        (["--python", "/no/python"], "does not exist"),
        (["--max-workers", "0"], "is not in the range"),
    ],
)
def test_what_cannot_be_read_is_a_usage_error_that_names_it(args: list[str], told: str):
    result = CliRunner().invoke(simulate_command, ["-j", "training", *args])

    assert result.exit_code == 2
    assert told in result.output


def test_the_help_names_every_way_to_run_a_part():
    text = CliRunner().invoke(simulate_command, ["--help"]).output

    for option in ("--inputs", "--only", "--from", "--keep", "--no-reuse", "--no-isolation"):
        assert option in text


def test_the_command_for_one_step_holds_all_other_options():
    argv = ["kedro", "azureml", "simulate", "-j", "a b", "--params", "x=1", "--only=old", "--from",
            "older"]  # fmt: skip

    assert rerun_command(argv, "a b", "new") == (
        "kedro azureml simulate -j 'a b' --params x=1 --only new"
    )
    assert rerun_command(["pytest"], "job", "fit") == "kedro azureml simulate -j job --only fit"
