"""Ctrl-C before a command has begun: the exit code of Ctrl-C, and no traceback."""

import os
import subprocess
import sys

import pytest
from written_project import WrittenProject

# Python imports this module at its start: it sends the signal when the command is imported.
AT_START = """
import os, signal, sys

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == os.environ["INTERRUPTED_AT"]:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupting())
"""


@pytest.mark.parametrize(
    "module",
    ["kedro_azureml_cli.bundles.check_command", "kedro_azureml_compiler.checking"],
)
def test_the_exit_code_is_130_wherever_it_comes(tmp_path, module):
    project = WrittenProject(tmp_path / "farm")
    (tmp_path / "sitecustomize.py").write_text(AT_START)
    done = subprocess.run(
        [sys.executable, "-m", "kedro", "azureml", "check", "--params", "a=1"],
        cwd=project.root, text=True, capture_output=True, check=False,
        env={**os.environ, "PYTHONPATH": str(tmp_path), "INTERRUPTED_AT": module,
             "KEDRO_DISABLE_TELEMETRY": "1"},
    )  # fmt: skip
    assert done.returncode == 130, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1] == "Error: Stopped by Ctrl-C."
