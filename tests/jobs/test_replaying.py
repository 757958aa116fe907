"""A step of a submitted job runs here: its code as it was sent, with what it has read there."""

import shutil

import pytest
import yaml
from sent_project import NODES, SentProject


@pytest.fixture
def farm(shop, azure, bench) -> SentProject:
    return SentProject(shop, azure, bench.user.path)


def test_a_step_that_failed_there_fails_here_with_the_same_data(farm):
    name = farm.fail()
    told = farm.run("replay", name, "fit", "--yes", "--env-var", "TOKEN=t", code=1)
    assert "fitting 'a bad row' at 3 with t" in told
    assert "a bad row" in told
    farm.write_nodes(NODES.replace("a bad row", "mended"))
    # The code is what was sent, not what is here.
    again = farm.run("replay", name, "fit", "--yes", code=1)
    assert "ValueError: a bad row" in again


def test_code_that_no_bundle_here_has_is_downloaded_and_can_be_edited(farm):
    name = farm.fail()
    shutil.rmtree(farm.folder / "build")
    # A signature of the datastore is for its own container alone.
    told = farm.run("replay", name, "fit", "--yes", code=1)
    assert "Downloading the code of the step 'fit' failed" in told
    farm.azure.add_datastore("workspaceblobstore", "AccountKey", is_default=True)
    told = farm.run("replay", name, "fit", "--yes", code=1)
    assert "ValueError: a bad row" in told
    (module,) = (farm.folder_of(name) / "code").glob("*/src/shop/nodes.py")
    module.write_text(module.read_text().replace('"bad" in table', "False"))
    assert "fitting 'a bad row' at 3" in farm.run("replay", name, "fit", "--yes")


def test_a_step_that_succeeded_runs_again_on_the_version_of_the_asset_that_it_read(farm):
    name = farm.fail()
    farm.azure.register("penguins", "8", {"p.txt": b"NEWER"})
    farm.run("replay", name, "clean", "--yes")
    run = farm.folder_of(name) / "steps/clean/run"
    assert (list(run.rglob("clean/data.pkl"))) != []
    data = farm.folder_of(name) / "data/penguins"
    assert (data / "7/p.txt").read_text() == "ONE"
    assert not (data / "8").exists()


def test_what_follows_runs_too_and_clean_removes_it_all(farm):
    name = farm.fail("good row")
    told = farm.run("replay", "all", "fit", "--from", "--yes")  # the newest run of the job
    run = farm.folder_of(name) / "steps/fit/run"
    (report,) = run.rglob("report/report.txt")
    assert report.read_text() == "Good Row3"
    assert "report.it" in told
    assert f"Removed what was here of {name}" in farm.run("replay", name, "--clean")
    assert not (farm.folder / "build/azureml-jobs").exists()
    assert f"Nothing of {name} is here" in farm.run("replay", name, "--clean")


def test_what_cannot_be_replayed_is_one_message(farm):
    name = farm.fail()
    told = farm.run("replay", name, "fitt", code=1)
    assert f"The job {name} has no step 'fitt' (did you mean 'fit'?)" in told
    told = farm.run("replay", name, "zzz", code=1)
    assert "has no step 'zzz' (there are: clean, fit, report.it)." in told
    told = farm.run("replay", name, "report.it", code=1)
    assert "'model' is not available: the step 'fit', which writes it, is Failed." in told
    assert f"Go on from there:  kedro azureml replay {name} fit --from" in told
    assert "Traceback" not in told
    assert "Name the STEP to replay" in farm.run("replay", name, code=2)
    assert "takes no STEP" in farm.run("replay", name, "fit", "--clean", code=2)
    run = next(run.run_id for run in farm.jobs.of(name) if run.step == "clean")
    farm.azure.container().delete_blob(f"azureml/{run}/clean/data.pkl")
    told = farm.run("replay", name, "fit", "--yes", code=1)
    assert "The input 'clean' of the step 'fit': there is nothing at 'azureml://" in told


def test_of_a_distributed_step_one_process_runs(farm):
    distribution = {"type": "pytorch", "process_count_per_instance": 2}
    farm.settings_of(steps={"fit": {"distribution": distribution, "instance_count": 2}})
    name = farm.fail("good row")
    told = farm.run("replay", name, "fit", "--yes")
    assert told.count("fitting 'good row'") == 1


def test_two_steps_that_are_shown_alike_and_code_in_an_image_are_one_message(farm):
    settings = yaml.safe_load(farm.shop.read("conf/base/azureml.yml"))
    name = farm.fail()
    steps = farm.jobs.bodies[name]["properties"]["jobs"]
    for step in ("fit", "report__it"):
        steps[step]["display_name"] = farm.jobs.run_of(name, step).display_name = "alike"
    told = farm.run("replay", name, "alike", code=1)
    same = f"The steps 'fit' and 'report__it' of the job {name} have the same display name"
    assert same in told
    settings["execution"] |= {"code_directory": None}
    farm.shop.write("conf/base/azureml.yml", yaml.safe_dump(settings))
    name = farm.fail()
    told = farm.run("replay", name, "fit", "--yes", code=1)
    assert "The step 'fit' takes its code from its image" in told
