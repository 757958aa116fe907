"""How many processes a step has, from `distribution:` and `resources:`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

from kedro_azureml_simulator.pipeline.model import Distribution
from kedro_azureml_simulator.pipeline.section import describe_kind

if TYPE_CHECKING:
    from kedro_azureml_simulator.pipeline.section import Section

_KEYS = {
    "pytorch": ("type", "process_count_per_instance"),
    "mpi": ("type", "process_count_per_instance"),
    "tensorflow": ("type", "worker_count", "parameter_server_count"),
}
_RESOURCES = (
    "instance_count", "instance_type", "shm_size", "docker_args", "locations", "properties",
    "max_instance_count",
)  # fmt: skip


def read_distribution(step: Section, component: Section | None = None) -> Distribution | None:
    """Read the distribution of a step; what the step says wins over its component.

    Args:
        step: The step.
        component: Its component, None for an inline step.
    """
    owner = _owner(step, component, "distribution")
    found = owner.section("distribution")
    resources = _owner(step, component, "resources").section("resources")
    step.section("resources").only(_RESOURCES)
    resources.string("instance_type")
    resources.string("shm_size")
    instances = resources.count("instance_count", 1)
    kind = found.values.get("type")
    locations = resources.values.get("locations")
    if locations is not None and not isinstance(locations, list):
        resources.problem("locations", f"must be a list, not {describe_kind(locations)}")
    if kind is None:
        if found.values or {} in (
            owner.values.get("distribution"),
            step.values.get("distribution"),
        ):
            found.problem("type", "is missing", "write pytorch, mpi or tensorflow")
        elif instances > 1:
            resources.warn(
                "instance_count",
                f"is {instances}, and no distribution says what each instance runs; the command"
                " runs once here",
                "add `distribution:` of type pytorch, mpi or tensorflow",
            )
        return None
    text = str(kind).lower()
    if text == "ray":
        found.problem("type", "Ray is not simulated", "pytorch, mpi and tensorflow are", rule="ray")
        return None
    if text not in _KEYS:
        found.problem("type", f"unknown distribution `{kind}`", "use pytorch, mpi or tensorflow")
        return None
    if "distribution" in step.values:
        found.only(_KEYS[text])
    else:
        found.ignore_others(_KEYS[text])
    if text == "tensorflow":
        workers = found.count("worker_count", instances)
        servers = found.count("parameter_server_count", 0, least=0)
    else:
        workers = instances * found.count("process_count_per_instance", 1)
        servers = 0
    return Distribution(
        cast("Literal['pytorch', 'mpi', 'tensorflow']", text), instances, workers, servers
    )


def _owner(step: Section, component: Section | None, key: str) -> Section:
    """Return who says it: the step, or else its component."""
    return step if component is None or step.values.get(key) else component
