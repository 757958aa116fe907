"""Files and their entries: the job fails, or its data differs from the local run's."""

from __future__ import annotations

from isolated_simulation import simulate_in_isolation
from kedro_azureml_simulator import simulate

from .written_case import CSV, RESULT, WRAPPED, Case, Cases, job_goes_wrong, refused

CASES = Cases()


def reads_a_file(case: Case, path: str) -> None:
    case.project.catalog(CSV.format(name="x", path=path) + RESULT)
    case.nodes(("counted", "a", "x", "y"))


@CASES.of("input-ignored")
def a_file_that_is_read_stays_at_home(case):
    reads_a_file(case, "data/x.csv")
    case.project.write("data/x.csv", "a\n1\n")
    case.project.write(".amlignore", "data/\n")
    job_goes_wrong(case, "input-ignored")


@CASES.of("input-missing")
def a_file_that_is_read_does_not_exist(case):
    reads_a_file(case, "data/x.csv")
    job_goes_wrong(case, "input-missing", locally=False)


@CASES.of("local-input-outside")
def a_file_outside_the_project_is_read(case):
    outside = case.folder / "outside"
    outside.mkdir()
    (outside / "x.csv").write_text("a\n1\n")
    reads_a_file(case, str(outside / "x.csv"))
    refused(case, "local-input-outside")
    bundle = case.bundle().bundle
    here = simulate(bundle / "pipeline.yml", run_dir=case.folder / "here", python=case.python)
    assert here.status == "completed"  # this machine has the file, and a container does not
    project, run = case.project.root, case.folder / "there"
    assert simulate_in_isolation(bundle, run, project, outside) == {"a": "failed"}


@CASES.of("local-data-between-steps")
def a_local_file_crosses_steps(case):
    case.project.catalog(CSV.format(name="x", path="data/x.csv") + RESULT)
    case.project.write("data/x.csv", "a\n")  # of an earlier run: the job would read it
    case.nodes(("table", "a", None, "x"), ("counted", "b", "x", "y"))
    job_goes_wrong(case, "local-data-between-steps")


@CASES.of("shared-local-file")
def two_entries_share_a_file(case):
    case.project.catalog(
        WRAPPED.format(name="x", path="x.csv") + CSV.format(name="z", path="data/x.csv") + RESULT
    )
    case.project.write("data/x.csv", "a\n")
    case.nodes(("table", "a", None, "x"), ("counted", "b", "z", "y"))
    job_goes_wrong(case, "shared-local-file")


@CASES.of("shared-address")
def two_entries_share_an_address(case):
    share = case.folder / "share/x.csv"
    case.project.catalog(
        CSV.format(name="x", path=share) + CSV.format(name="z", path=share) + RESULT
    )
    case.nodes(("late_table", "a", None, "x"), ("counted", "b", "z", "y"))
    case.project.settings_of({"j": {"external": ["x", "z"]}})
    refused(case, "shared-address")
    local = case.kedro("run")
    assert local.returncode == 0, local.stderr  # `a` runs before `b`
    share.unlink()
    bundle, run = case.bundle().bundle, case.folder / "run"
    # Nothing tells `b` to wait: it reads what is not there yet.
    result = simulate(bundle / "pipeline.yml", run_dir=run, python=case.python)
    assert {step.name: step.status for step in result.steps}["b"] == "failed"


@CASES.of("keeps-earlier-data")
def a_wrapped_file_is_appended_to(case):
    opened = "fs_args: {{open_args_save: {{mode: a}}}}, save_args"
    appended = WRAPPED.replace("save_args", opened)
    case.project.catalog(appended.format(name="x", path="x.csv") + RESULT)
    case.project.write("data/x.csv", "a\n7\n")  # of the run before
    case.nodes(("table", "a", None, "x"), ("counted", "b", "x", "y"))
    refused(case, "keeps-earlier-data")
    bundle, run = case.bundle().bundle, case.folder / "run"
    local = case.kedro("run")
    assert local.returncode == 0, local.stderr
    assert (case.project.root / "data/y.csv").read_text() == "rows\n4\n"  # header, 1, 2 after 7
    result = simulate(bundle / "pipeline.yml", run_dir=run, python=case.python)
    (output,) = next(step for step in result.steps if step.name == "b").outputs.values()
    assert (output / "y.csv").read_text() == "rows\n2\n"


@CASES.of("mixed-entries")
def one_of_two_transcoded_entries_is_wrapped(case):
    case.project.catalog(
        WRAPPED.format(name="x@a", path="x.csv")
        + CSV.format(name="x@b", path="data/x.csv")
        + RESULT
    )
    case.nodes(("table", "a", None, "x@a"), ("counted", "b", "x@b", "y"))
    job_goes_wrong(case, "mixed-entries")


@CASES.of("transcoded-apart")
def transcoded_entries_have_two_paths(case):
    case.project.catalog(
        WRAPPED.format(name="x@a", path="one.csv")
        + WRAPPED.format(name="x@b", path="two.csv")
        + RESULT
    )
    case.project.write("data/two.csv", "a\n")
    case.nodes(("table", "a", None, "x@a"), ("counted", "b", "x@b", "y"))
    job_goes_wrong(case, "transcoded-apart")
