"""How many processes a step has, from `distribution:` and `resources:`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

from kedro_azureml_simulator.pipeline.model import Distribution

if TYPE_CHECKING:
    from kedro_azureml_simulator.pipeline.yaml_reader import Section

_KEYS = {
    "pytorch": ("type", "process_count_per_instance"),
    "mpi": ("type", "process_count_per_instance"),
    "tensorflow": ("type", "worker_count", "parameter_server_count"),
}


def distribution(step: Section, component: Section | None = None) -> Distribution | None:
    """Read the distribution of a step; what the step says wins over its component.

    Args:
        step: The step.
        component: Its component, None for an inline step.
    """
    found = _pick(step, component, "distribution")
    resources = _pick(step, component, "resources")
    instances = _count(resources, "instance_count", 1)
    kind = found.values.get("type")
    if kind is None:
        if found.values:
            found.problem("type", "is missing", "write pytorch, mpi or tensorflow")
        elif instances > 1:
            resources.problem(
                "instance_count",
                f"is {instances}, and no distribution says what each instance runs",
                "add `distribution:` of type pytorch, mpi or tensorflow",
            )
        return None
    text = str(kind).lower()
    if text not in _KEYS:
        found.problem("type", f"`{kind}` is not simulated", "pytorch, mpi, tensorflow are")
        return None
    found.only(_KEYS[text])
    if text == "tensorflow":
        workers = _count(found, "worker_count", instances)
        servers = _count(found, "parameter_server_count", 0, least=0)
    else:
        workers = instances * _count(found, "process_count_per_instance", 1)
        servers = 0
    return Distribution(
        cast("Literal['pytorch', 'mpi', 'tensorflow']", text), instances, workers, servers
    )


def _pick(step: Section, component: Section | None, key: str) -> Section:
    own = step.section(key)
    return component.section(key) if component is not None and not own.values else own


def _count(section: Section, key: str, default: int, *, least: int = 1) -> int:
    value = section.values.get(key, default)
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and value >= least:
        return value
    section.problem(key, f"must be a whole number from {least} up, not {value!r}")
    return default
