"""What this plugin takes for granted of the service, and how one small job shows whether it holds.

The plugin was tested against servers on one machine, never with Azure ML itself. Each assumption is
named once, here; a page lists them, and `kedro azureml doctor --assumptions` checks them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from kedro_azureml_datasets import KedroAzureMLError
from kedro_azureml_datasets.azure_ml.registered_assets import RegisteredVersion

from kedro_azureml_cli.diagnosis.assumption_job import PROBE_TAG, PROBE_TEXT, STEPS

if TYPE_CHECKING:
    from collections.abc import Callable

    from kedro_azureml_datasets.azure_ml.workspace import AzureWorkspace

    from kedro_azureml_cli.azure_ml.jobs.remote_job import RemoteJob
    from kedro_azureml_cli.azure_ml.jobs.step_logs import StepLogs

_SAID = re.compile(r"probe run=(\S*) root=(\S*) code=(\w+)")


class Verdict(str, Enum):
    """Whether an assumption holds on a workspace."""

    HOLDS = "holds"
    BROKEN = "does not hold"
    UNKNOWN = "could not be checked"


@dataclass(frozen=True)
class Evidence:
    """What a small job has left in a workspace.

    Args:
        job: The job, with its steps.
        storage: What reads the data of the workspace.
        logs: What reads the logs of its steps.
    """

    job: RemoteJob
    storage: AzureWorkspace
    logs: StepLogs

    def run_id(self, step: str) -> str:
        """Return the name of a step's run.

        Raises:
            UncheckedError: The step has no run that is known.
        """
        found = self.job.step(step)
        if found is None or not found.run_id:
            raise UncheckedError(f"no run of the step '{step}' is known")
        return found.run_id

    def log(self, step: str) -> str:
        """Return what a step has printed, all files together."""
        text = "".join(self.logs.read(self.run_id(step)).values())
        if not text:
            raise UncheckedError(f"the log of the step '{step}' was not found")
        return text

    def said(self, step: str) -> tuple[str, str, str]:
        """Return what a step has printed of itself: its run, its job, whether it has its code."""
        found = _SAID.search(self.log(step))
        if found is None:
            raise UncheckedError(f"the step '{step}' has not printed what it knows of itself")
        run, root, code = found.groups()
        return run, root, code


class UncheckedError(Exception):
    """An assumption cannot be checked; the message is the reason."""


@dataclass(frozen=True)
class Assumption:
    """Something that is taken for granted of the service.

    Args:
        key: Its short name.
        claim: What is taken for granted.
        used_for: What relies on it.
        if_wrong: What a user would see if it did not hold.
        check: Returns what speaks against it, empty if it holds; None where one job cannot show it.
        why_unchecked: Why one job cannot show it.
    """

    key: str
    claim: str
    used_for: str
    if_wrong: str
    check: Callable[[Evidence], str] | None = None
    why_unchecked: str = ""


@dataclass(frozen=True)
class Judgement:
    """What was found out about an assumption.

    Args:
        assumption: The assumption.
        verdict: Whether it holds.
        found: What speaks against it, or why it could not be checked; empty if it holds.
    """

    assumption: Assumption
    verdict: Verdict
    found: str = ""


def judge(evidence: Evidence) -> list[Judgement]:
    """Check each assumption by what a job has left.

    Args:
        evidence: The job and what reads it.
    """
    return [_judge(one, evidence) for one in ASSUMPTIONS]


def _judge(assumption: Assumption, evidence: Evidence) -> Judgement:
    if assumption.check is None:
        return Judgement(assumption, Verdict.UNKNOWN, assumption.why_unchecked)
    try:
        against = assumption.check(evidence)
    except UncheckedError as error:
        return Judgement(assumption, Verdict.UNKNOWN, str(error))
    except KedroAzureMLError as error:
        return Judgement(assumption, Verdict.UNKNOWN, error.message)
    return Judgement(assumption, Verdict.BROKEN if against else Verdict.HOLDS, against)


def _check_tags(evidence: Evidence) -> str:
    tags = evidence.job.state.tags
    return "" if tags.get(PROBE_TAG) == PROBE_TEXT else f"the job has the tags {dict(tags)}"


def _check_steps_are_listed(evidence: Evidence) -> str:
    runs = [step for step in evidence.job.state.steps if step.run_id]
    return "" if len(runs) >= len(STEPS) else f"of {len(STEPS)} steps, {len(runs)} have a run"


def _check_display_names(evidence: Evidence) -> str:
    states = evidence.job.state.steps
    if not any(state.run_id for state in states):
        raise UncheckedError("no step has a run")
    lacking = [step for step in STEPS if not any(s.run_id and s.step == step for s in states)]
    others = [state.display_name for state in states if state.step not in STEPS]
    return f"no run is named {lacking[0]!r}; others are: {others}" if lacking else ""


def _check_document(evidence: Evidence) -> str:
    steps = sorted(evidence.job.document.steps)
    return "" if steps == sorted(STEPS) else f"the job reads back with the steps {steps}"


def _check_component(evidence: Evidence) -> str:
    command = evidence.job.component("write").command
    return "" if PROBE_TEXT in command else f"its command reads back as {command!r}"


def _check_code(evidence: Evidence) -> str:
    code = evidence.said("write")[2]
    return "" if code == "yes" else "the command did not find a file of its code"


def _check_logs(evidence: Evidence) -> str:
    run_id = evidence.run_id("write")
    found = evidence.logs.read(run_id)
    return "" if found else f"no log of the run {run_id} lies there"


def _check_run_variable(evidence: Evidence) -> str:
    said, run_id = evidence.said("write")[0], evidence.run_id("write")
    return "" if said == run_id else f"it is {said!r} in the step; its run is {run_id}"


def _check_root_variable(evidence: Evidence) -> str:
    said, name = evidence.said("write")[1], evidence.job.name
    return "" if said == name else f"it is {said!r} in the step; the job is {name}"


def _check_address(evidence: Evidence) -> str:
    evidence.run_id("write")
    uri = evidence.job.place("write", "data")
    files = evidence.storage.files(RegisteredVersion("data", "", "uri_folder", uri)).list()
    return "" if any(file.name == "probe.txt" for file in files) else f"nothing lies at {uri}"


def _check_bound_output(evidence: Evidence) -> str:
    return "" if f"read {PROBE_TEXT}" in evidence.log("read") else "the reader did not see the data"


ASSUMPTIONS = (
    Assumption(
        "job-tags",
        "A job keeps the tags with which it was sent.",
        "`jobs`, `status NAME` and whatever finds a job by its name in `azureml.yml`",
        "jobs are found by their names in Azure ML alone",
        _check_tags,
    ),
    Assumption(
        "steps-listed",
        "The list of a job's children has a run for each step that was started.",
        "`status`, `--wait`, `logs`, `download`",
        "a step stays `NotStarted` here while Studio shows more",
        _check_steps_are_listed,
    ),
    Assumption(
        "step-display-name",
        "The run of a step has the step's display name.",
        "telling which run is which step's",
        "steps appear twice: without a run, and under another name",
        _check_display_names,
    ),
    Assumption(
        "job-document",
        "A job reads back with its steps by name, and what their inputs are bound to.",
        "`download`, and whatever reads a submitted job",
        "`download` says that the job has no such step",
        _check_document,
    ),
    Assumption(
        "component-command",
        "The component of a step reads back with its command.",
        "reading which nodes and parameters a step ran",
        "a submitted job cannot be read back",
        _check_component,
    ),
    Assumption(
        "code-snapshot",
        "A step starts in the folder of its code snapshot.",
        "every step",
        "every step fails: its command is not found",
        _check_code,
    ),
    Assumption(
        "log-place",
        "Logs lie in `workspaceartifactstore` at `ExperimentRun/dcid.RUN/user_logs`.",
        "`logs`, and the last lines of a failed step",
        "`logs` says that a step has printed nothing",
        _check_logs,
    ),
    Assumption(
        "run-variable",
        "`AZUREML_RUN_ID` in a step is the name of its run.",
        "linking what a step prints to its run",
        "links lead nowhere",
        _check_run_variable,
    ),
    Assumption(
        "root-variable",
        "`AZUREML_ROOT_RUN_ID` in a step is the name of the job.",
        "linking what a step prints to its job",
        "links lead nowhere",
        _check_root_variable,
    ),
    Assumption(
        "output-address",
        "In the path of an output, `${{default_datastore}}`, `${{name}}` and `${{output_name}}` "
        "stand for the datastore, the step's run and the output.",
        "`download`, and whatever reads what a step has left",
        "`download` says that the place is empty",
        _check_address,
    ),
    Assumption(
        "bound-output",
        "A step that reads another's output starts after it, with that data mounted.",
        "every job",
        "a step reads nothing, or fails",
        _check_bound_output,
    ),
    Assumption(
        "list-pages",
        "A list of more than a page names the next one in `nextLink`, on the same host.",
        "jobs of more than 100 steps",
        "`status` lacks steps",
        why_unchecked="it needs a job of more than 100 steps",
    ),
    Assumption(
        "reused-run",
        "A reused step names in `azureml.reusedrunid` the run that has left its outputs.",
        "`download` from a job with reused steps",
        "`download` says that the place is empty",
        why_unchecked="it needs a second job that reuses a step of the first",
    ),
    Assumption(
        "retried-step",
        "A step that Azure ML starts again has another run of the same display name.",
        "`status` and `logs` of a step that was started again",
        "the state and the log are those of the earlier run",
        why_unchecked="it needs a step whose machine is taken away",
    ),
    Assumption(
        "asset-of-run",
        "The path of a registered version names the run that has written it.",
        "the versions that `run --wait` and `download` report",
        "a version is reported as unknown",
        why_unchecked="it would register a data asset",
    ),
    Assumption(
        "mlflow-of-job",
        "A job has an MLflow run with its tags and state, which a step may find and tag.",
        "the notification `recovered`, and `warning_repeat_hours`",
        "`success` is sent instead, each warning is sent, and the log of the last step says why",
        why_unchecked="it needs MLflow in the step's image",
    ),
    Assumption(
        "component-code",
        "`components.download` brings the code of a job's anonymous component.",
        "`replay` and `verify --against`, where the bundle that was sent is gone",
        "both say that the code cannot be downloaded",
        why_unchecked="it needs the public cloud and an experimental call of the SDK",
    ),
    Assumption(
        "implicit-place",
        "An output without a path lies at `azureml/RUN/OUTPUT`, `RUN/OUTPUT` or "
        "`dataset/RUN/OUTPUT`.",
        "the data of jobs that were sent by other means",
        "`data get` says that the place is empty",
        why_unchecked="every output of a job of this plugin has a path",
    ),
    Assumption(
        "same-name-once",
        "A job that is sent again under its name is the same job.",
        "sending again after an answer was lost",
        "a job exists twice",
        why_unchecked="it needs an answer that is lost on the way",
    ),
)
"""All of them, in the order of the page."""
