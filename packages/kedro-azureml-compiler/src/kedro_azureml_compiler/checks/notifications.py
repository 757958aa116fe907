"""Find notifications that cannot be sent, and say what they cost."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kedro_azureml_compiler.azureml.notifications import find_value, lists_secret
from kedro_azureml_compiler.checks.limits import NO_EFFECT
from kedro_azureml_compiler.findings import About, Finding, FindingKind, Severity

if TYPE_CHECKING:
    from kedro_azureml_compiler.azureml.pipeline_job import PipelineJob
    from kedro_azureml_compiler.planning.plan import Plan
    from kedro_azureml_compiler.settings.models import AzureMLConfig, Job

_PAYLOAD = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")

NOTIFICATION_VALUE = FindingKind(
    code="notification-value",
    severity=Severity.ERROR,
    about=About.SETTING,
    title="Notifications cannot be sent as they are written",
    explanation=(
        "The address of a webhook and a token are secrets: anyone who knows them can post. A step "
        "gets them from an environment variable or from the key vault, so that neither "
        "`azureml.yml` nor the job holds them. `channel` and `payload` are written into the job."
    ),
    hint=(
        "Write the name of an environment variable that the step has, or one whole "
        "`${azureml.secret:NAME}`, as `webhook_env` or `token_env`."
    ),
    example=(
        "notifications:\n"
        "  chat:\n"
        "    webhook_env: ${azureml.secret:slack-webhook}   # or SLACK_WEBHOOK\n"
        "    events: [failure]"
    ),
)

NOTIFICATION_STEP = FindingKind(
    code="notification-step",
    severity=Severity.INFO,
    about=About.SETTING,
    title="A notification of the end costs a container",
    explanation=(
        "Azure ML runs nothing when a job has ended. One more step, which waits for the others, "
        "announces `success`, `warning` or `recovered`; beyond 190 steps to wait for, more steps "
        "gather for it. Each starts a container, which takes as long as that of any step."
    ),
    hint="List only `start` and `failure` as `events` if they are enough: they cost nothing.",
)


def check_notifications(
    name: str, job: Job, config: AzureMLConfig, plan: Plan, pipeline_job: PipelineJob
) -> list[Finding]:
    """Find what is wrong with the notifications of a job.

    Args:
        name: Name of the job.
        job: The job.
        config: The content of `azureml.yml`.
        plan: What becomes of every node and dataset.
        pipeline_job: The job for Azure ML.
    """
    entry = config.notifications.get(job.notifications or "")
    if entry is None:
        return []
    place = f"notifications.{job.notifications}"
    findings = []
    for key in ("webhook_env", "token_env"):
        text = getattr(entry, key)
        if text and find_value(text) is None:
            message = "it is neither the name of a variable nor one whole secret."
            findings.append(NOTIFICATION_VALUE.found(f"{place}.{key}", message))
    apprise = find_value(entry.apprise_env)
    if entry.apprise_env and (apprise is None or apprise.variable is None):
        message = "it is not the name of a variable of this machine."
        hint = "Write, for example, APPRISE_URLS, and set that variable where you wait for jobs."
        findings.append(NOTIFICATION_VALUE.found(f"{place}.apprise_env", message, hint))
    if not entry.webhook_env and not entry.token_env and not entry.apprise_env:
        message = "there is no 'webhook_env', 'token_env' or 'apprise_env': nobody is notified."
        findings.append(NOTIFICATION_VALUE.found(place, message))
    by_steps = [event for event in ("warning", "recovered") if event in entry.events]
    if by_steps and entry.apprise_env and not entry.webhook_env and not entry.token_env:
        message = f"'{by_steps[0]}' is not sent: steps send it, and 'apprise_env' is not for steps."
        hint = "Name a 'webhook_env' or a 'token_env' as well."
        findings.append(NO_EFFECT.found(f"{place}.events", message, hint))
    if not entry.webhook_env and entry.token_env and not entry.channel:
        message = "a token without 'webhook_env' is one of the Slack API, which needs a 'channel'."
        findings.append(NOTIFICATION_VALUE.found(place, message))
    if lists_secret(entry):
        message = "'channel' and 'payload' are written into the job and cannot be secrets."
        hint = "Write them as they are; a secret is possible as 'webhook_env' and 'token_env'."
        findings.append(NOTIFICATION_VALUE.found(place, message, hint))
    elif entry.payload and not _PAYLOAD.fullmatch(entry.payload):
        message = "'payload' is not of the form module:function."
        hint = "Write, for example, 'my_package.messages:make_body'."
        findings.append(NOTIFICATION_VALUE.found(f"{place}.payload", message, hint))
    if not entry.events:
        message = "no 'events' are listed: nobody is notified."
        hint = "Write, for example:  events: [failure]"
        findings.append(NO_EFFECT.found(place, message, hint))
    if entry.wait_timeout is not None:
        message = (
            "it is not used: the step that announces the end starts when all others have ended."
        )
        findings.append(NO_EFFECT.found(f"{place}.wait_timeout", message))
    repeats = "warning_repeat_hours", "warning_repeat_tolerance_minutes"
    for key, needed in zip(repeats, ("warning", "warning_repeat_hours"), strict=True):
        has = needed in entry.events or getattr(entry, needed, None) is not None
        if getattr(entry, key) is not None and not has:
            message = f"it has no effect without '{needed}'."
            findings.append(NO_EFFECT.found(f"{place}.{key}", message))
    more = len(pipeline_job.jobs) - len(plan.steps)
    if more > 0:
        message = (
            "one more step announces the end of the job, and costs a container."
            if more == 1
            else f"{more} more steps announce the end of the job, and each costs a container."
        )
        findings.append(NOTIFICATION_STEP.found(f"jobs.{name}.notifications", message))
    return findings
