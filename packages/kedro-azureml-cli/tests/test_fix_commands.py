"""`check --fix`, `init --fix` and `migrate`: what they show, ask, write, and exit with."""

import os
import pty
import subprocess
import sys

import pytest
from checked_project import CheckedProject
from click.testing import CliRunner, Result
from kedro.framework.startup import bootstrap_project
from kedro_azureml_cli.commands import azureml
from kedro_azureml_cli.terminal.answering_plugins import describe_conflict
from written_project import isolate_imports

pytestmark = pytest.mark.once

CATALOG = "kept:   # ours\n  type: json.JSONDataset\n  filepath: x.json\n"
FIXED = """\
kept:   # ours
  type: kedro_azureml_datasets.AzureMLPipelineDataset
  root_dir: .
  dataset:
    type: json.JSONDataset
    filepath: x.json
"""


@pytest.fixture
def project(tmp_path, monkeypatch) -> CheckedProject:
    isolate_imports(monkeypatch)
    made = CheckedProject(tmp_path / "farm")
    made.nodes(("a", None, "kept"), ("b", "kept", "z"))
    made.catalog(CATALOG)
    monkeypatch.chdir(made.root)
    return made


def run(project: CheckedProject, *args: str) -> Result:
    done = CliRunner().invoke(azureml, args, obj=bootstrap_project(project.root))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def text(project: CheckedProject) -> str:
    return (project.root / "conf/base/catalog.yml").read_text()


def test_the_changes_are_shown_written_and_checked_again(project):
    done = run(project, "check", "--fix", "--yes")
    assert done.exit_code == 0
    assert "--- a/conf/base/catalog.yml\n+++ b/conf/base/catalog.yml\n" in done.stdout
    assert done.stdout.endswith("Checked the job 'j': 0 errors, 0 warnings, 0 notes.\n")
    assert text(project) == FIXED
    again = run(project, "check", "--fix")
    assert (again.exit_code, again.stdout.splitlines()[0]) == (0, "Nothing to fix.")


@pytest.mark.parametrize("command", [["check", "--fix"], ["init", "--fix", "--force"]])
def test_a_project_that_cannot_be_read_is_not_called_fine(project, command):
    project.pipelines("import nowhere\n")
    done = run(project, *command)
    assert "No error can be fixed in the catalog.\n" in done.stdout
    assert "Nothing to fix" not in done.output
    if command[0] == "init":
        assert done.stdout.endswith("Next:  kedro azureml check\n")


def test_the_diff_is_one_that_git_applies(project):
    done = run(project, "check", "--fix", "--dry-run")
    assert text(project) == CATALOG
    patch = done.stdout.partition("Nothing was written")[0]
    subprocess.run(["git", "apply", "-"], input=patch, text=True, check=True)
    assert text(project) == FIXED


def test_check_names_the_option_that_writes_what_a_hint_shows(project):
    offer = "To write the entries that the hints show:  kedro azureml check --fix\n"
    assert offer in run(project, "check").stdout
    assert '"fixable": true' in run(project, "check", "--format", "json").stdout
    project.catalog("kept: {type: json.JSONDataset, filepath: x.json}\n")
    assert offer not in run(project, "check", "--fix").stdout
    project.catalog(FIXED)
    assert offer not in run(project, "check").stdout


def test_without_a_terminal_and_without_yes_nothing_is_written(project):
    done = run(project, "check", "--fix")
    assert done.exit_code == 1
    assert "+  type: kedro_azureml_datasets.AzureMLPipelineDataset\n" in done.stdout
    assert "Add --yes to write the changes." in done.stderr
    assert text(project) == CATALOG


@pytest.mark.parametrize(("answer", "written", "code"), [("y", FIXED, 0), ("n", CATALOG, 1)])
def test_on_a_terminal_it_asks(project, answer, written, code):
    ours, theirs = pty.openpty()
    os.write(ours, f"{answer}\n".encode())
    done = subprocess.run(
        [sys.executable, "-m", "kedro", "azureml", "check", "--fix"],
        stdin=theirs, capture_output=True, text=True, check=False,
    )  # fmt: skip
    os.close(ours)
    os.close(theirs)
    assert "Write these changes to 1 file?" in done.stderr
    assert (text(project), done.returncode) == (written, code)


def test_what_is_left_is_listed_with_its_reason(project):
    project.catalog("kept: {type: json.JSONDataset, filepath: x.json}\n")
    done = run(project, "check", "--fix", "--yes")
    assert done.exit_code == 1
    assert "  conf/base/catalog.yml:1: kept: it is written in flow style.\n" in done.stdout


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--yes"], "--yes belongs to --fix."),
        (["--dry-run"], "--dry-run belongs to --fix."),
        (["--fix", "--format", "json"], "--fix shows a diff: it takes neither --format nor"),
    ],
)
def test_options_that_do_not_go_together_are_usage_errors(project, args, said):
    done = run(project, "check", *args)
    assert done.exit_code == 2
    assert said in done.stderr


def test_init_writes_its_files_and_the_catalog_or_nothing(project):
    (project.root / "conf/base/azureml.yml").unlink()
    for args in (["--dry-run"], []):
        done = run(project, "init", "--fix", *args)
        assert done.exit_code == (0 if args else 1)
        assert text(project) == CATALOG
        assert not (project.root / "conf/base/azureml.yml").exists()
        assert not (project.root / ".amlignore").exists()
    done = run(project, "init", "--fix", "--yes")
    assert done.exit_code == 0
    assert text(project) == FIXED
    assert (project.root / ".amlignore").exists()
    assert done.stdout.endswith("Next:  kedro azureml check\n")
    assert run(project, "check").exit_code == 0


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--dry-run"], "Error: --dry-run belongs to --fix."),
        (["--schema", "--force"], "Error: --schema writes azureml.schema.json alone"),
    ],
)
def test_options_of_init_that_do_not_go_together_are_not_answered_for_another_plugin(
    project, options, told
):
    done = run(project, "init", *options)
    assert done.exit_code == 2
    assert told in done.output
    assert "--subscription-id ID" not in done.output


def test_init_that_replaces_files_puts_them_back_if_nothing_is_written(project):
    before = (project.root / "conf/base/azureml.yml").read_text()
    assert run(project, "init", "--fix", "--force").exit_code == 1
    assert (project.root / "conf/base/azureml.yml").read_text() == before


def test_migrate_shows_what_it_changes_and_what_is_left(project):
    old = "kept: {type: kedro_azureml.datasets.AzureMLPipelineDataset, dataset: {type: x}}\n"
    project.catalog(old)
    project.write(".amlignore", "")
    project.write("requirements.txt", "kedro-azureml\n")
    done = run(project, "migrate")
    assert (done.exit_code, text(project)) == (1, old)
    done = run(project, "migrate", "--yes")
    assert done.exit_code == 0
    assert "Left to you:\n  requirements.txt:1: replace kedro-azureml by" in done.stdout
    assert "kedro_azureml_datasets.AzureMLPipelineDataset" in text(project)
    assert "/conf/local/" in (project.root / ".amlignore").read_text()
    again = run(project, "migrate")
    assert again.exit_code == 0
    assert again.stdout.startswith("Nothing to migrate in the configuration.\n")


@pytest.mark.parametrize(
    ("args", "answer"),
    [
        (["-e", "prod", "run"], "kedro azureml run --env prod"),
        (["--env=prod", "compile"], "kedro azureml compile --env prod"),
        (["download", "-p", "x"], "-j JOB"),
        (["compile", "--image", "x"], "execution: {environment: {image: ...}}"),
        (["compile", "-j", "x", "-o", "pipeline.yaml"], "write:  -o pipeline"),
        (["init", "-lv", "x:1"], "--load-versions dataset:version"),
        (["init", "a", "b", "c", "d", "e"], "kedro azureml init --subscription-id ID"),
        (["resolve-patterns"], "kedro azureml jobs --defined"),
    ],
)
def test_a_command_line_of_an_earlier_plugin_is_answered_with_that_of_today(args, answer):
    done = CliRunner().invoke(azureml, args)
    assert done.exit_code == 2
    assert answer in done.output


def test_params_may_be_json_as_in_earlier_plugins(project):
    project.write("conf/base/parameters.yml", "k: 1\n")
    project.nodes(("a", "params:k", "kept"))
    assert run(project, "check", "--params", '{"k": 3}').exit_code == 0
    done = run(project, "check", "--params", '{"k": 3')
    assert done.exit_code == 2
    assert "is not JSON" in done.stderr


def test_of_several_plugins_the_one_that_answers_is_named_and_how_to_remove_the_other():
    ours, other = ("kedro-azureml-cli", "0.1.0"), ("kedro-azureml-pipeline", "0.1.0")
    assert describe_conflict([ours]) == describe_conflict([other]) == ""
    for order in ([ours, other], [other, ours]):
        first, second = (" ".join(each) for each in order)
        assert describe_conflict(order) == (
            f"Warning: {first} answers 'kedro azureml'; {second} is installed too.\n"
            "Remove kedro-azureml-pipeline with:  pip uninstall kedro-azureml-pipeline"
        )


def test_a_plugin_that_kedro_finds_first_is_named_on_the_standard_error(project, tmp_path):
    other = tmp_path / "other"
    (other / "kedro_azureml_pipeline-0.1.0.dist-info").mkdir(parents=True)
    (other / "kedro_azureml_pipeline-0.1.0.dist-info/METADATA").write_text(
        "Metadata-Version: 2.1\nName: kedro-azureml-pipeline\nVersion: 0.1.0\n"
    )
    (other / "kedro_azureml_pipeline-0.1.0.dist-info/entry_points.txt").write_text(
        "[kedro.project_commands]\nazureml = kedro_azureml_pipeline:commands\n"
    )
    (other / "kedro_azureml_pipeline.py").write_text(
        "import click\n\n@click.group('Kedro-AzureML')\ndef commands(): pass\n\n"
        "@commands.group('azureml')\ndef azureml(): pass\n\n"
        "@azureml.command()\ndef compile(): print('compiled by the other')\n"
    )
    environ = {**os.environ, "PYTHONPATH": str(other)}
    for args, is_told in ((["azureml", "compile"], True), (["registry", "list"], False)):
        done = subprocess.run(
            [sys.executable, "-m", "kedro", *args],
            env=environ, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert ("Remove kedro-azureml-pipeline with:" in done.stderr) is is_told
        assert ("compiled by the other" in done.stdout) is is_told
