"""A real Kedro project on disk, whose steps run in processes of their own."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

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


class Project:
    """A project in which a test writes files and runs steps."""

    def __init__(self, root: Path) -> None:
        self.root = root
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

    def step(self, *argv: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run a step as a container would, in an environment without this process's own."""
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.root),
            **environ,
        }
        return subprocess.run(
            [sys.executable, "-m", "kedro_azureml_runner", *argv],
            cwd=self.root,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "orchard")


@pytest.fixture
def mount(tmp_path: Path):
    """Make an empty folder, as Azure ML gives one for an output."""

    def make(name: str) -> str:
        path = tmp_path / "mounts" / name
        path.mkdir(parents=True)
        return str(path)

    return make
