"""The schedules in `azureml.yml`, as models.

The docstrings below the fields are the reference page of the settings.
"""

from __future__ import annotations

from pydantic import Field, model_validator

from kedro_azureml_compiler.settings.fields import Name, Numbers, Section, Texts, Whole


class Cron(Section):
    """A schedule as a cron expression."""

    expression: Name
    """For example `0 3 * * *`."""
    time_zone: str = "UTC"
    """The time zone of all times here, as Windows names it: `W. Europe Standard Time`."""
    start_time: str | None = None
    """The first moment at which it may run: `2026-01-31T03:00:00`."""
    end_time: str | None = None
    """The last one."""


class RecurrencePattern(Section):
    """The hours, minutes and week days of a recurrence."""

    hours: Numbers = ()
    """Of the day, 0 to 23."""
    minutes: Numbers = ()
    """Of the hour, 0 to 59."""
    week_days: Texts = ()
    """For example `monday`."""


class Recurrence(Section):
    """A schedule as an interval."""

    frequency: str
    """The unit of the interval: `minute`, `hour`, `day`, `week` or `month`."""
    interval: Whole
    """Number of these units between two runs."""
    time_zone: str = "UTC"
    """The time zone of all times here, as Windows names it: `W. Europe Standard Time`."""
    start_time: str | None = None
    """The first moment at which it may run: `2026-01-31T03:00:00`."""
    end_time: str | None = None
    """The last one."""
    pattern: RecurrencePattern | None = Field(None, alias="schedule")
    """The exact times within the unit."""


class Schedule(Section):
    """When a job runs automatically."""

    cron: Cron | None = None
    """Exactly one of this and `recurrence`."""
    recurrence: Recurrence | None = None
    """Exactly one of this and `cron`."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Schedule:
        if (self.cron is None) == (self.recurrence is None):
            raise ValueError("write exactly one of 'cron' and 'recurrence'")
        return self
