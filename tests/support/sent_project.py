"""A project whose job was sent as `run` sends it; a test plays what became of it in Azure ML."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import cloudpickle
import yaml
from followed_project import FollowedProject

NODES = """
import os


def clean(table):
    return table.lower()


def fit(table, rate):
    print(f"fitting {table!r} at {rate!r} with {os.environ.get('TOKEN')}")
    if "bad" in table:
        raise ValueError("a bad row")
    return table + str(rate)


def report(model):
    return model.title()
"""

PIPELINE = """[
    node(nodes.clean, 'penguins', 'clean', name='clean'),
    node(nodes.fit, ['clean', 'params:rate'], 'model', name='fit'),
    node(nodes.report, ['model'], 'report', name='report.it'),
]"""


class SentProject(FollowedProject):
    """A project with a job `all`: `clean` in memory, `model` an asset, `report` a pipeline dataset.

    Args:
        shop: A project of the workspace; its catalog, its pipeline and its settings are written.
        azure: The workspace.
        python: The interpreter for which the commands take their own; None is their own.
    """

    def __init__(self, shop, azure, python: Path | None = None) -> None:
        super().__init__(shop, azure)
        self.messages: list[dict[str, Any]] = []
        """What the receiver of its notifications got, if a test has made one."""
        if python:
            self.shop.environ["WARM_PYTHON"] = str(python)
        self.write_nodes(NODES)
        shop.write(
            "src/shop/pipeline_registry.py",
            "from kedro.pipeline import node, pipeline\n\nfrom shop import nodes\n\n\n"
            f"def register_pipelines():\n    return {{'__default__': pipeline({PIPELINE})}}\n",
        )
        shop.write("conf/base/parameters.yml", "rate: 3\n")

    def write_nodes(self, text: str) -> None:
        """Change the nodes of the working tree."""
        self.shop.write("src/shop/nodes.py", text)

    def send(self, *options: str) -> str:
        """Submit the job and return its name in Azure ML."""
        told = self.run("run", "-j", "all", *options)
        found = re.search(r"all-\d{8}-\d{6}-[0-9a-f]{6}", told)
        assert found is not None, told
        return found.group()

    def play(self, name: str, **states: str) -> None:
        """Let steps of a job go to their states, and the job to what follows from them."""
        self.jobs.play(name, **states)
        ended = "Failed" if "Failed" in states.values() else "Completed"
        self.jobs.play(name, job=ended)

    def fail(self, row: str = "a bad row", *options: str) -> str:
        """Let the step `fit` of a new job fail on what the step before has left."""
        name = self.send(*options)
        self.play(name, clean="Completed", fit="Failed", report__it="Canceled")
        self.azure.put_output(name, "clean", "clean", {"data.pkl": cloudpickle.dumps(row)})
        return name

    def complete(self, *options: str, report: bytes = b"One3") -> str:
        """Let a new job complete, with the data that its nodes make; `report` may be another."""
        name = self.send(*options)
        self.play(name, clean="Completed", fit="Completed", report__it="Completed")
        self.leave(name, model=b"one3", report=report)
        return name

    def leave(self, name: str, model: bytes, report: bytes) -> None:
        """Leave what the steps of a job have written."""
        self.azure.put_output(name, "clean", "clean", {"data.pkl": cloudpickle.dumps("one")})
        self.azure.put_output(name, "fit", "model", {"p.txt": model})
        self.azure.put_output(name, "report__it", "report", {"report.txt": report})

    def settings_of(self, **job: Any) -> None:
        """Change the settings of the job in `azureml.yml`."""
        settings = yaml.safe_load(self.shop.read("conf/base/azureml.yml"))
        settings["jobs"] = {"all": job}
        self.shop.write("conf/base/azureml.yml", yaml.safe_dump(settings))

    def folder_of(self, name: str) -> Path:
        """Return where what was downloaded of a job is."""
        return self.folder / "build/azureml-jobs" / name
