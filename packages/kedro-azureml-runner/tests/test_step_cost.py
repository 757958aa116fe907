"""What a step loads and builds: exactly this."""

import os
import subprocess
import sys
from pathlib import Path

from kedro_azureml_runner import StepInvocation

OURS = {
    "kedro_azureml_datasets",
    "kedro_azureml_datasets.__about__",
    "kedro_azureml_datasets.azure_ml",
    "kedro_azureml_datasets.azure_ml.errors",
    "kedro_azureml_datasets.distributed",
    "kedro_azureml_datasets.errors",
    "kedro_azureml_datasets.hooks",
    "kedro_azureml_datasets.log",
    "kedro_azureml_datasets.mountable",
    "kedro_azureml_datasets.credentials",
    "kedro_azureml_datasets.credentials.filling",
    "kedro_azureml_datasets.credentials.known_secrets",
    "kedro_azureml_datasets.credentials.marks",
    "kedro_azureml_datasets.credentials.placing",
    "kedro_azureml_datasets.credentials.resolvers",
    "kedro_azureml_datasets.pipeline_dataset",
    "kedro_azureml_datasets.project_paths",
    "kedro_azureml_datasets.rebinding",
    "kedro_azureml_datasets.seeding",
    "kedro_azureml_datasets.azure_ml.settings",
    "kedro_azureml_runner",
    "kedro_azureml_runner.__about__",
    "kedro_azureml_runner.exact_text",
    "kedro_azureml_runner.failure_line",
    "kedro_azureml_runner.image_check",
    "kedro_azureml_runner.logging_folders",
    "kedro_azureml_runner.progress",
    "kedro_azureml_runner.protocol",
    "kedro_azureml_runner.protocol.invocation",
    "kedro_azureml_runner.protocol.notification",
    "kedro_azureml_runner.protocol.promoted",
    "kedro_azureml_runner.protocol.shell_quoting",
    "kedro_azureml_runner.protocol.step_times",
    "kedro_azureml_runner.runner",
    "kedro_azureml_runner.step",
    "kedro_azureml_runner.step_errors",
    "kedro_azureml_runner.termination",
    "kedro_azureml_runner.unused_entries",
}

NOTED = """
import os
from pathlib import Path
from kedro.io import AbstractDataset

class Noted(AbstractDataset):
    def __init__(self, filepath):
        self._path = Path(filepath)
        with Path(os.environ["BUILT"]).open("a") as log:
            log.write(self._path.stem + " ")
    def _load(self):
        return self._path.read_text()
    def _save(self, data):
        self._path.write_text(data)
    def _describe(self):
        return {}
"""

ENTRIES = """
"{name}_wrapped":
  type: kedro_azureml_datasets.AzureMLPipelineDataset
  dataset: {{type: orchard.noted.Noted, filepath: "{name}_wrapped.txt"}}
"{name}_plain": {{type: orchard.noted.Noted, filepath: "data/{name}_plain.txt"}}
"""

PIPELINE = """
def register_pipelines():
    return {"__default__": Pipeline([
        node(lambda a, b: a + b, ["a_wrapped", "b_plain"], "c_wrapped", name="add"),
        node(lambda c: c, "c_wrapped", "d_plain", name="keep"),
        node(lambda a, f: a, ["a_wrapped", "f_factory"], "e_wrapped", name="other"),
    ])}
"""

LIST_MODULES = """
import atexit, os, sys
from pathlib import Path

atexit.register(lambda: Path(os.environ["MODULES"]).write_text(" ".join(sys.modules)))
"""

NOTE_SOCKETS = """
import os, sys

def note(event, args):
    if event in {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname",
                 "socket.gethostbyaddr", "socket.sendto", "socket.sendmsg"}:
        with open(os.environ["SOCKETS"], "a") as log:
            log.write(f"{event} {args}\\n")

sys.addaudithook(note)
"""


def modules_of(project, log: Path, *argv: str) -> set[str]:
    """Run a program of Python and give the modules that are loaded at its end."""
    done = subprocess.run(
        [sys.executable, *argv],
        cwd=project.root,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(project.root),
            "KEDRO_DISABLE_TELEMETRY": "1",
            "PYTHONPATH": str(project.root / "audit"),
            "MODULES": str(log),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(log.read_text().split())


def test_a_step_loads_what_kedro_loads_and_these_modules(project, mount, tmp_path):
    project.write("audit/sitecustomize.py", LIST_MODULES)
    project.pipeline(
        """
        def register_pipelines():
            return {"__default__": Pipeline([node(lambda: 1, None, "apples", name="grow")])}
        """
    )
    whole = modules_of(project, tmp_path / "run", "-m", "kedro", "run", "--nodes", "grow")
    argv = StepInvocation(nodes=("grow",), outputs={"apples": mount("apples")}).to_argv()
    step = modules_of(project, tmp_path / "step", "-m", "kedro_azureml_runner", *argv)
    ours = {name for name in step if name.startswith("kedro_azureml")}
    assert ours == OURS
    assert step - ours - whole == set()
    # Telemetry is off in a step, so what Kedro's plugin for it would import is left out.
    unneeded = {"kedro_telemetry.plugin", "kedro.framework.cli.cli", "requests"}
    assert unneeded <= whole
    assert not unneeded & step


def test_a_step_builds_the_datasets_of_its_nodes_and_no_other(project, mount, tmp_path):
    project.write("src/orchard/noted.py", NOTED)
    entries = [ENTRIES.format(name=name) for name in ("a", "b", "c", "d", "e", "x", "y")]
    factory = '"{name}_factory": {type: orchard.noted.Noted, filepath: "{name}.txt"}\n'
    project.write("conf/base/catalog.yml", "".join(entries) + factory)
    project.write("data/b_plain.txt", "2")
    project.pipeline(PIPELINE)
    folder = mount("a_wrapped")
    Path(folder, "a_wrapped.txt").write_text("1")
    step = StepInvocation(
        nodes=("add",), inputs={"a_wrapped": folder}, outputs={"c_wrapped": mount("c_wrapped")}
    )
    done = project.step(*step.to_argv(), BUILT=str(tmp_path / "built"))
    assert done.returncode == 0, done.stderr
    built = (tmp_path / "built").read_text().split()
    assert sorted(built) == ["a_wrapped", "b_plain", "c_wrapped"]


def test_a_step_opens_no_socket(project, mount, tmp_path):
    """Not even with the telemetry plugin that comes with Kedro: it is seen from the first line."""
    project.write("audit/sitecustomize.py", NOTE_SOCKETS)
    project.pipeline(
        """
        import os, socket

        def grow():
            if "OPEN" in os.environ:
                socket.getaddrinfo("localhost", 80)
            return 1

        def register_pipelines():
            return {"__default__": Pipeline([node(grow, None, "apples", name="grow")])}
        """
    )
    log = tmp_path / "sockets"
    environ = {"PYTHONPATH": str(project.root / "audit"), "SOCKETS": str(log)}
    argv = StepInvocation(nodes=("grow",), outputs={"apples": mount("apples")}).to_argv()
    done = project.step(*argv, **environ)
    assert done.returncode == 0, done.stderr
    assert not log.exists(), log.read_text()
    done = project.step(*argv, **environ, OPEN="1")
    assert log.read_text().startswith("socket.getaddrinfo")  # the hook does see them
