"""Give steps what they need to send notifications, and the job a last step that announces its end.

Azure ML starts no step when the job has ended, so a step that waits for all others says that they
have finished; what has failed says so itself.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from kedro_azureml_datasets.credentials.marks import find_marked_secrets, mark_secret
from kedro_azureml_runner.protocol.notification import (
    FINISH,
    GATHER,
    STARTED,
    VARIABLE,
    WARNED,
    NotificationSettings,
    Value,
)
from kedro_azureml_runner.protocol.shell_quoting import quote

from kedro_azureml_compiler.azureml.names import make_azure_name
from kedro_azureml_compiler.azureml.pipeline_job import (
    CommandComponent,
    CommandStep,
    PipelineJob,
    Port,
    Resources,
    StepOutput,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kedro_azureml_compiler.planning.plan import Plan, PlannedStep
    from kedro_azureml_compiler.settings.models import AzureMLConfig, Job, Notifications

AT_THE_END = ("success", "warning", "recovered")
"""Events that one more step announces when all others have finished."""

ANNOUNCING_STEP = "notify"
"""Name of the step that announces the end, and start of the names of those that gather for it."""

MOST_AWAITED = 190
"""Steps that one step waits for: Azure ML allows 200 inputs."""

_VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ORDER_PORT = "_finished"
_AFTER = "_after_"


class Announcements(NamedTuple):
    """Which steps of a job have something to say.

    Args:
        settings: What every one of them is to know.
        events: The events that are sent.
        first: The step that announces the start, if it is announced.
        reused: Whether Azure ML may reuse that step, which then announces nothing.
        last: The steps for which the one waits that announces the end; empty without one. They
            are the leaves, or all where their warnings matter.
    """

    settings: NotificationSettings
    events: frozenset[str]
    first: str | None
    reused: bool
    last: tuple[str, ...]

    @property
    def at_the_end(self) -> tuple[str, ...]:
        """The events that the step announces which waits for all others."""
        return tuple(event for event in AT_THE_END if event in self.events)

    @property
    def need_warnings(self) -> bool:
        """Whether the steps note what their nodes warn of."""
        return not self.events.isdisjoint({"warning", "recovered"})

    @property
    def awaited(self) -> frozenset[str]:
        """Steps that must leave a sign that they have finished."""
        first = {self.first} if self.first and self.reused and self.last else set()
        return frozenset({*self.last, *first})

    def of_step(self, name: str) -> dict[str, str]:
        """Return the environment variables of a step.

        Args:
            name: Name of the step.
        """
        events = ["start"] if name == self.first else []
        events += ["failure"] if "failure" in self.events else []
        events += ["warning"] if self.need_warnings else []
        return self.of_events(name, events) if events else {}

    def of_events(self, name: str, events: Iterable[str]) -> dict[str, str]:
        """Return the environment variables of a step that sends some events.

        Args:
            name: Name of the step.
            events: The events.
        """
        return {VARIABLE: self.settings._replace(step=name, events=tuple(events)).to_text()}


def plan_announcements(plan: Plan, config: AzureMLConfig, job: Job) -> Announcements | None:
    """Return which steps announce what, or None if nobody is to be notified.

    Args:
        plan: What becomes of every node and dataset.
        config: The content of `azureml.yml`.
        job: The job in it.
    """
    entry = config.notifications.get(job.notifications) if job.notifications else None
    if entry is None or not plan.steps:
        return None
    webhook, token = find_value(entry.webhook_env), find_value(entry.token_env)
    sent = frozenset(entry.events)
    if not sent or (webhook is None and token is None):
        return None
    names = {step.name for step in plan.steps}  # another job may have written what they read
    earlier_of = {step.name: _list_earlier(plan, step) & names for step in plan.steps}
    roots = [step for step in plan.steps if not earlier_of[step.name]]
    # A step that may be reused announces nothing when it is.
    chosen = next((step for step in roots if not step.deterministic), plan.steps[0])
    earlier = {name for names in earlier_of.values() for name in names}
    all_steps = tuple(step.name for step in plan.steps)
    if sent.isdisjoint({"warning", "recovered"}):
        last = tuple(name for name in all_steps if name not in earlier)
    else:
        last = all_steps  # each leaves what its nodes have warned of
    settings = NotificationSettings(
        job=job.display_name or plan.job,
        step="",
        events=(),
        webhook=webhook,
        token=token,
        channel=entry.channel,
        form=entry.format,
        payload=entry.payload,
        key_vault=_find_key_vault(config, job, webhook, token),
        repeat_hours=entry.warning_repeat_hours if "warning" in sent else None,
        tolerance_minutes=entry.warning_repeat_tolerance_minutes or 0,
    )
    return Announcements(
        settings,
        sent,
        chosen.name if "start" in sent else None,
        chosen.deterministic,
        () if sent.isdisjoint(AT_THE_END) else last,
    )


def find_value(text: str | None) -> Value | None:
    """Return where a step finds a value: the name of a variable, or one secret; None otherwise.

    Args:
        text: The setting.

    Example:
        >>> find_value("SLACK_WEBHOOK"), find_value("https://hooks.slack.com/services/x")
        (Value(variable='SLACK_WEBHOOK', in_vault=None), None)
    """
    if not text:
        return None
    secrets = list(find_marked_secrets(text))
    if len(secrets) == 1 and text.strip() in {
        mark_secret(secrets[0]),
        mark_secret(secrets[0])[1:-1],
    }:
        return Value(in_vault=secrets[0])
    return Value(variable=text) if _VARIABLE_NAME.fullmatch(text) else None


def add_announcing_steps(
    pipeline_job: PipelineJob,
    announcements: Announcements | None,
    *,
    environment: str | Mapping[str, object],
    code: str | None,
    program: str,
    folder: str | None,
    instance_type: str | None,
    output_path: str,
) -> PipelineJob:
    """Return a job with the step that announces its end, if it has one.

    More steps than one step may wait for are gathered by steps between.

    Args:
        pipeline_job: The job.
        announcements: What its steps announce.
        environment: The environment of the step.
        code: The folder of the code; None if the image contains it.
        program: What starts the runner.
        folder: Where it is started, where that is not the snapshot.
        instance_type: The machine of the step, for a Kubernetes compute.
        output_path: Where the steps between leave the sign that they have finished.
    """
    if announcements is None or not announcements.last:
        return pipeline_job
    steps = dict(pipeline_job.jobs)
    start = f"cd {quote(folder)} && {program}" if folder else program

    def make(name: str, description: str, awaited: Sequence[str], **more: Any) -> CommandStep:
        component = CommandComponent(
            display_name=name,
            description=description,
            environment=environment,
            code=code,
            is_deterministic=False,
            inputs={
                f"{_AFTER}{key}": Port("uri_folder", "Waits for a step; holds no data.")
                for key in awaited
            },
            **more,
        )
        return CommandStep(
            component,
            inputs={
                f"{_AFTER}{key}": f"${{{{parent.jobs.{key}.outputs.{_ORDER_PORT}}}}}"
                for key in awaited
            },
            outputs={
                port: StepOutput("uri_folder", path=output_path) for port in component.outputs
            },
            resources=Resources(instance_type=instance_type),
        )

    waiting = [make_azure_name(name) for name in announcements.last]
    number = 0
    while len(waiting) > MOST_AWAITED:
        gathered = []
        for at in range(0, len(waiting), MOST_AWAITED):
            number += 1
            key = _find_free_name(steps, f"{ANNOUNCING_STEP}_{number}")
            steps[key] = make(
                key,
                "Waits for steps, so that the one that announces the end waits for fewer.",
                waiting[at : at + MOST_AWAITED],
                command=" ".join(
                    [
                        f'{start} {GATHER} "${{{{outputs.{_ORDER_PORT}}}}}"',
                        *(f'"{_path_of(name)}"' for name in waiting[at : at + MOST_AWAITED]),
                    ]
                ),
                outputs={
                    _ORDER_PORT: Port("uri_folder", "For the step that waits; holds no data.")
                },
            )
            gathered.append(key)
        waiting = gathered
    command = f"{start} {FINISH}"
    warned = list(waiting) if announcements.need_warnings else []
    if announcements.first and announcements.reused:
        first = make_azure_name(announcements.first)
        waiting = list(dict.fromkeys([*waiting, first]))
        command += f' {STARTED} "{_path_of(first)}"'
    if warned:
        command += "".join([f" {WARNED}", *(f' "{_path_of(name)}"' for name in warned)])
    key = _find_free_name(steps, ANNOUNCING_STEP)
    last = make(key, "Announces that all other steps have finished.", waiting, command=command)
    variables = announcements.of_events(key, announcements.at_the_end)
    steps[key] = last._replace(environment_variables=variables)
    return pipeline_job._replace(jobs=steps)


def _path_of(step: str) -> str:
    return f"${{{{inputs.{_AFTER}{step}}}}}"


def _find_free_name(steps: Mapping[str, CommandStep], wanted: str) -> str:
    taken = {*steps, *(step.component.display_name for step in steps.values())}
    while wanted in taken:
        wanted += "_"
    return wanted


def _list_earlier(plan: Plan, step: PlannedStep) -> set[str]:
    writers = {plan.dataset(dataset).written_by for dataset in step.reads}
    return {*step.waits_for, *(writer for writer in writers if writer is not None)} - {step.name}


def _find_key_vault(config: AzureMLConfig, job: Job, *values: Value | None) -> str | None:
    if not any(value is not None and value.in_vault for value in values):
        return None
    return config.workspace_named(job.workspace).key_vault


def list_secrets(config: AzureMLConfig, job: Job) -> list[str]:
    """Return the secrets of the key vault that the notifications of a job need.

    Args:
        config: The content of `azureml.yml`.
        job: The job in it.
    """
    entry = config.notifications.get(job.notifications or "")
    if entry is None:
        return []
    values = map(find_value, (entry.webhook_env, entry.token_env))
    return [value.in_vault for value in values if value is not None and value.in_vault]


def lists_secret(entry: Notifications) -> bool:
    """Check whether a setting that is written into the job refers to a secret.

    Args:
        entry: The notifications.
    """
    return any(True for _ in find_marked_secrets([entry.channel, entry.payload]))
