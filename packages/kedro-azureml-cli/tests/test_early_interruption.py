"""Ctrl-C before a command has begun: the exit code of Ctrl-C, and no traceback."""

import os
import subprocess
import sys

import pytest
from written_project import WrittenProject

# Python imports this module at its start: it sends the signal when the command is imported.
AT_START = """
import os, signal, sys

# A shell has its background processes ignore Ctrl-C, and they hand that on.
signal.signal(signal.SIGINT, signal.default_int_handler)

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == os.environ["INTERRUPTED_AT"]:
            sys.meta_path.remove(self)
            try:
                os.kill(os.getpid(), signal.SIGINT)
            except KeyboardInterrupt:
                if "HIDDEN" in os.environ:
                    raise ValueError("SchemaError: KeyboardInterrupt") from None
                raise

sys.meta_path.insert(0, Interrupting())
"""


@pytest.mark.parametrize(
    "module",
    [
        "{package}.settings",  # Kedro opens the project before it knows the command
        "kedro_azureml_cli.commands",
        "{package}.cli",  # which Kedro looks for
        "kedro_azureml_cli.bundles.check_command",
        "kedro_azureml_compiler.checking",
        "{package}.pipeline_registry",
    ],
)
def test_the_exit_code_is_130_wherever_it_comes(tmp_path, module):
    done = interrupted(tmp_path, module, "azureml", "check", "--params", "a=1")
    assert done.returncode == 130, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1] == "Error: Stopped by Ctrl-C."


def test_it_is_the_same_where_a_library_puts_it_into_an_error_of_its_own(tmp_path):
    module = "kedro_azureml_cli.bundles.check_command"
    done = interrupted(tmp_path, module, "azureml", "check", HIDDEN="as pydantic does")
    assert done.returncode == 130, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1] == "Error: Stopped by Ctrl-C."


def test_other_commands_of_kedro_are_left_to_kedro(tmp_path):
    done = interrupted(tmp_path, "{package}.settings", "registry", "list")
    assert "KeyboardInterrupt" in done.stderr
    assert "Stopped by Ctrl-C" not in done.stderr


def interrupted(tmp_path, module, *arguments, **environ):
    """Run a kedro command that Ctrl-C meets when it imports a module."""
    project = WrittenProject(tmp_path / "farm")
    at = module.format(package=project.package)
    (tmp_path / "sitecustomize.py").write_text(AT_START)
    return subprocess.run(
        [sys.executable, "-m", "kedro", *arguments],
        cwd=project.root, text=True, capture_output=True, check=False,
        env={**os.environ, "PYTHONPATH": str(tmp_path), "INTERRUPTED_AT": at,
             "KEDRO_DISABLE_TELEMETRY": "1", **environ},
    )  # fmt: skip
