"""A small Kedro project whose assets come from the workspace on this machine."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Any

import kedro
import yaml

if TYPE_CHECKING:
    from pathlib import Path

    from azure_loopback.loopback import AzureLoopback
    from azure_loopback.processes import Finished, ForkServer, Running

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

LOAD = """
import json
import sys

from kedro.config import OmegaConfigLoader
from kedro_azureml_datasets import AzureMLAssetDataset
from kedro_azureml_datasets.azure_ml.settings import remember_session_settings

remember_session_settings(OmegaConfigLoader("conf", base_env="base", default_run_env="local"))
dataset = AzureMLAssetDataset(**json.loads(sys.argv[2]))
try:
    data = dataset.load()
except Exception as error:
    print(f"{type(error).__name__}: {error}")
    sys.exit(1)
print("loaded", data if isinstance(data, str) else sorted(data))
"""
"""Loads one asset, as a session would."""

CATALOG = """
import sys

from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project

bootstrap_project(sys.argv[1])
session = KedroSession.create(project_path=sys.argv[1])
catalog = session.load_context().catalog
"""


class AssetProject:
    """A project folder with the package `shop`.

    Args:
        folder: The folder; made here.
        azure: The workspace.
        server: Where its processes come from.
    """

    def __init__(self, folder: Path, azure: AzureLoopback, server: ForkServer) -> None:
        self.folder = folder
        self.azure = azure
        self._server = server
        self.environ = azure.environ
        """Variables of the processes of this project."""
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
        self.write("conf/base/parameters.yml", "{}")
        self.write("conf/base/azureml.yml", azure.settings)
        self.catalog(penguins={})
        self.pipeline("[node(str.upper, 'penguins', 'report', name='read')]")

    def write(self, path: str, content: str = "") -> Path:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(textwrap.dedent(content))
        return target

    def read(self, path: str) -> str:
        return (self.folder / path).read_text()

    def files(self, path: str = "data/penguins") -> dict[str, str]:
        """What lies below a folder, without what only the store itself looks at."""
        folder = self.folder / path
        return {
            file.relative_to(folder).as_posix(): file.read_text()
            for file in sorted(folder.rglob("*"))
            if file.is_file() and not file.relative_to(folder).parts[0].startswith(".")
        }

    def catalog(self, **assets: dict[str, Any]) -> None:
        """Write the catalog: assets by name, and a report."""
        entries: dict[str, Any] = {
            name: {
                "type": "kedro_azureml_datasets.AzureMLAssetDataset",
                "azureml_dataset": name.partition("@")[0],
                "dataset": {"type": "text.TextDataset", "filepath": "p.txt"},
                **arguments,
            }
            for name, arguments in assets.items()
        }
        entries["report"] = {
            "type": "kedro_azureml_datasets.AzureMLPipelineDataset",
            "dataset": {"type": "text.TextDataset", "filepath": "report.txt"},
        }
        self.write("conf/base/catalog.yml", yaml.safe_dump(entries))

    def pipeline(self, nodes: str) -> None:
        """Write the pipeline: a list of nodes, as Python."""
        self.write(
            "src/shop/pipeline_registry.py",
            "from kedro.pipeline import node, pipeline\n\n"
            f"def register_pipelines():\n    return {{'__default__': pipeline({nodes})}}\n",
        )

    def start(self, code: str, *arguments: str, terminal: str = "") -> Running:
        """Start code whose first argument is the project's folder."""
        return self._server.start(
            code, str(self.folder), *arguments, cwd=self.folder, terminal=terminal, **self.environ
        )

    def attempt(self, runner: str = "SequentialRunner", **options: Any) -> Finished:
        """Run the project as `kedro run` does, whatever comes of it."""
        return self.start(RUN, runner, json.dumps(options)).wait()

    def run(self, runner: str = "SequentialRunner", **options: Any) -> str:
        """Run the project as `kedro run` does, and give what it printed."""
        finished = self.attempt(runner, **options)
        assert finished.returncode == 0, finished.output
        return finished.output

    def load(self, prelude: str = "", **arguments: Any) -> Finished:
        """Load one asset in a process of its own, whatever comes of it.

        Args:
            prelude: Code that runs before.
            arguments: Those of `AzureMLAssetDataset` that are not `penguins` and `p.txt`.
        """
        return self.start_load(prelude, **arguments).wait()

    def start_load(self, prelude: str = "", *, terminal: str = "", **arguments: Any) -> Running:
        """Start that process, and do not wait for it."""
        asset = {
            "azureml_dataset": "penguins",
            "dataset": {"type": "text.TextDataset", "filepath": "p.txt"},
            **arguments,
        }
        return self.start(textwrap.dedent(prelude) + LOAD, json.dumps(asset), terminal=terminal)

    def with_catalog(self, code: str) -> str:
        """Run code after `catalog` was had from a session, as `kedro ipython` does."""
        finished = self.start(CATALOG + textwrap.dedent(code)).wait()
        assert finished.returncode == 0, finished.output
        return finished.output
