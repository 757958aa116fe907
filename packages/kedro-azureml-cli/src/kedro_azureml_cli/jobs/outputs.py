"""Find the outputs of a submitted job that can be downloaded to where the catalog reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kedro_azureml_compiler import (
    DatasetKind,
    Flow,
    PlannedDataset,
    did_you_mean,
    make_azure_name,
    strip_transcoding,
)
from kedro_azureml_datasets import KedroAzureMLError
from kedro_azureml_datasets.azure_ml.thread_pools import open_pool

from kedro_azureml_cli.azure_ml.jobs.states import COMPLETED, JobState, StepState
from kedro_azureml_cli.jobs.remote.outputs import OverwrittenError, locate_output

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kedro_azureml_compiler import AssetFacts, DatasetFacts, ExaminedJob
    from kedro_azureml_datasets.azure_ml.workspace import AzureWorkspace

    from kedro_azureml_cli.azure_ml.jobs.document import JobDocument

_AT_ONCE = 8
"""Requests at the same time."""


class NotDownloadableError(KedroAzureMLError):
    """An output cannot be downloaded."""

    blame = "user"


@dataclass(frozen=True)
class Output:
    """An output of a submitted job, and where it belongs here.

    Args:
        dataset: What the plan knows of the dataset.
        facts: What the catalog says of it.
        step: The step that has written it.
        uri: Where it has been left.
    """

    dataset: PlannedDataset
    facts: DatasetFacts
    step: StepState
    uri: str

    @property
    def asset(self) -> AssetFacts | None:
        """The data asset that it is registered as."""
        return self.dataset.asset


def find_outputs(
    examined: ExaminedJob,
    state: JobState,
    document: JobDocument,
    storage: AzureWorkspace,
    wanted: Sequence[str],
) -> tuple[list[Output], list[str]]:
    """Find the outputs that can be downloaded.

    Args:
        examined: The job, as the project has it now.
        state: The submitted job with its steps.
        document: What the submitted job was made of.
        storage: What reads the data of the workspace.
        wanted: Names of datasets; all that can be downloaded where none is named.

    Returns:
        The outputs; and why others were left out, where none was named.

    Raises:
        NotDownloadableError: A named one cannot be downloaded.
    """
    plan = examined.plan
    names = [dataset.name for dataset in plan.datasets if dataset.flow is not Flow.PARAMETER]
    outputs: list[Output] = []
    left_out: list[str] = []
    datasets: list[PlannedDataset] = []
    for name in dict.fromkeys(map(strip_transcoding, wanted)) if wanted else names:
        if name not in names:
            raise NotDownloadableError(
                f"The job '{plan.job}' has no dataset '{name}' {did_you_mean(name, names)}."
            )
        dataset = plan.dataset(name)
        if wanted or dataset.flow is Flow.STEP_OUTPUT:  # not an input, or what left no step
            datasets.append(dataset)

    facts = _find_written_entries(examined)
    runs = {one.step: one for one in reversed(state.steps)}

    def find(dataset: PlannedDataset) -> Output | NotDownloadableError:
        try:
            return _output(dataset, facts.get(dataset.name), state.name, runs, document, storage)
        except NotDownloadableError as error:
            return error

    with open_pool(_AT_ONCE) as pool:  # each asks for the place of its data
        for made in pool.call_each(find, datasets):
            if isinstance(made, Output):
                outputs.append(made)
            elif wanted:
                raise made
            else:
                left_out.append(made.message)
    return outputs, left_out


def _output(
    dataset: PlannedDataset,
    facts: DatasetFacts | None,
    job: str,
    runs: Mapping[str, StepState],
    document: JobDocument,
    storage: AzureWorkspace,
) -> Output:
    name = dataset.name
    if dataset.flow is not Flow.STEP_OUTPUT:
        raise NotDownloadableError(f"'{name}' is not an output of the job: {dataset.why}.")
    if facts is None or facts.kind not in {DatasetKind.PIPELINE, DatasetKind.ASSET}:
        raise NotDownloadableError(
            f"'{name}' has no catalog entry that a local run can read: it passed between the steps "
            "as a pickled object.",
            hint="Give it an entry of type kedro_azureml_datasets.AzureMLPipelineDataset, and run "
            "the job again.",
        )
    port = make_azure_name(name)
    step = document.writer(port) or make_azure_name(dataset.written_by or "")
    run = runs.get(step)
    if run is None or step not in document.steps:
        raise NotDownloadableError(
            f"The job {job} has no step '{dataset.written_by}', which writes '{name}': the "
            "pipeline has changed since it was submitted."
        )
    if run.status != COMPLETED:
        raise NotDownloadableError(
            f"'{name}' is not available: the step '{run.display_name}', which writes it, is "
            f"{run.status}."
        )
    kind = "uri_file" if dataset.asset is not None and dataset.asset.is_file else "uri_folder"
    try:
        located = locate_output(storage, document, run, port, kind)
    except OverwrittenError as error:
        raise NotDownloadableError(error.message) from error
    return Output(dataset, facts, run, located.uri)


def _find_written_entries(examined: ExaminedJob) -> dict[str, DatasetFacts]:
    """Return the entry with which each dataset is written: one of a transcoded dataset."""
    found: dict[str, DatasetFacts] = {}
    for node in examined.facts.nodes:
        for output in node.outputs:
            entry = examined.facts.datasets.get(output)
            if entry is not None:
                found.setdefault(strip_transcoding(output), entry)
    return found
