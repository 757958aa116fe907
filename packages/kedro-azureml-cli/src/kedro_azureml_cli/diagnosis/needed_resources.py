"""What the jobs of a project ask of a workspace by name: computes, environments, data assets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kedro_azureml_compiler import ExaminedJob

_COMPUTE_ID = re.compile(r"/subscriptions/.+/computes/([^/]+)", re.IGNORECASE)
_MOST_SHOWN = 3
_ENVIRONMENT_ID = re.compile(
    r"/subscriptions/.+/environments/([^/]+)/versions/([^/]+)", re.IGNORECASE
)


class Use(NamedTuple):
    """A step that needs something.

    Args:
        job: Name of its job.
        step: Its name as the project has it.
        instances: Number of machines that run it.
    """

    job: str
    step: str
    instances: int


class AssetUse(NamedTuple):
    """A version of a data asset that jobs read.

    Args:
        name: Name of the data asset.
        version: The version; None for the latest.
        dataset: The dataset of the catalog that reads it.
        uses: The steps that read it.
    """

    name: str
    version: str | None
    dataset: str
    uses: list[Use]


def list_assets(jobs: Mapping[str, ExaminedJob]) -> list[AssetUse]:
    """Return the versions of data assets that jobs read and do not make themselves.

    Args:
        jobs: The jobs by name.
    """
    from kedro_azureml_compiler import Flow

    needed: dict[tuple[str, str | None], AssetUse] = {}
    for job, examined in jobs.items():
        for dataset in examined.plan.datasets:
            if dataset.flow is Flow.VERSION and dataset.asset is not None:
                key = (dataset.asset.name, dataset.asset.version)
                found = needed.setdefault(key, AssetUse(*key, dataset.name, []))
                found.uses.extend(Use(job, step, 1) for step in dataset.read_by)
    return list(needed.values())


def list_computes(jobs: Mapping[str, ExaminedJob]) -> dict[str, list[Use]]:
    """Return the computes that jobs need, and for which steps.

    Args:
        jobs: The jobs by name.

    Returns:
        Name of a compute to its steps; what is bound to an input is not known before the job runs,
        and stands there as it is written.
    """
    needed: dict[str, list[Use]] = {}
    for use, step, job in _steps(jobs):
        compute = step.get("compute") or (job.get("settings") or {}).get("default_compute") or ""
        name = _without_prefix(str(compute))
        by_id = _COMPUTE_ID.fullmatch(name)
        needed.setdefault(by_id[1] if by_id else name, []).append(use)
    needed.pop("", None)
    return needed


def list_environments(jobs: Mapping[str, ExaminedJob]) -> dict[str, list[Use]]:
    """Return the environments that jobs need, and for which steps.

    Args:
        jobs: The jobs by name.

    Returns:
        Reference to an environment, as in `env@latest` or `env:3`, to its steps; one that is
        described in `azureml.yml` stands there by its image, behind `image `.
    """
    needed: dict[str, list[Use]] = {}
    for use, step, _ in _steps(jobs):
        component = step.get("component")
        inner = component if isinstance(component, dict) else {}
        environment = step.get("environment") or inner.get("environment")
        if isinstance(environment, dict):
            image = environment.get("image") or (environment.get("build") or {}).get("path")
            reference = f"image {image}"
        else:
            reference = _without_prefix(str(environment or ""))
            by_id = _ENVIRONMENT_ID.fullmatch(reference)
            reference = f"{by_id[1]}:{by_id[2]}" if by_id else reference
        needed.setdefault(reference, []).append(use)
    needed.pop("", None)
    return needed


def describe_uses(uses: list[Use]) -> str:
    """Return which steps of which jobs something is for.

    Args:
        uses: The steps.

    Example:
        >>> describe_uses([Use("all", "clean", 1), Use("all", "fit", 1)])
        'job all: clean, fit'
        >>> describe_uses([Use("all", f"fit_{number}", 1) for number in range(50)])
        'job all: fit_0, fit_1, fit_2 and 47 more steps'
    """
    steps: dict[str, list[str]] = {}
    for use in uses:
        steps.setdefault(use.job, []).append(use.step)
    return "; ".join(f"job {job}: {_shorten(names)}" for job, names in steps.items())


def _shorten(names: list[str]) -> str:
    more = len(names) - _MOST_SHOWN
    if more <= 1:
        return ", ".join(names)
    return f"{', '.join(names[:_MOST_SHOWN])} and {more} more steps"


def _without_prefix(reference: str) -> str:
    """Return a name without `azureml:`, which is also the scheme of addresses of registries."""
    name = reference.removeprefix("azureml:")
    return reference if name.startswith("//") else name


def _steps(jobs: Mapping[str, ExaminedJob]) -> Iterator[tuple[Use, dict[str, Any], dict[str, Any]]]:
    for name, examined in jobs.items():
        job = examined.pipeline_job.to_dict()
        for key, step in (job.get("jobs") or {}).items():
            if not isinstance(step, dict):
                continue
            count = (step.get("resources") or {}).get("instance_count")
            shown = str(step.get("display_name") or key)
            yield Use(name, shown, count if isinstance(count, int) else 1), step, job
