"""Completion in a real shell: commands, options, and the names in the project."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from checked_project import CheckedProject
from kedro_azureml_cli.shell.completion_command import completion_command
from kedro_azureml_compiler import make_azure_name

pytestmark = pytest.mark.once

CATALOG = """
cows:
  type: kedro_azureml_datasets.AzureMLAssetDataset
  azureml_dataset: cows
  dataset: {type: pandas.CSVDataset, filepath: cows.csv}
milk: {type: pandas.CSVDataset, filepath: data/milk.csv}
"""
AZURE_NAMES = [make_azure_name("feed"), make_azure_name("milk-them")]
NOISY = """
import os
print("the settings print")
assert "KEDRO_LOGGING_CONFIG" not in os.environ
assert not any("COMPLETE" in name for name in os.environ)
"""
BASH = """
eval "$SCRIPT"
COMP_WORDS=("$@")
COMP_CWORD=$(( $# - 1 ))
eval "$(complete -p "${1##*/}" | sed -E 's/.* -F ([^ ]+) .*/\\1/')" "$1"
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> CheckedProject:
    project = CheckedProject(tmp_path_factory.mktemp("shell") / "farm")
    project.catalog(CATALOG)
    project.nodes(("feed", "cows", "fed"), ("milk-them", "fed", "milk"))
    project.settings_of({"daily": {}, "weekly": {}})
    project.settings(NOISY)
    script = project.root / "bin" / "kedro-azureml"
    script.parent.mkdir()
    main = "from kedro_azureml_cli.console import main; main()"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{main}" "$@"\n')
    script.chmod(0o755)
    return project


def script_for(shell: str) -> str:
    from click.testing import CliRunner

    done = CliRunner().invoke(completion_command, [shell])
    assert done.exit_code == 0, done.output
    return done.output


def environ(project: CheckedProject, **more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("KEDRO_")}
    path = f"{project.root / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return {**kept, "KEDRO_DISABLE_TELEMETRY": "1", "PATH": path, **more}


def complete(project: CheckedProject, *words: str, folder: str = ".") -> list[str]:
    done = subprocess.run(
        ["bash", "--norc", "-c", BASH, "bash", *words],
        cwd=project.root / folder,
        env=environ(project, SCRIPT=script_for("bash")),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["kedro", "azureml", "comp"], ["compile", "completion"]),
        (["kedro-azureml", "mig"], ["migrate"]),
        (["kedro", "regis"], ["registry"]),
        (["kedro-azureml", "assets", "pu"], ["pull", "push"]),
        (["kedro", "azureml", "plan", "--for"], ["--format"]),
        (["kedro", "azureml", "plan", "--format", "j"], ["json"]),
        (["kedro", "azureml", "compile", "-j", ""], ["daily", "weekly"]),
        (["kedro", "azureml", "compile", "--job", "=", "w"], ["weekly"]),
        (["kedro-azureml", "status", "d"], ["daily"]),
        (["kedro-azureml", "assets", "show", ""], ["cows"]),
        (["kedro-azureml", "plan", "-e", "lo"], ["local"]),
        (["kedro-azureml", "logs", "daily", "fe"], ["feed"]),
        (["kedro-azureml", "plan", "-j", "daily", "--nodes", "feed,mi"], ["feed,milk-them"]),
        (
            ["kedro-azureml", "simulate", "-j", "daily", "--only", ""],
            [*map(make_azure_name, ["feed", "milk-them"])],
        ),
        (["kedro-azureml", "plan", "-j", "daily", "--from-inputs", "co"], ["cows"]),
    ],
)
def test_bash_completes_a_command_line(project, words, found):
    assert sorted(complete(project, *words)) == sorted(found)


def test_the_project_is_found_from_its_folders_and_nothing_is_suggested_outside(project):
    assert complete(project, "kedro-azureml", "plan", "-j", "da", folder="conf/base") == ["daily"]
    assert complete(project, "kedro-azureml", "plan", "-j", "da", folder="..") == [""]


def test_the_script_beside_the_program_that_was_typed_answers(project):
    program = str(project.root / "bin" / "kedro-azureml")
    assert complete(project, program, "mig") == ["migrate"]


def test_a_project_that_cannot_be_read_suggests_nothing_and_prints_nothing(project, tmp_path):
    broken = CheckedProject(tmp_path / "broken")
    broken.pipelines("1 / 0")
    (broken.root / "bin").symlink_to(project.root / "bin")
    assert complete(broken, "kedro-azureml", "plan", "--nodes", "a") == [""]


def test_jobs_of_factories_are_those_that_they_make(project, tmp_path):
    made = CheckedProject(tmp_path / "made")
    made.pipelines(
        """
        def register_pipelines():
            a = node(lambda: 1, None, "cows.x", name="a", namespace="cows")
            return {"__default__": Pipeline([a])}
        """
    )
    made.settings_of({"daily.{animal}": {"pipeline": {"node_namespaces": ["{animal}"]}}})
    (made.root / "bin").symlink_to(project.root / "bin")
    assert complete(made, "kedro-azureml", "plan", "-j", "") == ["daily.cows"]


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not on this machine")
def test_fish_completes_a_command_line(project):
    done = subprocess.run(
        [
            "fish",
            "--no-config",
            "-c",
            'echo $SCRIPT | source; complete -C "kedro azureml plan -j d"',
        ],
        cwd=project.root,
        env=environ(project, SCRIPT=script_for("fish"), HOME=str(project.root)),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["daily"]


@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not on this machine")
def test_zsh_completes_a_command_line(project):
    # With compadd as a function that shows what it is given: completion wants a terminal.
    shown = """
    compdef() { : }; eval "$SCRIPT"
    compadd() { local name=${@[-1]}; print -l -- ${(P)name} }
    words=(kedro azureml compile -j ''); CURRENT=5; _kedro_azureml_completion
    """
    done = subprocess.run(
        ["zsh", "-f", "-c", shown],
        cwd=project.root,
        env=environ(project, SCRIPT=script_for("zsh")),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["daily", "weekly"]


def test_a_shell_that_is_not_known_is_refused_and_its_help_says_how_to_install():
    from click.testing import CliRunner

    assert "is not one of" in CliRunner().invoke(completion_command, ["tcsh"]).output
    assert "~/.bashrc" in CliRunner().invoke(completion_command, ["--help"]).output


def test_the_scripts_are_in_the_package():
    import kedro_azureml_cli

    folder = Path(kedro_azureml_cli.__file__).parent
    assert (folder / "templates" / "quiet_logging.yml").is_file()
    assert {path.suffix for path in (folder / "shell").glob("completion.*")} == {
        ".bash", ".fish", ".zsh",
    }  # fmt: skip
