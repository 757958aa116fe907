"""What a kedro command imports: start-up is the part of each command for which a user waits."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from checked_project import CheckedProject

pytestmark = pytest.mark.once

RUN = """
import json, sys
from kedro.framework.cli import main
target, sys.argv = sys.argv[1], ["kedro", *sys.argv[2:]]
try:
    main()
finally:
    with open(target, "w") as file:
        json.dump(sorted(sys.modules), file)
"""

HEAVY = ("pandas", "numpy", "ibis", "azure", "mlflow")

OURS_FOR_ANY_COMMAND = [
    "kedro_azureml_cli",
    "kedro_azureml_cli.__about__",
    "kedro_azureml_cli.commands",
    "kedro_azureml_cli.other_plugins",
    "kedro_azureml_cli.outside_project",
    "kedro_azureml_cli.terminal",
    "kedro_azureml_cli.terminal.command_groups",
    "kedro_azureml_cli.terminal.start_up",
    "kedro_azureml_cli.terminal.start_up.early_interruption",
    "kedro_azureml_cli.terminal.start_up.starting",
]


@pytest.fixture
def project(tmp_path) -> CheckedProject:
    project = CheckedProject(tmp_path / "farm")
    project.nodes(("load", None, "raw"), ("clean", ["raw", "params:rate"], "table"))
    project.write("conf/base/parameters.yml", "rate: 0.5\n")
    project.write("logging.yml", "version: 1\n")
    project.settings_of({"all": {}})
    # Where such a library is installed or not: to import it is an error here.
    for name in HEAVY:
        project.write(f"refused/{name}.py", f"raise RuntimeError('{name} was imported')\n")
    return project


def modules(project: CheckedProject, *args: str, cwd: Path | None = None) -> list[str]:
    """Run a kedro command in a process of its own and name the modules that it has imported."""
    target = project.root / "modules.json"
    done = subprocess.run(
        [sys.executable, "-c", RUN, target, *args],
        cwd=cwd or project.root,
        env={
            **os.environ,
            "KEDRO_DISABLE_TELEMETRY": "1",
            "KEDRO_LOGGING_CONFIG": str(project.root / "logging.yml"),
            "PYTHONPATH": str(project.root / "refused"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(target.read_text())


def ours(names: list[str]) -> list[str]:
    return [name for name in names if name.startswith("kedro_azureml")]


@pytest.mark.parametrize("args", [["--version"], ["--help"], ["registry", "list"]])
def test_a_command_that_is_not_ours_imports_the_group_of_our_commands_alone(project, args):
    assert ours(modules(project, *args)) == OURS_FOR_ANY_COMMAND


def test_outside_a_project_a_command_imports_only_the_hooks_of_the_command_line(project, tmp_path):
    assert ours(modules(project, "--version", cwd=tmp_path)) == [
        "kedro_azureml_cli",
        "kedro_azureml_cli.__about__",
        "kedro_azureml_cli.other_plugins",
        "kedro_azureml_cli.outside_project",
        "kedro_azureml_cli.terminal",
        "kedro_azureml_cli.terminal.start_up",
        "kedro_azureml_cli.terminal.start_up.early_interruption",
        "kedro_azureml_cli.terminal.start_up.starting",
    ]


def test_the_help_of_all_our_commands_imports_no_part_that_works(project):
    found = ours(modules(project, "azureml", "--help"))
    parts = ("kedro_azureml_compiler", "kedro_azureml_runner")
    assert not [name for name in found if name.startswith(parts)]
    assert [name for name in found if name.startswith("kedro_azureml_simulator")] == [
        "kedro_azureml_simulator",
        "kedro_azureml_simulator.__about__",
        "kedro_azureml_simulator.terminal",
        "kedro_azureml_simulator.terminal.options",
    ]
    assert [name for name in found if name.startswith("kedro_azureml_datasets")] == [
        "kedro_azureml_datasets",
        "kedro_azureml_datasets.__about__",
        "kedro_azureml_datasets.errors",
    ]


@pytest.mark.parametrize("command", ["compile", "check", "plan"])
def test_reading_a_project_imports_no_heavy_library(project, command):
    found = modules(project, "azureml", command, "-j", "all")
    assert not [name for name in found if name.split(".")[0] in HEAVY]
    assert "kedro_azureml_simulator.simulation" not in found
    assert not [name for name in found if name.startswith("kedro_datasets.")]


def test_doctor_that_asks_nobody_imports_no_sdk(project):
    found = modules(project, "azureml", "doctor", "--offline")
    assert not [name for name in found if name.split(".")[0] in HEAVY]


def test_a_command_imports_the_module_of_no_other_command(project):
    found = ours(modules(project, "azureml", "compile", "-j", "all"))
    commands = [n for n in found if n.startswith("kedro_azureml_cli.") and n.endswith("_command")]
    assert commands == ["kedro_azureml_cli.bundles.compile_command"]


def test_what_a_schedule_would_freeze_is_shown_without_the_sdk(project):
    project.settings_of({"all": {"schedule": {"cron": {"expression": "0 3 * * *"}}}})
    found = modules(project, "azureml", "schedule", "-j", "all", "--dry-run")
    assert not [name for name in found if name.split(".")[0] in HEAVY]
