"""When a schedule runs a job, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kedro_azureml_compiler import Recurrence, Schedule


def format_times(schedule: Schedule) -> str:
    """Return when a schedule runs a job, in words.

    Args:
        schedule: An entry of `schedules` in `azureml.yml`, or what a workspace has of it.

    Example:
        >>> from kedro_azureml_compiler import Schedule
        >>> cron = {"expression": "0 3 * * *", "end_time": "2027-01-01T00:00"}
        >>> format_times(Schedule(cron=cron))
        'cron 0 3 * * *, UTC, until 2027-01-01T00:00'
        >>> pattern = {"hours": [3, 15], "minutes": [30], "week_days": ["monday"]}
        >>> every = {"frequency": "week", "interval": 2, "schedule": pattern}
        >>> format_times(Schedule(recurrence=every))
        'every 2 weeks, at 03:30, 15:30, on monday, UTC'
    """
    trigger: Any = schedule.cron or schedule.recurrence
    if trigger is None:
        return "at times that this version cannot read"
    if schedule.cron is not None:
        said = [f"cron {schedule.cron.expression}"]
    else:
        said = _recurrence(trigger)
    said.append(trigger.time_zone)
    said += [f"from {trigger.start_time}"] if trigger.start_time else []
    said += [f"until {trigger.end_time}"] if trigger.end_time else []
    return ", ".join(said)


def dump_times(schedule: Schedule) -> dict[str, Any]:
    """Return a schedule as it would stand in `azureml.yml`.

    Args:
        schedule: The schedule.
    """
    return schedule.model_dump(mode="json", by_alias=True, exclude_none=True)


def _recurrence(recurrence: Recurrence) -> list[str]:
    unit = recurrence.frequency.lower()
    said = [f"every {unit}" if recurrence.interval == 1 else f"every {recurrence.interval} {unit}s"]
    pattern = recurrence.pattern
    if pattern is not None:
        times = [f"{hour:02}:{minute:02}" for hour in pattern.hours for minute in pattern.minutes]
        said += [f"at {', '.join(times)}"] if times else []
        said += [f"on {', '.join(pattern.week_days)}"] if pattern.week_days else []
    return said
