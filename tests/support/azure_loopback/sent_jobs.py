"""A project whose job is sent to the workspace on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from azure_loopback.loopback import AzureLoopback
    from azure_loopback.processes import Finished
    from azure_loopback.project import AssetProject

SEND = """
import json
import logging
import sys
from pathlib import Path

import yaml
from kedro_azureml_cli.azure_ml.connection import connect
from kedro_azureml_cli.azure_ml.known_components import KnownComponents
from kedro_azureml_cli.azure_ml.submission import submit
from kedro_azureml_cli.terminal.exit_codes import choose_exit_code
from kedro_azureml_compiler.settings.models import Workspace
from kedro_azureml_datasets import KedroAzureMLError

project = Path(sys.argv[1])
settings = yaml.safe_load((project / "conf/base/azureml.yml").read_text())
workspace = Workspace(**settings["workspace"]["__default__"])
try:
    sent = submit(
        connect(workspace, {"retry_backoff_factor": 0}), project / "build/azureml/all", sys.argv[2],
        KnownComponents(project / "record.json"), experiment_name="shop",
    )
except KedroAzureMLError as error:
    print(f"{type(error).__name__}: {error}")
    sys.exit(choose_exit_code(error))
print(json.dumps([sent.name, sent.studio_url, sent.experiment_name, sent.status]))
"""
"""Sends a bundle, as `run` does."""

COMPILE = """
import sys
from pathlib import Path
from kedro_azureml_compiler import compile_job

compile_job(Path(sys.argv[1]), "all")
"""

NODES = """[
    node(lambda p, rate: p.upper(), ['penguins', 'params:rate'], 'clean', name='clean'),
    node(str.lower, 'clean', 'model', name='fit'),
    node(str.title, ['model'], 'report', name='report.it'),
]"""


def make_farm(project: AssetProject) -> None:
    """Write a job `all`: an asset in, an asset out, memory between, a promoted parameter.

    Args:
        project: The project; its workspace gets what the job needs.
    """
    azure = project.azure
    azure.register("penguins", "7", {"p.txt": b"one"})
    azure.add_environment("env", "3")
    project.catalog(penguins={}, model={"azureml_dataset": "model"})
    project.write("conf/base/parameters.yml", "rate: 0.5\n")
    settings = yaml.safe_load(azure.settings)
    settings |= {
        "compute": {"__default__": {"cluster_name": "cpu"}},
        "execution": {"environment": "env@latest"},
        "jobs": {"all": {"inputs": {"rate": "params:rate"}}},
    }
    project.write("conf/base/azureml.yml", yaml.safe_dump(settings))
    project.pipeline(NODES)


def send(project: AssetProject, name: str = "job-1", prelude: str = "") -> Finished:
    """Send the compiled job, in a process of its own.

    Args:
        project: The project.
        name: The job's name in Azure ML.
        prelude: Code that runs before.
    """
    return project.start(prelude + SEND, name).wait()


def uploaded_code(azure: AzureLoopback, reference: str) -> dict[str, bytes]:
    """Return the files of a snapshot by their names, as they lie in the storage.

    Args:
        azure: The workspace.
        reference: Id of the snapshot, as a component has it.
    """
    code = azure.control.resources[reference.removeprefix("azureml:").lower()]
    container, _, prefix = code["properties"]["codeUri"].partition(".net/")[2].partition("/")
    client = azure.container(container)
    return {
        blob.name.removeprefix(prefix).lstrip("/"): client.download_blob(blob.name).readall()
        for blob in client.list_blobs(name_starts_with=prefix or None)
    }
