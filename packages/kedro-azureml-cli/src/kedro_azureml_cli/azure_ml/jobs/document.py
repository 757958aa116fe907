"""Read what a job was made of, and where its steps have left their outputs."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

import yaml
from kedro_azureml_datasets.azure_ml.errors import NotFoundError
from kedro_azureml_datasets.azure_ml.sdk_errors import retry_if_cut_off, translate_sdk_errors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from azure.ai.ml import MLClient

_OUTPUT_OF_STEP = re.compile(r"\$\{\{parent\.jobs\.(\w+)\.outputs\.(\w+)\}\}")
_INPUT_OF_JOB = re.compile(r"\$\{\{parent\.inputs\.(\w+)\}\}")
_COMPONENT = re.compile(r"(?:azureml:)?(?:.*/components/)?([^/:]+)(?::|/versions/)([^/:]+)")
_DATASTORE = "azureml://datastores/${{default_datastore}}/paths"
_DEFAULT_PLACES = (
    f"{_DATASTORE}/azureml/${{{{name}}}}/${{{{output_name}}}}",
    f"{_DATASTORE}/${{{{name}}}}/${{{{output_name}}}}",
    f"{_DATASTORE}/dataset/${{{{name}}}}/${{{{output_name}}}}",
)
"""Where Azure ML puts an output that has no path, the likeliest first."""


class JobDocument:
    """A submitted job, as the workspace has it.

    Args:
        steps: Step to what it is made of, as in a pipeline YAML.
        default_datastore: Name of the workspace's default datastore; empty if it has none.
        inputs: Input of the job to its literal value, or to its `type` and `path`.
    """

    def __init__(
        self,
        steps: Mapping[str, Mapping[str, Any]],
        default_datastore: str,
        inputs: Mapping[str, Any] | None = None,
    ) -> None:
        self.steps = steps
        self.inputs = inputs or {}
        self._default_datastore = default_datastore
        self._writers: dict[str, str] = {}
        for step, content in steps.items():
            for output in content.get("outputs") or {}:
                self._writers[output] = step
        for content in steps.values():
            for bound in (content.get("inputs") or {}).values():
                found = _OUTPUT_OF_STEP.fullmatch(str(_path(bound)))
                if found is not None:
                    self._writers.setdefault(found.group(2), found.group(1))

    def writer(self, port: str) -> str | None:
        """Return the step that has an output, if the job itself says so.

        Args:
            port: Name of the output, which one step of a job has.
        """
        return self._writers.get(port)

    def bindings(self, step: str) -> dict[str, Any]:
        """Return what the input ports of a step get: a value, a path or a binding.

        Args:
            step: Name of the step.
        """
        given = self.steps[step].get("inputs") or {}
        return {port: _path(bound) for port, bound in given.items()}

    def literals(self, step: str) -> dict[str, str]:
        """Return the string that each literal input of a step passes to its command.

        Args:
            step: Name of the step.
        """
        texts = {}
        for port, bound in self.bindings(step).items():
            of_job = _INPUT_OF_JOB.fullmatch(str(bound))
            value = self.inputs.get(of_job.group(1)) if of_job else bound
            if value is not None and not isinstance(value, dict) and "${{" not in str(value):
                texts[port] = str(value)
        return texts

    def component(self, step: str) -> tuple[str, str]:
        """Return name and version of the component that a step runs.

        Args:
            step: Name of the step.

        Raises:
            NotFoundError: The job does not name one.
        """
        found = _COMPONENT.fullmatch(str(self.steps[step].get("component") or ""))
        if found is None:
            raise NotFoundError(
                f"finding the component of the step '{step}'",
                "the job does not name one that can be read.",
                hint="Jobs that `kedro azureml run` submits do.",
            )
        return found.group(1), found.group(2)

    def place(self, step: str, port: str, run_id: str) -> str:
        """Return the URI of what a step has left; the likeliest where the job does not state it.

        Args:
            step: Name of the step.
            port: Name of its output.
            run_id: Name of the run that has left it.

        Raises:
            NotFoundError: It is in the default datastore, and the workspace has none.
        """
        return self.places(step, port, run_id)[0]

    def places(self, step: str, port: str, run_id: str) -> list[str]:
        """Return the URIs at which a step can have left an output, the likeliest first.

        It is one where the job states the path, as the jobs of this plugin do.

        Args:
            step: Name of the step.
            port: Name of its output.
            run_id: Name of the run that has left it.

        Raises:
            NotFoundError: It is in the default datastore, and the workspace has none.
        """
        path = self._stated(step, port)
        places = [path] if path else list(_DEFAULT_PLACES)
        if "${{default_datastore}}" in places[0] and not self._default_datastore:
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
            places = [place.replace(f"${{{{{name}}}}}", value) for place in places]
        return places

    def is_shared(self, step: str, port: str, run_id: str) -> bool:
        """Check whether a later job writes an output to the same place.

        Args:
            step: Name of the step.
            port: Name of its output.
            run_id: Name of the run that has left it.
        """
        path = self._stated(step, port)
        return bool(path) and "${{name}}" not in path and run_id not in path.split("/")

    def _stated(self, step: str, port: str) -> str:
        output = (self.steps[step].get("outputs") or {}).get(port)
        return str(output.get("path") or "") if isinstance(output, dict) else ""


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
    content = yaml.safe_load(written.getvalue()) or {}
    return JobDocument(content.get("jobs") or {}, datastore, content.get("inputs"))


def _path(bound: Any) -> Any:
    return bound.get("path") if isinstance(bound, dict) else bound
