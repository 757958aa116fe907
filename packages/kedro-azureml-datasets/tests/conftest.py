"""A small Kedro project on disk, and how to run it in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import kedro
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

RUN = """
import json
import sys

import kedro.runner
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project

project, runner, options = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
bootstrap_project(project)
with KedroSession.create(project_path=project) as session:
    session.run(runner=getattr(kedro.runner, runner)(), **options)
"""

# The levels of Kedro's default, without its colours and frames.
LOGGING = """
version: 1
disable_existing_loggers: False
formatters: {plain: {format: "%(levelname)s %(message)s"}}
handlers: {console: {class: logging.StreamHandler, formatter: plain}}
loggers: {kedro: {level: INFO}}
root: {handlers: [console]}
"""


@dataclass(frozen=True)
class Finished:
    """What a process said, and how it ended."""

    returncode: int
    output: str


class SessionServer:
    """A process of `session_server.py`."""

    def __init__(self, logging_config: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("session_server.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={
                **os.environ,
                "KEDRO_LOGGING_CONFIG": str(logging_config),
                "OPENBLAS_NUM_THREADS": "1",  # threads and forks do not mix
            },
        )

    def run(self, **request: Any) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def stop(self) -> None:
        self._process.communicate()
        assert self._process.returncode == 0


class KedroProject:
    """A project folder with the package `shop`."""

    def __init__(self, folder: Path, server: SessionServer) -> None:
        self.folder = folder
        self._server = server
        self.write(
            "pyproject.toml",
            f"""
            [tool.kedro]
            package_name = "shop"
            project_name = "Shop"
            kedro_init_version = "{kedro.__version__}"
            """,
        )
        for path in ("src/shop/__init__.py", "src/shop/settings.py", "conf/local/.gitkeep"):
            self.write(path)
        self.write("conf/base/catalog.yml")
        self.write("conf/base/parameters.yml", "{}")
        self.pipeline("nodes = []")

    def write(self, path: str, content: str = "") -> Path:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(textwrap.dedent(content))
        return target

    def read(self, path: str) -> str:
        return (self.folder / path).read_text()

    def catalog(self, content: str) -> None:
        self.write("conf/base/catalog.yml", content)

    def pipeline(self, content: str) -> None:
        """Write the pipeline registry: functions, then `nodes = [...]`."""
        self.write(
            "src/shop/pipeline_registry.py",
            "from kedro.pipeline import node, pipeline\n\n"
            + textwrap.dedent(content)
            + "\n\ndef register_pipelines():\n    return {'__default__': pipeline(nodes)}\n",
        )

    def python(
        self, code: str, *arguments: str, cwd: Path | None = None, **variables: str
    ) -> Finished:
        """Run code in a process that has imported Kedro, by default in the project's folder."""
        output = self.folder.parent / "output.txt"
        output.unlink(missing_ok=True)
        returncode = self._server.run(
            code=textwrap.dedent(code),
            arguments=arguments,
            cwd=str(cwd or self.folder),
            environ={**os.environ, **variables},
            output=str(output),
        )
        return Finished(returncode, output.read_text())

    def attempt(
        self,
        *,
        runner: str = "SequentialRunner",
        cwd: Path | None = None,
        variables: dict[str, str] | None = None,
        **options: Any,
    ) -> Finished:
        """Run the project as `kedro run` does, whatever comes of it."""
        return self.python(
            RUN, str(self.folder), runner, json.dumps(options), cwd=cwd, **(variables or {})
        )

    def run(self, **options: Any) -> str:
        """Run the project as `kedro run` does, and give what it printed."""
        finished = self.attempt(**options)
        assert finished.returncode == 0, finished.output
        return finished.output


@pytest.fixture(autouse=True)
def _no_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of the machine that runs the tests decides about them."""
    for name in ("RANK", "WORLD_SIZE", "OMPI_COMM_WORLD_RANK", "TF_CONFIG", "KEDRO_AZUREML_STEP"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KEDRO_DISABLE_TELEMETRY", "1")
    # Nor does a Kedro session that another package's test has opened in this process.
    monkeypatch.setattr("kedro_azureml_datasets.project_paths._session_project", None)


@pytest.fixture(scope="session")
def session_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SessionServer]:
    logging_config = tmp_path_factory.mktemp("logging") / "logging.yml"
    logging_config.write_text(LOGGING)
    server = SessionServer(logging_config)
    yield server
    server.stop()


@pytest.fixture
def project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, session_server: SessionServer
) -> KedroProject:
    """A project, which is the working directory too."""
    made = KedroProject(tmp_path / "project", session_server)
    monkeypatch.chdir(made.folder)
    return made


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A folder outside the project."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return folder
