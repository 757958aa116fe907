"""The pages of runs: what they say of a simulation and of a job, and where they are written."""

import json
import resource
import time
from datetime import datetime, timedelta, timezone

import pytest
from kedro_azureml_cli.azure_ml.jobs.states import JobState, StepState
from kedro_azureml_cli.run_pages.simulation import StepClock, describe_simulation
from kedro_azureml_cli.run_pages.submitted_job import describe_job, write_job_page
from kedro_azureml_cli.run_pages.writing import write_beside_run, write_run_page
from kedro_azureml_compiler import ComparedData, Plan, PlannedStep, RunFacts, plan_to_dict
from kedro_azureml_simulator import (
    RunResult,
    RunStarted,
    StepFinished,
    StepResult,
    StepStarted,
)

BEGIN = datetime(2026, 11, 29, 9, 0, tzinfo=timezone.utc)
PLAN = Plan("all", ("p",), (PlannedStep("clean", ("clean",)), PlannedStep("fit", ("fit",))), ())
SECRET = "AccountKey=c2VjcmV0LXRoYXQtbm9ib2R5LW1heS1zZWU="


def after(minutes):
    return BEGIN + timedelta(minutes=minutes)


def job(*steps, status="Running", name="calm_sail_1", job="all", created=BEGIN):
    return JobState(name, job, name, status, steps, created, "https://ml.azure.com/runs/x")


CLEAN = StepState("clean", "clean", "run-1", "Completed", after(1), after(3))
FIT = StepState("fit", "fit", "run-2", "Running", after(4))


def test_a_clock_knows_when_steps_start_and_passes_all_events_on():
    heard = []
    clock = StepClock(heard.append)
    events = [
        RunStarted("isolated", 2),
        StepStarted("clean", "clean", 2),
        StepFinished(StepResult("clean", "clean", "completed"), 1, 2),
        StepStarted("report__it", "report.it", 2),
    ]
    clock(events[0])
    time.sleep(0.02)
    clock(events[1])
    clock(events[2])
    time.sleep(0.02)
    clock(events[3])
    assert heard == events
    assert list(clock.starts_s) == ["clean", "report.it"]
    assert clock.starts_s["clean"] >= 0.02
    assert clock.starts_s["report.it"] - clock.starts_s["clean"] >= 0.02


def result(folder, **step):
    values = {"name": "fit", "display_name": "fit", "status": "failed", "duration_s": 1.5, **step}
    return RunResult("failed", (StepResult(**values),), {}, {}, folder, 2.0)


def described(folder, starts_s, **step):
    clock = StepClock(lambda _: None)
    clock.starts_s = starts_s
    return describe_simulation(result(folder, **step), clock).steps["fit"]


def test_a_step_of_a_simulation_has_its_times_its_message_and_the_end_of_its_log(tmp_path):
    log = tmp_path / "steps/fit/log.txt"
    log.parent.mkdir(parents=True)
    log.write_text("\n".join(f"line {n} {SECRET}" for n in range(1000)))
    step = described(tmp_path, {"fit": 0.5}, log_path=log, message=f"exit code 1 {SECRET}")
    assert (step.status, step.start_s, step.duration_s) == ("failed", 0.5, 1.5)
    assert step.log_name == "steps/fit/log.txt"
    lines = step.log.splitlines()
    assert len(lines) == 100
    assert lines[-1].startswith("line 999 ")
    assert "c2VjcmV0" not in step.log + step.message


def test_a_long_line_of_a_log_is_cut(tmp_path):
    log = tmp_path / "log.txt"
    log.write_bytes(b"x" * 10_000_000 + b"\xff end")
    step = described(tmp_path, {"fit": 0.5}, log_path=log)
    assert len(step.log) < 20_000
    assert step.log.endswith(" end")


def test_of_a_progress_bar_the_last_state_is_shown(tmp_path):
    log = tmp_path / "log.txt"
    log.write_bytes(b"begin\r\n" + b"".join(b"\r%d%%" % n for n in range(101)) + b"\nend\n")
    assert described(tmp_path, {"fit": 0.5}, log_path=log).log == "begin\n100%\nend"


def test_a_simulation_that_ctrl_c_ended_says_so(tmp_path):
    clock = StepClock(lambda _: None)
    run = describe_simulation(result(tmp_path, status="canceled"), clock, interrupted=True)
    assert (run.status, run.steps["fit"].status) == ("canceled", "canceled")


def test_a_step_that_never_started_has_no_times(tmp_path):
    step = described(tmp_path, {}, status="skipped", log_path=tmp_path / "missing")
    assert (step.status, step.start_s, step.duration_s, step.log) == ("skipped", None, None, "")


def test_a_reused_step_says_so(tmp_path):
    assert described(tmp_path, {"fit": 0.1}, status="completed", reused=True).status == "reused"


def test_a_job_has_the_times_of_its_steps_since_it_was_submitted():
    queued = StepState("report", "report", "run-3", "Queued")
    run = describe_job(job(CLEAN, FIT, queued), "", after(6))
    assert run.what == "Job calm_sail_1 in Azure ML"
    assert (run.status, run.duration_s) == ("Running", 360.0)
    times = {name: (step.start_s, step.duration_s) for name, step in run.steps.items()}
    assert times == {"clean": (60.0, 120.0), "fit": (240.0, 120.0), "report": (None, None)}


def test_a_job_that_has_ended_lasts_until_its_last_step_ended():
    ended = StepState("fit", "fit", "run-2", "Failed", after(4), after(5))
    run = describe_job(job(CLEAN, ended, status="Failed"), "", after(500))
    assert run.duration_s == 300.0


def page_of(project, name="calm_sail_1"):
    return (project / f"build/azureml-jobs/{name}/run.html").read_text(encoding="utf-8")


def write_bundle_plan(project, plan):
    bundle = project / "build/azureml" / plan.job
    bundle.mkdir(parents=True)
    (bundle / "plan.json").write_text(json.dumps(plan_to_dict(plan)), encoding="utf-8")
    return bundle


def test_the_page_of_a_job_has_the_picture_of_its_bundle_and_says_where_that_is_from(tmp_path):
    bundle = write_bundle_plan(tmp_path, PLAN)
    before = {path.name: path.read_bytes() for path in bundle.iterdir()}
    notify = StepState("notify", "notify", "run-9", "Queued")
    write_job_page(tmp_path, job(CLEAN, notify))
    page = page_of(tmp_path)
    assert "The picture is that of the bundle on this machine" in page
    assert ">not started</text>" in page  # fit, of which the job says nothing yet
    assert {path.name: path.read_bytes() for path in bundle.iterdir()} == before


@pytest.mark.parametrize("name", ["all", "", "../elsewhere", "unknown"])
def test_without_the_bundle_of_a_job_its_steps_alone_are_shown(tmp_path, name):
    write_bundle_plan(tmp_path, Plan("all", ("p",), (PlannedStep("other", ("other",)),), ()))
    write_job_page(tmp_path, job(CLEAN, FIT, job=name))
    page = page_of(tmp_path)
    assert "The picture shows the steps alone" in page
    assert ">Completed, 2 min 0 s</text>" in page


@pytest.mark.parametrize("name", ["../../x", "/tmp/x", "..", ".", "a/b", ""])
def test_a_name_that_is_a_path_writes_nothing(tmp_path, name):
    project = tmp_path / "project"
    project.mkdir()
    write_job_page(project, job(CLEAN, name=name))
    assert list(tmp_path.rglob("*")) == [project]


def test_what_was_compared_with_a_job_is_on_its_page(tmp_path):
    compared = (ComparedData("model", "different", "3 of 10 rows"),)
    write_job_page(tmp_path, job(CLEAN, FIT), compared=compared)
    assert "<td>different</td><td>3 of 10 rows</td>" in page_of(tmp_path)


def test_later_pages_of_a_job_show_what_was_compared_before(tmp_path):
    kept = (ComparedData("model", "different", "3 of <10> rows"),)
    write_job_page(tmp_path, job(CLEAN, FIT), compared=iter(kept))
    write_job_page(tmp_path, job(CLEAN, FIT))
    assert "<td>different</td><td>3 of &lt;10&gt; rows</td>" in page_of(tmp_path)
    write_job_page(tmp_path, job(CLEAN, FIT), compared=())
    write_job_page(tmp_path, job(CLEAN, FIT))
    assert "Compared data" not in page_of(tmp_path)


@pytest.mark.parametrize("text", ["", "7", "[1]", '[["a"]]', '{"a": 1}', "\udcff", "[" * 100_000])
def test_what_was_compared_and_cannot_be_read_is_left_out(tmp_path, text):
    folder = tmp_path / "build/azureml-jobs/calm_sail_1"
    folder.mkdir(parents=True)
    (folder / ".compared.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    write_job_page(tmp_path, job(CLEAN, FIT))
    assert "Compared data" not in page_of(tmp_path)


def test_a_job_that_has_no_steps_yet_has_a_page(tmp_path):
    write_job_page(tmp_path, job(status="Preparing", job="elsewhere"))
    assert "<p>0 steps.</p>" in page_of(tmp_path)
    assert "No step has started." in page_of(tmp_path)


def names_in(folder):
    return [path.name for path in folder.iterdir()]


def test_a_page_is_replaced_and_nothing_else_is_left(tmp_path):
    for status in ("Running", "Completed"):
        write_job_page(tmp_path, job(CLEAN, status=status))
    assert "<strong>Completed</strong>" in page_of(tmp_path)
    assert names_in(tmp_path / "build/azureml-jobs/calm_sail_1") == ["run.html"]


def test_a_page_that_cannot_be_written_is_a_note(tmp_path, capsys):
    folder = tmp_path / "run"
    (folder / "run.html").mkdir(parents=True)
    write_run_page(folder, PLAN, RunFacts("Simulation", "completed"), None)
    assert "run.html' cannot be written: " in capsys.readouterr().err
    assert names_in(folder) == ["run.html"]
    (tmp_path / "file").write_text("")
    write_run_page(tmp_path / "file", PLAN, RunFacts("Simulation", "completed"), None)
    assert "file/run.html' cannot be written: " in capsys.readouterr().err


def test_a_link_in_the_place_of_the_page_is_replaced_and_not_followed(tmp_path):
    (tmp_path / "kept").write_text("kept")
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "run.html").symlink_to(tmp_path / "kept")
    write_run_page(folder, PLAN, RunFacts("Simulation", "completed"), None)
    assert (tmp_path / "kept").read_text() == "kept"
    assert not (folder / "run.html").is_symlink()


def test_a_page_has_the_rights_that_other_files_get(tmp_path):
    (tmp_path / "other").write_text("")
    write_run_page(tmp_path, PLAN, RunFacts("Simulation", "completed"), None)
    assert (tmp_path / "run.html").stat().st_mode == (tmp_path / "other").stat().st_mode


@pytest.fixture
def full_disk():
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_a_note_and_the_earlier_page_stays(tmp_path, capfd, full_disk):
    (tmp_path / "run.html").write_text("earlier")
    write_run_page(tmp_path, PLAN, RunFacts("Simulation", "completed"), None)
    assert "run.html' cannot be written: " in capfd.readouterr().err
    assert (tmp_path / "run.html").read_text() == "earlier"
    assert names_in(tmp_path) == ["run.html"]


def test_what_ends_the_writing_leaves_no_draft(tmp_path):
    def lines():
        yield "<!DOCTYPE html>"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_beside_run(tmp_path, "run.html", lines())
    assert names_in(tmp_path) == []


def test_two_commands_that_write_the_same_page_both_write_a_whole_one(tmp_path):
    def lines(text):
        yield text
        if text == "first":
            write_beside_run(tmp_path, "run.html", lines("second"))
            assert (tmp_path / "run.html").read_text() == "secondend"
        yield "end"

    write_beside_run(tmp_path, "run.html", lines("first"))
    assert (tmp_path / "run.html").read_text() == "firstend"
    assert names_in(tmp_path) == ["run.html"]
