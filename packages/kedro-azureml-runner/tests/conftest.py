"""A real Kedro project on disk, whose steps run in processes of their own."""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from message_receiver import Receiver

Done = subprocess.CompletedProcess[str]

PYPROJECT = """
[tool.kedro]
package_name = "orchard"
project_name = "Orchard"
kedro_init_version = "1.2.0"
"""

CATALOG = """
apples:
  type: kedro_azureml_datasets.AzureMLPipelineDataset
  dataset: {type: json.JSONDataset, filepath: apples.json}
"""


class StepServer:
    """A process of `step_server.py`, started when it is first needed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None
        self._count = 0

    def run(self, argv: tuple[str, ...], cwd: Path, environ: dict[str, str]) -> Done:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, Path(__file__).with_name("step_server.py")],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                cwd=self._folder,
                env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},  # threads and forks do not mix
            )
        self._count += 1
        out, err = (self._folder / f"{self._count}.{kind}" for kind in ("out", "err"))
        request = {"argv": argv, "cwd": str(cwd), "environ": environ}
        line = json.dumps({**request, "stdout": str(out), "stderr": str(err)})
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        while not (answer := self._process.stdout.readline()).strip().lstrip("-").isdecimal():
            assert answer, "the step server has ended"  # other lines are Kedro's log
        return Done(argv, int(answer), out.read_text(), err.read_text())

    def stop(self) -> None:
        if self._process is not None:
            self._process.communicate()
            assert self._process.returncode == 0


class Project:
    """A project in which a test writes files and runs steps."""

    def __init__(self, root: Path, server: StepServer) -> None:
        self.root = root
        self._server = server
        for folder in ("conf/base", "conf/local", "src/orchard"):
            (root / folder).mkdir(parents=True)
        self.write("pyproject.toml", PYPROJECT)
        self.write("src/orchard/__init__.py", "")
        self.write("src/orchard/settings.py", "")
        self.write("conf/base/catalog.yml", CATALOG)
        self.write("conf/base/parameters.yml", "count: 3\n")

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")

    def pipeline(self, code: str) -> None:
        """Write the pipeline registry; `node` and `Pipeline` are imported for it."""
        head = "from kedro.pipeline import Pipeline, node\n\n"
        self.write("src/orchard/pipeline_registry.py", head + textwrap.dedent(code))

    def step(self, *argv: str, **environ: str) -> Done:
        """Run a step as a container would, in an environment without this process's own.

        In a process of its own, and where that must see `PYTHONPATH`, in one that is new.
        """
        env = {"PATH": os.environ["PATH"], "HOME": str(self.root), **environ}
        if "PYTHONPATH" not in environ:
            return self._server.run(argv, self.root, env)
        return self.new_process(*argv, **environ)

    def new_process(self, *argv: str, **environ: str) -> Done:
        """Run a step in a process that has imported nothing yet."""
        return subprocess.run(
            [sys.executable, "-m", "kedro_azureml_runner", *argv],
            cwd=self.root,
            env={"PATH": os.environ["PATH"], "HOME": str(self.root), **environ},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="session")
def step_server(tmp_path_factory):
    server = StepServer(tmp_path_factory.mktemp("steps"))
    yield server
    server.stop()


@pytest.fixture
def project(tmp_path: Path, step_server: StepServer) -> Project:
    return Project(tmp_path / "orchard", step_server)


@pytest.fixture
def mount(tmp_path: Path):
    """Make an empty folder, as Azure ML gives one for an output."""

    def make(name: str) -> str:
        path = tmp_path / "mounts" / name
        path.mkdir(parents=True)
        return str(path)

    return make


@pytest.fixture
def receiver():
    with Receiver() as made:
        yield made
