"""Environment variables for local processes: read from options and a file, shown nowhere."""

from __future__ import annotations

import json
import subprocess

import click
import pytest
from click.testing import CliRunner
from kedro_azureml_cli.commands import azureml
from kedro_azureml_cli.simulation.simulate_command import make_rerun_command
from kedro_azureml_cli.terminal.local_variables import local_variables_options


@click.command()
@local_variables_options
def command(variables: dict[str, str]) -> None:
    click.echo(json.dumps(variables))


@pytest.fixture
def read(tmp_path, monkeypatch):
    """Read options and the lines of a file."""
    for name in ("PW", "USER_NAME", "EMPTY"):
        monkeypatch.delenv(name, raising=False)

    def run(*options, lines=None):
        file = tmp_path / "shop.env"
        if lines is not None:
            file.write_bytes(lines if isinstance(lines, bytes) else lines.encode())
            options = (*options, "--env-file", str(file))
        done = CliRunner().invoke(command, options)
        if done.exit_code:
            assert done.exit_code == 2, done.output
            return " ".join(done.output.replace("│", " ").split())
        return json.loads(done.output)

    return run


def test_a_file_is_read_as_other_tools_read_it(read, monkeypatch):
    monkeypatch.setenv("FROM_HERE", "h")
    lines = """\
# a comment

PW=plain # and another
export QUOTED="a b\\"c"
SINGLE='$PW #x'
EMPTY=
FROM_HERE
LINES="one
two"
"""
    assert read(lines=lines) == {
        "PW": "plain",
        "QUOTED": 'a b"c',
        "SINGLE": "$PW #x",
        "EMPTY": "",
        "FROM_HERE": "h",
        "LINES": "one\ntwo",
    }


def test_a_file_of_windows_is_read_too(read):
    assert read(lines="\ufeffPW=x\r\nQ=y\r\n") == {"PW": "x", "Q": "y"}


def test_an_option_wins_over_the_file_and_may_take_the_value_from_here(read, monkeypatch):
    monkeypatch.setenv("USER_NAME", "me")
    options = ("--env-var", "PW=a=b", "--env-var", "USER_NAME", "--env-var", "EMPTY=")
    assert read(*options, lines="PW=other\nQ=1\n") == {
        "PW": "a=b", "Q": "1", "USER_NAME": "me", "EMPTY": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "line", "message"),
    [
        ("A=1\n\nthis is not a line\n", 3, "expected NAME=VALUE"),
        ("A='x' y\n", 1, "expected NAME=VALUE, and both quotes of a value"),
        ("A=1\n1B=x\n", 2, "'1B' is not the name of an environment variable"),
        ("\nPW\n", 2, "PW is not set here; write PW=VALUE"),
        ('A="never ends\n', 1, "expected NAME=VALUE"),
    ],
)
def test_a_wrong_line_is_named(read, lines, line, message):
    told = read(lines=lines)
    assert f"shop.env:{line}: {message}" in told
    assert "--env-file" in told


def test_a_file_that_is_not_text_is_refused(read):
    told = read(lines=b"A=1\nPW=p\xe4\n")
    assert "shop.env:2: byte 0xe4 is not UTF-8; save the file as UTF-8" in told


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("PW", "PW is not set here; write PW=VALUE"),
        ("=x", "'' is not the name of an environment variable"),
        ("A B=x", "'A B' is not the name of an environment variable"),
        ("A=x\0y", "the value of A contains a NUL character"),
        ("A=" + "x" * 131_070, "the value of A has 131,070 characters, more than Linux gives"),
        ("A=" + "\u00e4" * 65_536, "put it into a file, and its path into the variable"),
    ],
)
def test_a_wrong_option_is_refused(read, option, message):
    assert message in read("--env-var", option)


def test_a_value_as_long_as_linux_takes_it_is_given(read):
    long = "x" * 131_069
    assert read("--env-var", f"A={long}") == {"A": long}
    assert subprocess.run(["true"], env={"A": long}, check=True).returncode == 0


def test_a_missing_file_is_refused(read):
    assert "does not exist" in read("--env-file", "no-such-file")


@pytest.mark.parametrize("name", ["simulate", "verify"])
def test_help_says_that_the_values_stay_here(name):
    done = CliRunner().invoke(azureml, [name, "--help"])
    told = " ".join(done.output.split())
    assert done.exit_code == 0
    assert "Never written to disk, unlike 'run --env-var', which writes it into the job." in told
    assert "The values are never written to disk." in told
    assert "asks no key vault" in told or "Neither run asks a key vault" in told


def test_the_line_to_run_a_step_again_holds_no_value():
    words = ["kedro", "azureml", "simulate", "-j", "x", "--env-var", "PW=s3cret", "--env-var=Q=s"]
    assert make_rerun_command(words, "x", "fit") == (
        "kedro azureml simulate -j x --env-var PW --env-var=Q --only fit"
    )
