"""Read what a job was made of, and where its steps have left their outputs."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

import yaml
from kedro_azureml_datasets.azure_ml.errors import NotFoundError
from kedro_azureml_datasets.azure_ml.sdk_errors import translate_sdk_errors

from kedro_azureml_cli.azure_ml.retrying import retry_if_cut_off

if TYPE_CHECKING:
    from collections.abc import Mapping

    from azure.ai.ml import MLClient

_OUTPUT_OF_STEP = re.compile(r"\$\{\{parent\.jobs\.(\w+)\.outputs\.(\w+)\}\}")
_DEFAULT_PLACE = (
    "azureml://datastores/${{default_datastore}}/paths/azureml/${{name}}/${{output_name}}"
)


class JobDocument:
    """A submitted job, as the workspace has it.

    Args:
        steps: Step to what it is made of, as in a pipeline YAML.
        default_datastore: Name of the workspace's default datastore; empty if it has none.
    """

    def __init__(self, steps: Mapping[str, Mapping[str, Any]], default_datastore: str) -> None:
        self.steps = steps
        self._default_datastore = default_datastore
        self._writers: dict[str, str] = {}
        for step, content in steps.items():
            for output in content.get("outputs") or {}:
                self._writers[output] = step
        for content in steps.values():
            for bound in (content.get("inputs") or {}).values():
                path = bound.get("path") if isinstance(bound, dict) else bound
                found = _OUTPUT_OF_STEP.fullmatch(str(path))
                if found is not None:
                    self._writers.setdefault(found.group(2), found.group(1))

    def writer(self, port: str) -> str | None:
        """Return the step that has an output, if the job itself says so.

        Args:
            port: Name of the output, which one step of a job has.
        """
        return self._writers.get(port)

    def place(self, step: str, port: str, run_id: str) -> str:
        """Return the URI of what a step has left.

        Args:
            step: Name of the step.
            port: Name of its output.
            run_id: Name of the run that has left it.

        Raises:
            NotFoundError: It is in the default datastore, and the workspace has none.
        """
        output = (self.steps[step].get("outputs") or {}).get(port)
        path = output.get("path") if isinstance(output, dict) else None
        place = str(path or _DEFAULT_PLACE)
        if "${{default_datastore}}" in place and not self._default_datastore:
            raise NotFoundError(
                f"finding the output '{port}' of the step '{step}'",
                "it is in the default datastore of the workspace, and the workspace has none.",
                hint="Set one:  az ml workspace update  or, in Studio, Data, Datastores.",
            )
        for name, value in {
            "default_datastore": self._default_datastore,
            "name": run_id,
            "output_name": port,
        }.items():
            place = place.replace(f"${{{{{name}}}}}", value)
        return place


def read_document(client: MLClient, name: str) -> JobDocument:
    """Read what a job was made of.

    Args:
        client: The client of the workspace.
        name: The job's name in Azure ML.

    Raises:
        AzureMLError: Azure ML did not answer.
    """
    with translate_sdk_errors(f"reading the job '{name}'", more=f"az ml job show --name {name}"):
        job: Any = retry_if_cut_off(lambda: client.jobs.get(name))
        written = io.StringIO()
        job.dump(written)
    with translate_sdk_errors("looking up the default datastore", more="az ml datastore list"):
        try:
            datastore = str(retry_if_cut_off(client.datastores.get_default).name)
        except StopIteration:  # as the SDK says that the workspace has none
            datastore = ""
    steps = (yaml.safe_load(written.getvalue()) or {}).get("jobs") or {}
    return JobDocument(steps, datastore)
