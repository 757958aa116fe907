"""What a finished job has left in Azure is compared with a local run of what was sent."""

import shutil

import pytest
from azure_loopback.processes import until
from sent_project import NODES, SentProject


@pytest.fixture
def farm(shop, azure, bench) -> SentProject:
    return SentProject(shop, azure, bench.user.path)


def test_what_a_job_left_in_azure_is_compared_with_a_local_run_of_what_was_sent(farm):
    name = farm.complete()
    farm.write_nodes(NODES.replace("title()", "upper()"))
    farm.shop.write("conf/base/parameters.yml", "rate: 4\n")
    shutil.rmtree(farm.folder / "build/azureml-records")
    farm.azure.add_datastore("workspaceblobstore", "AccountKey", is_default=True)
    told = farm.run("verify", "--against", name, code=2)
    assert "would be downloaded, and no terminal can confirm it; pass --yes." in told
    told = farm.run("verify", "--against", name, "--yes", "--max-size", "3", code=2)
    assert "more than --max-size allows" in told
    told = farm.run("verify", "-j", "all", "--against", name, "--yes")
    assert "same: report, pipeline dataset (text.TextDataset), from the step 'report.it'" in told
    assert "Verified the job 'all': 3 of 3 datasets are the same." in told
    farm.run("verify", "--against", name)  # all of it is here, so that nobody is asked
    assert farm.shop.files("data") == {}


def test_data_that_differs_in_azure_is_found(farm):
    name = farm.complete(report=b"Another")
    plan = farm.folder / "build/azureml/all/plan.html"
    page_of_plan = plan.read_bytes()
    told = farm.run("verify", "--against", "all", "--yes", "--format", "json", code=1)
    assert f'"against": "{name}"' in told
    assert '"different": 1' in told
    farm.run("status", name)
    page = (farm.folder / f"build/azureml-jobs/{name}/run.html").read_text(encoding="utf-8")
    assert "<td>different</td>" in page
    assert plan.read_bytes() == page_of_plan
    told = farm.run("verify", "--against", name, "--datasets", "clean,model")
    assert "2 of 2 datasets are the same" in told
    told = farm.run("verify", "--against", name, "--datasets", "modle", code=1)
    assert "has no output 'modle'" in told


def test_code_of_a_replay_that_somebody_has_edited_is_not_what_was_sent(farm):
    name = farm.complete(report=b"ONE3")
    farm.run("replay", name, "fit", "--yes")
    (nodes,) = farm.folder_of(name).glob("code/*/src/shop/nodes.py")
    nodes.write_text(NODES.replace("title()", "upper()"), encoding="utf-8")
    told = farm.run("verify", "--against", name, "--yes", code=1)
    assert "different: report, pipeline dataset (text.TextDataset)" in told
    assert "('One3' locally, 'ONE3' in the job)" in told


def test_a_resumed_job_is_compared_with_what_it_took_over_from_memory(farm):
    name = farm.fail("two")
    farm.shop.write("conf/base/parameters.yml", "rate: 4\n")
    told = farm.run("resume", name)
    assert "taken over: clean" in told
    (resumed,) = set(farm.jobs.bodies) - {name}
    farm.play(resumed, fit="Completed", report__it="Completed")
    farm.azure.put_output(resumed, "fit", "model", {"p.txt": b"two4"})
    farm.azure.put_output(resumed, "report__it", "report", {"report.txt": b"Two4"})
    told = farm.run("verify", "--against", resumed, "--yes")
    assert "Verified the job 'all': 2 of 2 datasets are the same." in told


def test_long_parameters_of_the_job_are_those_of_the_local_run(farm):
    farm.settings_of(params={"rate": 5, "filler": "x" * 5000})
    name = farm.send()
    farm.play(name, clean="Completed", fit="Completed", report__it="Completed")
    farm.leave(name, model=b"one5", report=b"One5")
    farm.settings_of(params={"rate": 6})
    told = farm.run("verify", "--against", name, "--yes")
    assert "Verified the job 'all': 3 of 3 datasets are the same." in told


def test_a_promoted_parameter_has_the_value_of_the_job_and_is_a_text(farm):
    farm.settings_of(inputs={"rate": "params:rate"})
    farm.shop.write("conf/base/parameters.yml", "rate: a\n")
    name = farm.send("--input", "rate=${b}")
    farm.play(name, clean="Completed", fit="Completed", report__it="Completed")
    farm.leave(name, model=b"one${b}", report=b"One${B}")
    told = farm.run("verify", "--against", name, "--yes")
    assert "Verified the job 'all': 3 of 3 datasets are the same." in told


@pytest.mark.stress
def test_tables_are_not_compared_and_what_is_random_cannot_be_matched(farm, tmp_path):
    lake = tmp_path / "lake.txt"
    farm.write_nodes(
        NODES.replace("    return model.title()", "    return str(os.urandom(8)), model")
    )
    registry = farm.shop.read("src/shop/pipeline_registry.py")
    farm.shop.write(
        "src/shop/pipeline_registry.py",
        registry.replace("'report', name", "['report', 'lake'], name"),
    )
    catalog = farm.shop.read("conf/base/catalog.yml")
    entry = f"lake:\n  type: text.TextDataset\n  filepath: {lake}\n"
    farm.shop.write("conf/base/catalog.yml", catalog + entry)
    farm.settings_of(external=["lake"])
    name = farm.complete(report=b"of another time")
    told = farm.run("verify", "--against", name, "--yes")
    assert "not compared: lake, external" in told
    assert "not deterministic: report" in told
    assert "2 of 4 datasets are the same, 1 not deterministic, 1 not compared." in told
    farm.run("verify", "--against", name, "--strict", code=1)
    told = farm.run("verify", "--against", name, "--strict", "--datasets", "clean,model")
    assert "lake" not in told


def test_a_job_that_failed_is_compared_as_far_as_it_came_and_one_that_runs_is_refused(farm):
    name = farm.fail("one")
    told = farm.run("verify", "--against", name, "--yes", code=1)
    assert "same: clean, in memory, from the step 'clean'" in told
    assert "not compared: model" in told
    assert "the step 'fit', which writes it, is Failed" in told
    assert "the job in Azure ML failed" in told
    farm.jobs.play(name, job="Running")
    told = farm.run("verify", "--against", name, "--yes", code=1)
    assert f"The job {name} is Running: only a job that has ended is compared." in told


def test_options_of_another_comparison_are_refused(farm):
    told = farm.run("verify", "--yes", code=2)
    assert "--workspace, --datasets, --max-size and --yes belong to --against." in told
    told = farm.run("verify", "--against", "all", "--all-jobs", code=2)
    assert "--against compares one job" in told
    told = farm.run("verify", "--against", "all", "--max-size", "many", code=2)
    assert "'many' is not a size such as 500MB or 2GB." in told


def test_a_second_comparison_in_the_same_folder_is_refused_and_harms_nothing(farm, tmp_path):
    held, waiting = tmp_path / "held", tmp_path / "waiting"
    wait = (
        "    import pathlib, time\n"
        f"    while pathlib.Path({str(held)!r}).exists():\n"
        f"        pathlib.Path({str(waiting)!r}).touch(); time.sleep(0.1)\n"
    )
    farm.write_nodes(NODES.replace("    return model.title()", f"{wait}    return model.title()"))
    name = farm.complete()
    held.touch()
    first = farm.start("verify", "--against", name, "--yes")
    until(waiting.exists)
    told = farm.run("verify", "--against", name, code=1)
    assert "Another verification is running in" in told
    assert "--run-dir" in told
    held.unlink()
    done = first.wait()
    assert "3 of 3 datasets are the same" in done.output
    assert done.returncode == 0
