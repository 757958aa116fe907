"""`kedro azureml verify`, and what it does where runs fail or data cannot be told."""

import json
import re
import signal
import sys
import time
from pathlib import Path

import pytest
from verified_study import Study, outcomes

WAITING = re.compile(r"waiting as (\d+)")


@pytest.fixture
def warm(bench) -> Path:
    return bench.image.path


@pytest.fixture
def study(tmp_path, monkeypatch) -> Study:
    # The project is opened in this process; no other test is to find it.
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setenv("PYTHONPATH", "")
    return Study(tmp_path)


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def test_the_document_stands_alone_on_the_standard_output(study, warm):
    study.project.jobs("few: {pipeline: {node_names: [make_equal, make_placed, make_own_place]}}")
    done = study.command("few", "--format", "json", "--python", str(warm))
    document = json.loads(done.stdout)
    assert done.returncode == 1, done.stderr
    assert (document["format"], document["job"], document["result"]) == (1, "few", "different")
    assert document["counts"] == {
        "same": 1, "different": 1, "not_deterministic": 0, "not_compared": 1,
    }  # fmt: skip
    run = study.root / "build/azureml-runs/few"
    assert document["run_dir"] == str(run)
    (placed,) = (each for each in document["datasets"] if each["name"] == "placed")
    assert placed["kind"] == "pipeline dataset (json.JSONDataset)"
    assert (run / placed["local"]).read_text() == "false"
    assert (run / placed["simulated"]).read_text() == "true"
    assert document["local_run"]["exit_code"] == 0
    assert document["simulation"]["failed_steps"] == []
    assert json.loads((run / "verification.json").read_text()) == document
    compared = (run / "run.html").read_text(encoding="utf-8").partition("Compared data")[2]
    assert ">placed</a></code></th><td>different</td>" in compared


def test_parameters_reach_both_runs_and_those_of_conf_local_one(study, warm):
    study.project.jobs("seeded: {pipeline: {node_names: [make_seeded]}}")
    verification = study.verify("seeded", params={"seed": 5}, python=warm)
    assert outcomes(verification) == {"seeded": ("same", "bytes")}
    assert verification.datasets[0].simulated.read_text() == "5"
    study.project.write("conf/local/parameters.yml", "seed: 9")  # never travels
    verification = study.verify("seeded", python=warm)
    assert outcomes(verification) == {"seeded": ("different", "9 locally, 1 in the job")}


def test_versions_of_assets_are_those_of_the_simulation(study, warm):
    verification = study.verify("assets", python=warm)
    assert verification.result == "same"
    assert outcomes(verification) == {"model": ("same", "bytes")}
    assert verification.datasets[0].simulated.read_text().split() == ["[", "9,", "10", "]"]
    assert not verification.local.project.exists()  # there is nothing to look at


def test_a_local_run_that_fails_is_reported_with_the_end_of_its_log(study, warm):
    done = study.command("breaks_here", "--python", str(warm))
    assert done.returncode == 1
    assert "the local run failed with exit code 1" in done.stdout
    assert "ValueError: not here" in done.stdout
    line = "not compared: equal, pipeline dataset (json.JSONDataset), from the step 'b'"
    assert f"{line} (the local run has failed)" in done.stdout
    assert done.stdout.splitlines()[-1] == (
        "Could not verify the job 'breaks_here': the local run failed; "
        "0 of 1 datasets are the same, 1 not compared."
    )


def test_a_step_that_fails_is_reported_though_the_local_run_does_not(study, warm):
    verification = study.verify("breaks_there", python=warm)
    assert verification.result == "failed"
    (step,) = verification.simulation.steps
    assert "ValueError: not here" in step.log_path.read_text()
    assert verification.local.exit_code == 0
    assert outcomes(verification) == {"equal": ("not compared", "the step 'b' has not completed")}


def test_no_partitions_at_all_are_a_difference(study, warm):
    done = study.command("empty", "--python", str(warm))
    assert done.returncode == 1
    assert "wrote nothing to the output 'parts'" in done.stdout
    assert f"kedro azureml simulate -j empty --python {warm} --only make_no_parts" in done.stdout
    assert "the simulation failed" in done.stdout.splitlines()[-1]


def test_a_job_that_is_refused_runs_nothing(study):
    done = study.command("refused", "--format", "json")
    assert (done.returncode, done.stdout) == (1, "")
    assert "error nothing-produces: words" in done.stderr
    assert not (study.root / "build").exists()


def test_what_is_written_by_chance_is_not_a_difference(study, warm):
    study.project.jobs("drawn: {pipeline: {node_names: [make_drawn]}}")
    verification = study.verify("drawn", python=warm)
    assert verification.result == "same"
    assert outcomes(verification)["drawn"][0] == "not deterministic"
    assert verification.local.project.exists()  # what differs can be looked at


def interrupt(study, warm, job) -> str:
    """Press Ctrl-C when a node of a job waits; return what was said."""
    process = study.start(job, "--python", str(warm))
    waiting = None
    while waiting is None:
        assert process.poll() is None
        time.sleep(0.05)
        logs = (study.root / "build/azureml-runs" / job).rglob("*.txt")
        waiting = next(filter(None, (WAITING.search(log.read_text()) for log in logs)), None)
    process.send_signal(signal.SIGINT)
    told, errors = process.communicate()
    assert process.returncode == 130
    assert "Traceback" not in told + errors
    while is_running(int(waiting.group(1))):  # the node, which would sleep for an hour
        time.sleep(0.05)
    return errors


def test_an_interrupted_local_run_leaves_no_process(study, warm):
    assert "interrupted; no process is left running" in interrupt(study, warm, "waits")


def test_an_interrupted_simulation_leaves_its_page(study, warm):
    interrupt(study, warm, "waits_there")
    page = (study.root / "build/azureml-runs/waits_there/run.html").read_text(encoding="utf-8")
    assert "<td>canceled</td>" in page
    assert not list(study.root.rglob(".run.html*"))


def test_filters_of_the_command_select_the_nodes_of_both_runs(study, warm):
    study.project.jobs("few: {pipeline: {node_names: [make_equal, make_placed, make_own_place]}}")
    done = study.command(
        "few", "--nodes", "make_equal,make_seeded", "--format", "json", "--python", str(warm)
    )
    document = json.loads(done.stdout)
    assert done.returncode == 0, done.stderr
    assert [each["name"] for each in document["datasets"]] == ["equal"]
    local = study.root / "build/azureml-runs/few/local"
    assert "make_equal" in (local / "log.txt").read_text()
    assert "make_placed" not in (local / "log.txt").read_text()
