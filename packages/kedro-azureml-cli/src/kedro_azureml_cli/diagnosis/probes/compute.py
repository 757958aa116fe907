"""Are the computes of the jobs there, and large enough?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro_azureml_compiler import did_you_mean
from kedro_azureml_datasets.azure_ml.errors import AzureMLError, NotFoundError
from kedro_azureml_datasets.azure_ml.sdk_errors import translate_sdk_errors

from kedro_azureml_cli.diagnosis.needed_resources import Use, describe_uses, list_computes
from kedro_azureml_cli.diagnosis.probe import WorkspaceProbe
from kedro_azureml_cli.diagnosis.refusals import judge_failure
from kedro_azureml_cli.diagnosis.rows import Row, SkippedError, failed, ok, skipped, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kedro_azureml_cli.azure_ml.connection import Client
    from kedro_azureml_cli.diagnosis.subject import Place

_READ = "Microsoft.MachineLearningServices/workspaces/computes/read"
_SERVERLESS = "serverless"


def _examine(place: Place) -> Iterator[Row]:
    needed = list_computes(place.jobs)
    if not needed:
        raise SkippedError("no job could be read")
    client = place.client.take()
    for name, uses in needed.items():
        label = f"compute {name}"
        if name == _SERVERLESS:
            yield ok(label, f"Azure ML chooses the machines; {describe_uses(uses)}")
        elif "${{" in name:
            yield skipped(label, "it is bound to an input, so each run names its own")
        else:
            yield _examine_compute(client, place, name, uses)


def _examine_compute(client: Client, place: Place, name: str, uses: list[Use]) -> Row:
    label = f"compute {name}"
    try:
        with translate_sdk_errors(f"reading the compute '{name}'"):
            compute: Any = client.compute.get(name)
    except NotFoundError:
        there = _list_names(client)
        near = did_you_mean(name, there) if there else "(it has none)"
        found = f"the workspace '{place.settings.name}' has no such compute {near}"
        return failed(label, f"{found}; needed by {describe_uses(uses)}", _creation(name))
    except AzureMLError as error:
        return judge_failure(label, error, _READ)
    return judge_compute(label, compute, uses)


def judge_compute(label: str, compute: Any, uses: list[Use]) -> Row:
    """Return the row about a compute.

    Args:
        label: Its label.
        compute: The compute, as the SDK gives it.
        uses: The steps that run there.
    """
    state = str(getattr(compute.provisioning_state, "value", compute.provisioning_state))
    kind = str(compute.type or "compute")
    most = getattr(compute, "max_instances", None)
    least = getattr(compute, "min_instances", None)
    facts = [state, str(getattr(compute, "size", None) or kind)]
    if most is not None:
        facts.append(f"{least or 0} to {most} nodes")
    if getattr(compute, "tier", None) == "low_priority":
        facts.append("low priority")
    running = getattr(compute, "state", None) or ""  # of a compute instance
    running = str(getattr(running, "value", running))
    facts += [running.lower()] if running else []
    found = f"{', '.join(facts)}; {describe_uses(uses)}"
    if state.lower() in {"failed", "deleting", "canceled"}:
        why = f" ({compute.provisioning_errors})" if compute.provisioning_errors else ""
        return failed(label, f"{found}{why}", _creation(compute.name))
    widest = max(uses, key=lambda use: use.instances)
    if most is not None and widest.instances > most:
        needs = f"the step '{widest.step}' of the job '{widest.job}' needs {widest.instances}"
        fix = (
            f"Raise the limit:  az ml compute update --name {compute.name} --max-instances "
            f"{widest.instances}\nor lower 'instance_count' of the step."
        )
        return failed(label, f"{found}; {needs}", fix)
    if running.lower() in {"stopped", "stopping"}:
        fix = f"Start it:  az ml compute start --name {compute.name}"
        return failed(label, found, fix)
    if state.lower() != "succeeded":
        return warning(label, found, "Wait until it is provisioned, then run this again.")
    return ok(label, found)


def _creation(name: str) -> str:
    return (
        f"Create it:  az ml compute create --type AmlCompute --name {name} --size SIZE "
        "--min-instances 0 --max-instances 1\nor name another below 'compute:' in azureml.yml."
    )


def _list_names(client: Client) -> list[str]:
    try:
        with translate_sdk_errors("listing the computes"):
            return [str(compute.name) for compute in client.compute.list()]
    except AzureMLError:
        return []


COMPUTE = WorkspaceProbe(
    "compute",
    "Do the computes of the jobs and steps exist, in which state, size and with how many nodes?",
    _examine,
)
