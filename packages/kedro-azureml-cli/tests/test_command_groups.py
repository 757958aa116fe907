"""A mistyped command names the one that was probably meant."""

import pytest
from click.testing import CliRunner
from kedro_azureml_cli.commands import azureml


@pytest.mark.parametrize(
    ("args", "meant"),
    [
        (["complie", "-j", "x"], "No such command 'complie'; did you mean 'compile'?"),
        (["verfy"], "No such command 'verfy'; did you mean 'verify'?"),
        (["assets", "pul", "x"], "No such command 'pul'; did you mean 'pull'?"),
    ],
)
def test_a_mistyped_command_is_a_usage_error_with_a_suggestion(args, meant):
    result = CliRunner().invoke(azureml, args)
    assert result.exit_code == 2
    assert meant in result.output


def test_a_command_like_no_other_is_refused_without_a_suggestion():
    result = CliRunner().invoke(azureml, ["xyzzy"])
    assert result.exit_code == 2
    assert "No such command 'xyzzy'." in result.output


def test_the_short_help_of_every_command_is_a_whole_sentence():
    result = CliRunner().invoke(azureml, ["--help"], terminal_width=200)
    assert result.exit_code == 0
    listed = [line for line in result.output.partition("Commands:")[2].splitlines() if line.strip()]
    assert [line.split()[0] for line in listed] == sorted(azureml.lazy_subcommands)
    assert not [line for line in listed if line.endswith("...")]
