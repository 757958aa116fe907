"""What Azure ML would refuse of a schedule is reported when the job is checked."""

import pytest
from kedro_azureml_compiler.checks.references import check_references
from kedro_azureml_compiler.checks.schedules import check_schedules
from kedro_azureml_compiler.settings.parsing import read_config

GOOD_CRON = {"expression": "0 3 * * 1-5", "time_zone": "W. Europe Standard Time"}
GOOD_RECURRENCE = {
    "frequency": "Week",
    "interval": 1,
    "start_time": "2026-01-31T03:00:00",
    "end_time": "2026-02-28T03:00:00Z",
    "schedule": {"hours": [0, 23], "minutes": [0, 59], "week_days": ["monday", "Sunday"]},
}


def config_with(job: dict, **sections: object):
    return read_config(
        {
            "workspace": {
                "__default__": {"subscription_id": "s", "resource_group": "r", "name": "w"}
            },
            "compute": {"__default__": {"cluster_name": "cpu"}, "gpu": {}},
            "jobs": {"j": job},
            **sections,
        }
    )


def problems(schedule: object, **sections: object) -> list[str]:
    config = config_with({"schedule": schedule}, **sections)
    found = check_schedules("j", config.jobs["j"], config)
    assert {(f.code, f.severity.value) for f in found} <= {("schedule-refused", "warning")}
    return [f"{f.where}: {f.message}" for f in found]


@pytest.mark.parametrize(
    "schedule",
    [
        None,
        {"cron": GOOD_CRON},
        {"cron": {"expression": "*/15 0-6,22 1 JAN MON"}},
        {"recurrence": GOOD_RECURRENCE},
        [{"cron": GOOD_CRON}, {"recurrence": {"frequency": "minute", "interval": 5}}],
    ],
)
def test_a_good_schedule_has_no_findings(schedule):
    assert problems(schedule) == []


@pytest.mark.parametrize(
    ("kind", "change", "told"),
    [
        ("cron", {"expression": "0 3 * *"}, "cron.expression: '0 3 * *' has 4 fields instead of"),
        ("cron", {"expression": "0 3 * * * *"}, "'0 3 * * * *' has 6 fields instead of five"),
        (
            "cron",
            {"expression": "0 3 * * ?"},
            "'?' is not a valid day of the week in a cron expression.",
        ),
        ("cron", {"expression": "x! 3 * * *"}, "'x!' is not a valid minute in a cron expression."),
        (
            "cron",
            {"time_zone": "Europe/Berlin"},
            "cron.time_zone: 'Europe/Berlin' is not a time zone",
        ),
        ("cron", {"start_time": "tomorrow"}, "cron.start_time: 'tomorrow' is not a valid time."),
        (
            "cron",
            {"start_time": "2026-01-31"},
            "cron.start_time: '2026-01-31' is not a valid time.",
        ),
        (
            "cron",
            {"start_time": "2026-02-30T00:00:00"},
            "'2026-02-30T00:00:00' is not a valid time.",
        ),
        (
            "recurrence",
            {"frequency": "weekly"},
            "unknown frequency 'weekly' (did you mean 'week'?).",
        ),
        ("recurrence", {"interval": 0}, "recurrence.interval: the interval is 0."),
        ("recurrence", {"end_time": "2026-01-31T02:00:00"}, "end_time: the end is not after the"),
        ("recurrence", {"schedule": {"hours": [24], "minutes": [0]}}, "24 is not a valid hour."),
        ("recurrence", {"schedule": {"hours": [-1], "minutes": [0]}}, "-1 is not a valid hour."),
        ("recurrence", {"schedule": {"hours": [1], "minutes": [60]}}, "60 is not a valid minute."),
        ("recurrence", {"schedule": {"hours": [1]}}, "schedule.minutes: 'minutes' is missing"),
        (
            "recurrence",
            {"schedule": {"hours": [1], "minutes": [1], "week_days": ["Mon"]}},
            "recurrence.schedule.week_days: unknown day 'Mon' (did you mean 'monday'?).",
        ),
    ],
)
def test_what_azure_ml_would_refuse_is_an_error(kind, change, told):
    good = GOOD_CRON if kind == "cron" else GOOD_RECURRENCE
    (problem,) = problems({kind: {**good, **change}})
    assert problem.startswith("jobs.j.schedule.")
    assert told in problem


def test_the_place_is_where_the_schedule_stands():
    bad = {"cron": {"expression": "0"}}
    found = problems(["nightly", bad], schedules={"nightly": bad, "unused": bad})
    places = [problem.partition(": ")[0] for problem in found]
    assert places == ["schedules.nightly.cron.expression", "jobs.j.schedule[1].cron.expression"]


@pytest.mark.parametrize(
    ("job", "where", "told"),
    [
        ({"compute": "gup"}, "compute", "no 'gup' below 'compute' (did you mean 'gpu'?)."),
        ({"workspace": "x"}, "workspace", "no 'x' below 'workspace' (there are: __default__)."),
        ({"schedule": "x"}, "schedule", "no 'x' below 'schedules' (there are none)."),
        ({"notifications": "x"}, "notifications", "no 'x' below 'notifications'"),
        ({"steps": {"a*": {"compute": "x"}}}, "steps.a*.compute", "no 'x' below 'compute'"),
    ],
)
def test_a_name_that_refers_to_nothing_is_an_error(job, where, told):
    config = config_with(job)
    (finding,) = check_references("j", config.jobs["j"], config)
    assert (finding.code, finding.severity.value) == ("unknown-entry", "error")
    assert finding.where == f"jobs.j.{where}"
    assert told in finding.message


def test_names_that_refer_to_something_have_no_findings():
    config = config_with(
        {"compute": "gpu", "schedule": ["n", {"cron": GOOD_CRON}], "steps": {"a": {"timeout": 1}}},
        schedules={"n": {"cron": GOOD_CRON}},
    )
    assert check_references("j", config.jobs["j"], config) == []
