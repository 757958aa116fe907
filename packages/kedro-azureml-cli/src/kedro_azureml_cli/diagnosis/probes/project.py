"""Can the project be opened, and its jobs be compiled?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_azureml_compiler import (
    ExaminedJob,
    JobChanges,
    examine_job,
    list_defined_jobs,
    read_settings,
)
from kedro_azureml_datasets import KedroAzureMLError

from kedro_azureml_cli.diagnosis.probe import Probe
from kedro_azureml_cli.diagnosis.rows import Row, failed, failed_with, ok, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kedro_azureml_cli.diagnosis.subject import Subject

_LABEL = "project"


def _examine(subject: Subject) -> Iterator[Row]:
    try:
        config = read_settings(subject.request)
    except KedroAzureMLError:
        subject.config.lack("azureml.yml cannot be read")
        subject.places.lack("azureml.yml cannot be read")
        raise
    subject.config.learn(config)
    try:
        defined = list(list_defined_jobs(subject.request))
    except KedroAzureMLError as error:  # the workspace can be asked all the same
        yield failed_with(_LABEL, error)
        return
    names = list(subject.wanted) or defined
    if not names:
        yield failed(_LABEL, "azureml.yml has no jobs.", "Add one below 'jobs:'.")
        return
    env = subject.request.asked_env
    within = f" in the environment '{env}'" if env else ""
    noun = "job" if len(defined) == 1 else "jobs"
    yield ok(_LABEL, f"'{subject.request.path.name}' with {len(defined)} {noun}{within}")
    jobs: dict[str, ExaminedJob] = {}
    changes = JobChanges(workspace=subject.entry if subject.entry in config.workspace else None)
    for name in dict.fromkeys(names):
        try:
            job = examine_job(subject.request, name, config=config, changes=changes)
        except KedroAzureMLError as error:
            yield failed_with(f"job {name}", error)
            continue
        jobs[name] = job
        yield _judge_job(name, job)
    if jobs:
        subject.jobs.learn(jobs)


def _judge_job(name: str, job: ExaminedJob) -> Row:
    counts = {
        severity: sum(finding.severity.value == severity for finding in job.findings)
        for severity in ("error", "warning")
    }
    label, steps = f"job {name}", len(job.plan.steps)
    found = ", ".join(
        f"{count} {noun}{'' if count == 1 else 's'}"
        for noun, count in (("step", steps), *counts.items())
    )
    fix = f"See them:  kedro azureml check -j {name}"
    if counts["error"]:
        return failed(label, found, fix)
    return warning(label, found, fix) if counts["warning"] else ok(label, found)


PROJECT = Probe(
    "project",
    "Can the project be opened, and which of its jobs have errors?",
    _examine,
    after=("plugin",),
)
