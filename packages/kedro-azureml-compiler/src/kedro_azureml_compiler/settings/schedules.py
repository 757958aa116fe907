"""Which schedules of `azureml.yml` a job has."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kedro_azureml_compiler.settings.models import AzureMLConfig, Job
    from kedro_azureml_compiler.settings.schedule_models import Schedule


def resolve_schedules(name: str, job: Job, config: AzureMLConfig) -> dict[str, Schedule]:
    """Return the schedules of a job by their place in `azureml.yml`.

    Args:
        name: Name of the job.
        job: The job.
        config: The content of `azureml.yml`; names that are not in it are left out.

    Example:
        >>> from kedro_azureml_compiler.settings.parsing import read_config
        >>> config = read_config({
        ...     "workspace": {"__default__": {k: "x" for k in
        ...         ("subscription_id", "resource_group", "name")}},
        ...     "compute": {"__default__": {"cluster_name": "c"}},
        ...     "schedules": {"nightly": {"cron": {"expression": "0 3 * * *"}}},
        ...     "jobs": {"a": {"schedule": ["nightly", {"cron": {"expression": "0 4 * * *"}}]}},
        ... })
        >>> list(resolve_schedules("a", config.jobs["a"], config))
        ['schedules.nightly', 'jobs.a.schedule[1]']
    """
    given = job.schedule
    if given is None:
        return {}
    places = (
        {f"jobs.{name}.schedule[{i}]": item for i, item in enumerate(given)}
        if isinstance(given, tuple)
        else {f"jobs.{name}.schedule": given}
    )
    found = {}
    for where, item in places.items():
        if not isinstance(item, str):
            found[where] = item
        elif item in config.schedules:
            found[f"schedules.{item}"] = config.schedules[item]
    return found
