"""Find what Azure ML would refuse in the schedules of a job, before anything is sent.

The rules are those of Microsoft's reference of the schedule YAML schema and of the enumerations in
azure-ai-ml 1.35.2. A schedule is checked with its job; its findings stop only scheduling.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from kedro_azureml_compiler.findings import About, Finding, FindingKind, Severity
from kedro_azureml_compiler.settings.schedules import resolve_schedules
from kedro_azureml_compiler.suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kedro_azureml_compiler.settings.models import AzureMLConfig, Job
    from kedro_azureml_compiler.settings.schedule_models import (
        Cron,
        Recurrence,
        RecurrencePattern,
        Schedule,
    )

FREQUENCIES = ("minute", "hour", "day", "week", "month")
WEEK_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_CRON_FIELDS = ("minute", "hour", "day of the month", "month", "day of the week")
_CRON_FIELD = re.compile(r"[0-9A-Za-z*/,\-]+")
_TIME = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?)(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?", re.IGNORECASE
)
_TIME_EXAMPLE = "2026-01-31T03:00:00"


SCHEDULE_REFUSED = FindingKind(
    code="schedule-refused",
    severity=Severity.WARNING,
    about=About.SETTING,
    title="Azure ML would refuse a schedule",
    explanation="A schedule of Azure ML cannot have this time or interval.",
    hint="Follow the message.",
)


def check_schedules(name: str, job: Job, config: AzureMLConfig) -> list[Finding]:
    """Find what Azure ML would refuse in the schedules of a job.

    Args:
        name: Name of the job.
        job: The job.
        config: The content of `azureml.yml`.
    """
    return [
        SCHEDULE_REFUSED.found(f"{where}.{key}", message, hint)
        for where, schedule in resolve_schedules(name, job, config).items()
        for key, message, hint in _problems(schedule)
    ]


def _problems(schedule: Schedule) -> Iterator[tuple[str, str, str]]:
    if schedule.cron is not None:
        problems = (*_cron_problems(schedule.cron), *_time_problems(schedule.cron))
        yield from (("cron." + key, message, hint) for key, message, hint in problems)
    if schedule.recurrence is not None:
        recurrence = schedule.recurrence
        problems = (*_recurrence_problems(recurrence), *_time_problems(recurrence))
        yield from (("recurrence." + key, message, hint) for key, message, hint in problems)


def _cron_problems(cron: Cron) -> Iterator[tuple[str, str, str]]:
    fields = cron.expression.split()
    example = 'Write, for example, "0 3 * * *": every day at three.'
    if len(fields) != len(_CRON_FIELDS):
        message = f"'{cron.expression}' has {len(fields)} fields instead of five"
        yield "expression", f"{message}: {', '.join(_CRON_FIELDS)}.", example
        return
    for name, field in zip(_CRON_FIELDS, fields, strict=True):
        if not _CRON_FIELD.fullmatch(field):
            yield "expression", f"'{field}' is not a valid {name} in a cron expression.", example


def _recurrence_problems(recurrence: Recurrence) -> Iterator[tuple[str, str, str]]:
    if recurrence.frequency.lower() not in FREQUENCIES:
        near = did_you_mean(recurrence.frequency.lower(), FREQUENCIES)
        yield "frequency", f"unknown frequency '{recurrence.frequency}' {near}.", ""
    if recurrence.interval < 1:
        yield "interval", f"the interval is {recurrence.interval}.", "Write a number of at least 1."
    if recurrence.pattern is not None:
        for key, message, hint in _pattern_problems(recurrence.pattern):
            yield f"schedule.{key}", message, hint


def _pattern_problems(pattern: RecurrencePattern) -> Iterator[tuple[str, str, str]]:
    yield from _range_problems("hours", pattern.hours, 23)
    yield from _range_problems("minutes", pattern.minutes, 59)
    for key in ("hours", "minutes"):
        if not getattr(pattern, key):
            yield (
                key,
                f"'{key}' is missing; Azure ML needs both hours and minutes.",
                f"Write, for example:  {key}: [0]",
            )
    for day in pattern.week_days:
        if day.lower() not in WEEK_DAYS:
            yield (
                "week_days",
                f"unknown day '{day}' {did_you_mean(day.lower(), WEEK_DAYS)}.",
                "",
            )


def _range_problems(
    key: str, values: Sequence[int], largest: int
) -> Iterator[tuple[str, str, str]]:
    for value in values:
        if not 0 <= value <= largest:
            yield (
                key,
                f"{value} is not a valid {key.rstrip('s')}.",
                f"Write numbers from 0 to {largest}.",
            )


def _time_problems(trigger: Cron | Recurrence) -> Iterator[tuple[str, str, str]]:
    if "/" in trigger.time_zone or not trigger.time_zone.strip():
        message = f"'{trigger.time_zone}' is not a time zone; Azure ML uses the names of Windows."
        yield "time_zone", message, "Write, for example, 'W. Europe Standard Time' or UTC."
    moments = {}
    for key in ("start_time", "end_time"):
        text = getattr(trigger, key)
        if text is None:
            continue
        moment = _moment(text)
        if moment is None:
            hint = f"Write, for example, '{_TIME_EXAMPLE}'; the time zone belongs in 'time_zone'."
            yield key, f"'{text}' is not a valid time.", hint
        else:
            moments[key] = moment
    if len(moments) == 2 and moments["end_time"] <= moments["start_time"]:
        yield (
            "end_time",
            "the end is not after the start.",
            "The job would never run.",
        )


def _moment(text: str) -> dt.datetime | None:
    found = _TIME.fullmatch(text)
    try:
        return dt.datetime.fromisoformat(found.group(1).upper()) if found else None
    except ValueError:
        return None
