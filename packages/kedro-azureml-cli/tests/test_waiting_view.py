"""What is shown of jobs while they are waited for."""

import io
from datetime import datetime, timedelta, timezone

from kedro_azureml_cli.azure_ml.jobs.states import JobState, StepState
from kedro_azureml_cli.jobs.state_output import format_step_duration, state_as_text
from kedro_azureml_cli.jobs.waiting_view import choose_shown_steps, open_waiting_view

NOW = datetime(2026, 1, 31, 3, 0, tzinfo=timezone.utc)


def step(name, status, seconds=None):
    started = None if seconds is None else NOW - timedelta(seconds=seconds)
    ended = NOW if status in {"Completed", "Failed"} and started else None
    return StepState(name, name, f"run-{name}", status, started, ended)


def job(status, *steps):
    return JobState("train-1", "train", "train", status, steps)


def test_each_change_is_one_line():
    stream = io.StringIO()
    with open_waiting_view(stream) as view:
        view.show({"train": job("Running", step("fit", "Running", 5))})
        view.show({"train": job("Running", step("fit", "Running", 8))})
        view.tell("Something else.")
        view.show({"train": job("Completed", step("fit", "Completed", 63))})
    assert stream.getvalue().splitlines() == [
        "train: the step 'fit' is Running.",
        "train: the job is Running.",
        "Something else.",
        "train: the step 'fit' is Completed after 1 min 03 s.",
        "train: the job is Completed.",
    ]


def test_where_there_is_no_room_for_all_what_fails_and_works_is_shown():
    states = {"a": "Completed", "b": "Failed", "c": "NotStarted", "d": "Running", "e": "Completed"}
    steps = tuple(step(name, status) for name, status in states.items())
    shown, left_out = choose_shown_steps(steps, 2)
    assert [one.step for one in shown] == ["b", "d"]
    assert left_out == "3 more: 2 Completed, 1 NotStarted"
    assert choose_shown_steps(steps, 5) == (list(steps), "")


def test_a_duration_ends_with_the_step_and_is_empty_where_it_is_not_known():
    later = NOW + timedelta(hours=1)
    assert format_step_duration(step("a", "Completed", 63), later) == "1 min 03 s"
    assert format_step_duration(step("a", "Running", 0), later) == "1 h 00 min"
    assert format_step_duration(step("a", "NotStarted"), later) == ""
    assert format_step_duration(step("a", "Canceled", 5), later) == ""


def test_a_job_without_steps_has_a_status_of_one_line():
    assert state_as_text(job("Failed"), NOW) == "train-1, the job 'train': Failed\n"
