"""A project whose jobs are in a workspace on this machine, and the commands that follow them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml
from azure_loopback.control_plane import WORKSPACE

if TYPE_CHECKING:
    from azure_loopback.loopback import AzureLoopback
    from azure_loopback.processes import Running
    from azure_loopback.project import AssetProject

COMMAND = """
import os
import sys

sys.executable = os.environ.get("WARM_PYTHON", sys.executable)
from kedro.framework.startup import bootstrap_project
from kedro_azureml_cli.commands import project_commands

project_commands(["azureml", *sys.argv[2:]], obj=bootstrap_project(sys.argv[1]))
"""

NODES = """[
    node(str.lower, 'penguins', 'clean', name='clean'),
    node(str.lower, 'clean', 'model', name='fit'),
    node(str.title, ['model'], 'report', name='report.it'),
]"""


class FollowedProject:
    """A project with a job `all` of three steps, an asset in and an asset out.

    Args:
        shop: A project of the workspace; its catalog, its pipeline and its settings are written.
        azure: The workspace.
    """

    def __init__(self, shop: AssetProject, azure: AzureLoopback) -> None:
        self.shop, self.azure, self.jobs = shop, azure, azure.control.jobs
        self.folder = shop.folder
        azure.add_environment("env", "3")
        azure.register("penguins", "7", {"p.txt": b"ONE"})
        shop.catalog(penguins={}, model={"azureml_dataset": "model"})
        settings = yaml.safe_load(azure.settings) | {
            "compute": {"__default__": {"cluster_name": "cpu"}},
            "execution": {"environment": "env@latest"},
            "jobs": {"all": {}},
        }
        shop.write("conf/base/azureml.yml", yaml.safe_dump(settings))
        shop.pipeline(NODES)
        self.shop.environ = {
            **azure.environ,
            "KEDRO_DISABLE_TELEMETRY": "1",
            "COLUMNS": "200",
            "AZUREML_RUN_POLLING_INTERVAL_MIN": "0.05",
            "AZUREML_RUN_POLLING_INTERVAL_MAX": "0.1",
        }

    def start(self, *arguments: str, terminal: str = "") -> Running:
        """Start a command in a process of its own."""
        return self.shop.start(COMMAND, *arguments, terminal=terminal)

    def run(self, *arguments: str, code: int = 0) -> str:
        """Run a command, and give what it printed."""
        finished = self.start(*arguments).wait()
        assert finished.returncode == code, finished.output
        return finished.output

    def put(self, name: str, job: str = "all", *, workspace: str = WORKSPACE, **tags: str) -> None:
        """Let a workspace have a job of this project, as `run` sends it."""

        def root(*parts: str) -> str:
            return self.azure.path(*parts).replace(WORKSPACE, workspace)

        component = root("components", "azureml_anonymous", "versions", "1")
        self.azure.control.put(component, {"properties": {}})
        steps = {
            step: {
                "type": "command",
                "display_name": shown,
                "componentId": component,
                "computeId": root("computes", "cpu"),
                "inputs": inputs,
                "outputs": outputs,
            }
            for step, shown, inputs, outputs in (
                ("clean", "clean", {}, {}),
                ("fit", "fit", bound("clean", "clean"), {"model": ASSET_OUTPUT}),
                ("report__it", "report.it", bound("fit", "model"), {}),
            )
        }
        properties = {
            "jobType": "Pipeline",
            "displayName": job,
            "experimentName": "shop",
            "tags": {"kedro_job": job, **tags} if job else tags,
            "settings": {},
            "inputs": {},
            "outputs": {},
            "jobs": steps,
        }
        jobs = self.azure.control.jobs_of(workspace)
        status, body = jobs.put(root("jobs", name), {"properties": properties})
        assert status == 201, body
        self.azure.control.requests.clear()

    def asked(self) -> int:
        """How many requests Azure Resource Manager had."""
        return len(self.azure.control.requests)


ASSET_OUTPUT = {"job_output_type": "uri_folder", "mode": None, "name": "model"}


def bound(step: str, port: str) -> dict[str, Any]:
    value = f"${{{{parent.jobs.{step}.outputs.{port}}}}}"
    return {port: {"job_input_type": "literal", "value": value}}
