"""A project as `kedro package` makes it, installed in an image that holds no source of it."""

import json
import subprocess
import sys
import tarfile

import pytest
from environments import make_once

PROJECT = {
    "pyproject.toml": """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"

[project]
name = "orchard"
version = "0.1"

[tool.setuptools.packages.find]
where = ["src"]

[tool.kedro]
package_name = "orchard"
project_name = "Orchard"
kedro_init_version = "1.2.0"
""",
    "src/orchard/__init__.py": "",
    "src/orchard/settings.py": "",
    "src/orchard/pipeline_registry.py": """
from kedro.pipeline import Pipeline, node

def grow(count):
    return count

def register_pipelines():
    return {"__default__": Pipeline([node(grow, "params:count", "apples", name="grow")])}
""",
    "conf/base/catalog.yml": """
apples:
  type: kedro_azureml_datasets.AzureMLPipelineDataset
  dataset: {type: json.JSONDataset, filepath: apples.json}
""",
    "conf/base/parameters.yml": "count: 3\n",
    "conf/local/.gitkeep": "",
}


@pytest.fixture(scope="module")
def packaged(shared):
    """The wheel and the configuration that `kedro package` leaves in `dist/`."""
    root = make_once(shared / "orchard", lambda: package(shared / "orchard"))
    (wheel,) = (root / "dist").glob("*.whl")
    return wheel, root / "dist/conf-orchard.tar.gz"


def package(root):
    for name, text in PROJECT.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    command = [sys.executable, "-m", "kedro", "package"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def holding(built, packaged, wheels):
    ours = (wheels["kedro_azureml_datasets"], wheels["kedro_azureml_runner"])
    return built("holding", str(packaged[0]), *ours)


@pytest.mark.parametrize("unpacked", [True, False])
def test_a_step_runs_in_an_image_that_holds_the_wheel(holding, packaged, tmp_path, unpacked):
    argv = ["--protocol", "1", "--pipeline", "__default__", "--node", "grow"]
    argv += ["--package", "orchard", "--output", "apples", str(tmp_path / "mount")]
    (tmp_path / "work").mkdir()
    if unpacked:
        with tarfile.open(packaged[1]) as archive:
            archive.extractall(tmp_path / "work", filter="data")
    else:
        argv += ["--conf-source", str(packaged[1])]
    command = ("python", "-m", "kedro_azureml_runner", *argv)
    done = holding.run(*command, cwd=tmp_path / "work")
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "mount/apples.json").read_text()) == 3
