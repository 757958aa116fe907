"""`--quiet` and `--verbose`, which every command has."""

import logging
import warnings

import click
import pytest
from checked_project import CheckedProject
from click.testing import CliRunner
from kedro.framework.startup import bootstrap_project
from kedro_azureml_cli.bundles.check_command import check_command
from kedro_azureml_cli.commands import azureml
from kedro_azureml_cli.terminal.command_groups import CommandGroup
from kedro_azureml_cli.terminal.verbosity import add_verbosity, is_quiet, is_verbose, note


@click.group(cls=CommandGroup)
def farm() -> None: ...


@farm.command()
def feed() -> None:
    note("the note")
    logging.getLogger("others").warning("their warning")
    logging.getLogger("others").info("their detail")
    logging.getLogger("others").error("their error")
    warnings.warn("their warning too", stacklevel=1)
    click.echo(f"quiet {is_quiet()}, verbose {is_verbose()}")


@pytest.fixture
def records(caplog):
    level = logging.getLogger().level
    caplog.set_level(logging.WARNING)
    caplog.handler.setLevel(logging.NOTSET)
    yield lambda: [record.message for record in caplog.records]
    assert logging.root.manager.disable == logging.NOTSET
    logging.getLogger().setLevel(level)


def call(*args: str):
    return CliRunner().invoke(farm, list(args))


def result(done) -> str:
    """Return the last line: the handler of Kedro's logging prints to the standard output."""
    return done.stdout.splitlines()[-1]


def test_usually_notes_and_warnings_are_shown(records):
    with pytest.warns(UserWarning, match="their warning too"):
        done = call("feed")
    assert (result(done), done.stderr) == ("quiet False, verbose False", "the note\n")
    assert records() == ["their warning", "their error"]


@pytest.mark.parametrize("option", ["-q", "--quiet"])
def test_a_quiet_command_shows_its_result_and_errors_alone(records, option):
    done = call("feed", option)
    assert (done.exit_code, result(done), done.stderr) == (0, "quiet True, verbose False", "")
    assert records() == ["their error"]
    assert not is_quiet()  # for the next command in this process


@pytest.mark.filterwarnings("ignore:their warning too")
def test_a_verbose_command_shows_the_details_of_others(records):
    root = logging.getLogger()
    done = call("feed", "-v")
    assert (result(done), done.stderr) == ("quiet False, verbose True", "the note\n")
    assert records() == ["their warning", "their detail", "their error"]
    assert root.level == logging.INFO


def test_a_command_is_not_both():
    done = call("feed", "-q", "-v")
    assert done.exit_code == 2
    assert "--quiet and --verbose exclude each other." in done.stderr


def test_every_command_has_both_options_once():
    def walk(group, ctx):
        for name in group.list_commands(ctx):
            command = group.get_command(ctx, name)
            assert command is group.get_command(ctx, name)
            if isinstance(command, click.Group):
                yield from walk(command, ctx)
            else:
                yield name, [opt for param in command.params for opt in param.opts]

    commands = dict(walk(azureml, click.Context(azureml)))
    assert {"check", "run", "push", "completion"} <= set(commands)
    for name, options in commands.items():
        for option in ("-q", "--quiet", "-v", "--verbose"):
            assert options.count(option) == 1, (name, option)
        assert len(options) == len(set(options)), name


def test_a_quiet_check_leaves_out_what_is_no_error(tmp_path):
    project = CheckedProject(tmp_path / "farm")
    project.settings_of({"j": {}}, execution={"environment": "farm-env"})
    project.nodes(("a", None, "x"), ("b", "x", "y"))
    metadata = bootstrap_project(project.root)
    add_verbosity(check_command)
    usual, quiet, verbose = (
        CliRunner().invoke(check_command, args, obj=metadata).stdout
        for args in ([], ["-q"], ["-v"])
    )
    assert "info memory-between-steps" in usual
    assert "info memory-between-steps" in verbose
    assert "info" not in quiet
    assert "error environment-reference" in quiet
    assert quiet.splitlines()[-1] == usual.splitlines()[-1]
