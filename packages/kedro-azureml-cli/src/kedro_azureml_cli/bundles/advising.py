"""Advise which nodes of a job should share a step, from the times of an earlier run."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

import click
from kedro_azureml_compiler import RUNS_FOLDER, advise_grouping, did_you_mean
from kedro_azureml_datasets import KedroAzureMLError

from kedro_azureml_cli.bundles.measured_times import read_job_times, read_simulated_times

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kedro_azureml_compiler import Advice, ExaminedJob, MeasuredStep, ProjectRequest

    from kedro_azureml_cli.bundles.advice_options import AdviceOptions

Value = TypeVar("Value", bound=float)


class OtherJobError(KedroAzureMLError):
    """The job in Azure ML is a run of another job of `azureml.yml`."""

    blame = "user"


class GivenAdvice(NamedTuple):
    """An advice, and what it is about.

    Args:
        job: Name of the job.
        source: Where the times are from, for people.
        advice: The advice.
    """

    job: str
    source: str
    advice: Advice


def advise(
    request: ProjectRequest, package: str, examined: ExaminedJob, options: AdviceOptions
) -> GivenAdvice:
    """Advise which nodes of a job should share a step.

    Args:
        request: Which project.
        package: Name of the project's package.
        examined: The job, without an error.
        options: Where the times come from, and what the computes are like.

    Raises:
        UsageError: The job does not use a compute.
        KedroAzureMLError: The times cannot be read.
    """
    plan = examined.plan
    prices = _by_cluster(examined, options.prices, "--price")
    limits = _by_cluster(examined, options.limits, "--max-instances")
    if options.from_job is not None:
        source, measured = _read_job(request, package, examined, options.from_job)
    else:
        run_dir = options.run_dir or request.path / RUNS_FOLDER / plan.job
        source, measured = "the last simulation", read_simulated_times(run_dir, plan.job)
    advice = advise_grouping(
        examined, measured, overhead_s=options.overhead_s, limits=limits, prices=prices
    )
    return GivenAdvice(plan.job, source, advice)


def _read_job(
    request: ProjectRequest, package: str, examined: ExaminedJob, name: str
) -> tuple[str, list[MeasuredStep]]:
    from kedro_azureml_cli.azure_ml.jobs.remote_job import read_remote_job
    from kedro_azureml_cli.jobs.job_lookup import find_submitted

    found = find_submitted(request, package, None, name)
    job = examined.plan.job
    if found.state.job not in {"", job}:
        raise OtherJobError(
            f"The job {found.state.name} is a run of '{found.state.job}', not of '{job}'.",
            hint=f"Name the job:  -j {found.state.job}",
        )
    remote = read_remote_job(found.client, found.state.name, found.state)
    nodes = [node for step in examined.plan.steps for node in step.nodes]
    return f"the job {found.state.name}", read_job_times(remote, found.logs, nodes)


def _by_cluster(
    examined: ExaminedJob, values: Mapping[str, Value], option: str
) -> dict[str, Value]:
    """Return values by the computes' names in Azure ML; `azureml.yml` has names for them too."""
    steps = examined.pipeline_job.jobs.values()
    clusters = {examined.pipeline_job.default_compute, *(step.compute or "" for step in steps)}
    used = {cluster.removeprefix("azureml:") for cluster in clusters if cluster}
    entries = {
        name: examined.config.cluster(name).cluster_name or "" for name in examined.config.compute
    }
    found: dict[str, Value] = {}
    for name, value in values.items():
        cluster = name if name in used else entries.get(name, "")
        if cluster not in used:
            names = sorted(used)
            raise click.UsageError(
                f"{option}: the job does not use a compute '{name}' {did_you_mean(name, names)}."
            )
        found[cluster] = value
    return found
