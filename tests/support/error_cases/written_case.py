"""A project with one mistake, and a collection of them by the kind of finding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro_azureml_cli.verification.verify import verify_compiled
from kedro_azureml_compiler import CompiledJob, ExaminedJob, ProjectRequest, examine_job
from kedro_azureml_compiler.azureml.rendering import render
from kedro_azureml_compiler.bundle.writing import write_bundle
from kedro_azureml_simulator import SimulatorError

if TYPE_CHECKING:
    from checked_project import CheckedProject

NODES = """
    import time

    import pandas as pd

    def table(*inputs):
        return pd.DataFrame({"a": [1, 2]})

    def late_table():
        time.sleep(8)
        return table()

    def counted(*inputs):
        return pd.DataFrame({"rows": [sum(map(len, inputs))]})

    def register_pipelines():
        return {"__default__": Pipeline([LISTED])}
"""


@dataclass
class Case:
    """A project with one mistake, in which nodes can run.

    Args:
        project: The project.
        folder: Where bundles may be written.
        python: The interpreter of the runs.
        sdk: One that has imported the SDK of Azure ML.
    """

    project: CheckedProject
    folder: Path
    python: Path
    sdk: Path

    def nodes(self, *nodes: tuple[str, str, Any, Any]) -> None:
        """Write the pipeline: function, name, inputs and outputs of each node."""
        listed = ", ".join(f"node({f}, {i!r}, {o!r}, name={n!r})" for f, n, i, o in nodes)
        self.project.pipelines(NODES.replace("LISTED", listed))

    def examined(self, **request: Any) -> ExaminedJob:
        return examine_job(ProjectRequest(self.project.root, **request), "j")

    def bundle(self, name: str = "bundle", **request: Any) -> CompiledJob:
        """Write the bundle of a job that the check refuses."""
        examined = self.examined(**request)
        target = self.folder / name
        write_bundle(
            target,
            pipeline_yml=render(examined.pipeline_job),
            plan=examined.plan,
            project=examined.facts.root,
            code=examined.code,
            kept_folders=[f"{examined.facts.conf_source}/{examined.facts.run_env}"],
            environment_paths=[
                path for path in examined.environment_paths if (examined.facts.root / path).exists()
            ],
        )
        return CompiledJob(target, examined.plan, (), examined.config, examined.settings)

    def yml(self, name: str = "bundle", **request: Any) -> str:
        return (self.bundle(name, **request).bundle / "pipeline.yml").read_text()

    def kedro(self, *words: str) -> Any:
        import os
        import subprocess

        return subprocess.run(
            [str(self.python), "-m", "kedro", *words], cwd=self.project.root, text=True,
            env={**os.environ, "KEDRO_DISABLE_TELEMETRY": "1"}, capture_output=True, check=False,
        )  # fmt: skip


class Cases(dict[str, "Callable[[Case], None]"]):
    """Functions that write a project and ask the judge, by the kind of finding."""

    def of(self, code: str) -> Callable[[Callable[[Case], None]], Callable[[Case], None]]:
        """Add a function as the case of a kind."""

        def add(function: Callable[[Case], None]) -> Callable[[Case], None]:
            assert code not in self
            self[code] = function
            return function

        return add


def refused(case: Case, code: str, **request: Any) -> None:
    found = case.examined(**request).findings
    errors = {finding.code for finding in found if finding.severity.value == "error"}
    assert errors == {code}, found


CSV = "{name}: {{type: pandas.CSVDataset, filepath: {path}, save_args: {{index: false}}}}\n"
WRAPPED = (
    "{name}: {{type: kedro_azureml_datasets.AzureMLPipelineDataset, root_dir: data, "
    "dataset: {{type: pandas.CSVDataset, filepath: {path}, save_args: {{index: false}}}}}}\n"
)
ASSET = (
    "{name}: {{type: kedro_azureml_datasets.AzureMLAssetDataset, azureml_dataset: {asset}, "
    "{more} dataset: {{type: pandas.CSVDataset, filepath: t.csv, save_args: {{index: false}}}}}}\n"
)
RESULT = WRAPPED.format(name="y", path="y.csv")


def job_goes_wrong(case: Case, code: str, *, locally: bool = True) -> None:
    """The check refuses it; without the check the local run succeeds and the job does not."""
    refused(case, code)
    try:
        verification = verify_compiled(case.bundle(), case.project.root, python=case.python)
    except SimulatorError:
        return  # the job is refused as a whole
    assert (verification.local.exit_code == 0) is locally, verification.local.log_path.read_text()
    assert verification.result in {"failed", "different"}, verification.datasets
