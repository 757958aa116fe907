"""A written project whose jobs a test checks, with the Kedro pipeline of a few nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml
from kedro_azureml_compiler.checking import check_jobs
from kedro_azureml_compiler.project.request import ProjectRequest
from written_project import WrittenProject

if TYPE_CHECKING:
    from kedro_azureml_compiler.findings import Finding

Node = tuple[str, "str | list[str] | None", "str | list[str] | None"]


class CheckedProject(WrittenProject):
    """A project without a catalog and without parameters: one node `a`, one job `j`."""

    def __init__(self, root) -> None:
        super().__init__(root)
        self.write("conf/base/parameters.yml", "{}")
        self.settings_of({"j": {}})
        self.nodes(("a", None, "x"))

    def catalog(self, content: str) -> None:
        self.write("conf/base/catalog.yml", content)

    def settings_of(self, jobs: dict[str, Any], **sections: Any) -> None:
        """Write azureml.yml with these jobs, and with other sections in place of the usual ones."""
        content = {
            "workspace": {
                "__default__": {"subscription_id": "s", "resource_group": "r", "name": "w"}
            },
            "compute": {"__default__": {"cluster_name": "cpu"}},
            "execution": {"environment": "env@latest"},
            "jobs": jobs,
            **sections,
        }
        self.azureml(yaml.safe_dump(content, sort_keys=False))

    def nodes(self, *nodes: Node) -> None:
        """Write the pipeline: name, inputs and outputs of each node; none of them is ever run."""
        listed = ", ".join(
            f"node(lambda *inputs: None, {inputs!r}, {outputs!r}, name={name!r})"
            for name, inputs, outputs in nodes
        )
        self.pipelines(
            f'def register_pipelines():\n    return {{"__default__": Pipeline([{listed}])}}\n'
        )

    def large_file(self, path: str, size_bytes: int) -> None:
        """Write a file of a size, of which nothing is on the disk."""
        self.write(path, "")
        with (self.root / path).open("wb") as large:
            large.truncate(size_bytes)

    def check(self, *jobs: str, **request: Any) -> dict[str | None, tuple[Finding, ...]]:
        checked = check_jobs(ProjectRequest(self.root, **request), jobs)
        return {job.job: job.findings for job in checked}

    def found(self, code: str, **request: Any) -> list[Finding]:
        """Check the only job, and give the findings of one kind."""
        (findings,) = self.check(**request).values()
        return [finding for finding in findings if finding.code == code]

    def only(self, code: str, **request: Any) -> Finding:
        (finding,) = self.found(code, **request)
        return finding
