"""What a job has read and left is listed, downloaded, and read in a notebook."""

import json

import pytest
import yaml
from sent_project import SentProject

NOTEBOOK = """
import sys

from IPython.core.interactiveshell import InteractiveShell

shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "kedro.ipython")
shell.run_line_magic("reload_kedro", sys.argv[1])
for cell in sys.argv[2:]:
    shell.run_cell(cell)
"""


@pytest.fixture
def farm(shop, azure) -> SentProject:
    return SentProject(shop, azure)


def notebook(farm: SentProject, *cells: str) -> str:
    """Return what a notebook shows that Kedro has prepared."""
    return farm.shop.start(NOTEBOOK, *cells).wait().output


def test_what_a_job_has_read_and_left_is_listed_with_where_it_lies(farm):
    name = farm.fail()
    told = farm.run("data", "list", name)
    lines = {line.split()[0]: line for line in told.splitlines()}
    run = farm.jobs.run_of(name, "clean").run_id
    assert "output  clean      uri_folder  azureml://" in lines["clean"]
    assert lines["clean"].endswith(f"/paths/azureml/{run}/clean")
    assert "the step 'fit', which writes it, is Failed" in lines["model"]
    assert " input " in lines["penguins"]
    found = json.loads(farm.run("data", "list", "all", "--format", "json"))
    assert found["job"] == name
    assert [d["dataset"] for d in found["datasets"]] == ["penguins", "clean", "model", "report"]


def test_what_a_job_has_left_comes_once_and_to_where_it_is_wanted(farm):
    name = farm.complete()
    told = farm.run("data", "get", name, code=2)
    assert "would be downloaded, and no terminal can confirm it; pass --yes." in told
    assert "more than --max-size allows" in farm.run("data", "get", name, "--max-size", "1", code=2)
    told = farm.run("data", "get", name, "--yes")
    run = farm.jobs.run_of(name, "fit").run_id
    assert f"model: {farm.folder_of(name) / 'data/model' / run}\n" in told
    farm.run("data", "get", name, "model", "report", "--to", "here")  # all of it has come
    assert farm.shop.files("here") == {"model/p.txt": "one3", "report/report.txt": "One3"}
    farm.shop.write("here/model/p.txt", "mine")
    told = farm.run("data", "get", name, "model", "clean", "--to", "here", code=1)
    assert "already exists; nothing was changed" in told
    assert sorted(farm.shop.files("here")) == ["model/p.txt", "report/report.txt"]
    farm.run("data", "get", name, "model", "--to", "here", "--force")
    assert farm.shop.read("here/model/p.txt") == "one3"
    assert [p.name for p in farm.folder.iterdir() if p.name.startswith(".here")] == []


def test_what_a_reused_or_a_repeated_step_left_is_that_of_the_run_that_made_it(farm):
    name = farm.complete()
    farm.jobs.run_of(name, "clean").reused = "of-yesterday"
    container = farm.azure.container()
    container.upload_blob("azureml/of-yesterday/clean/data.pkl", b"of yesterday")
    farm.jobs.retry(name, "fit", "Completed")
    farm.azure.put_output(name, "fit", "model", {"p.txt": b"the second try"})
    farm.run("data", "get", name, "clean", "model", "--to", "here", "--yes")
    assert farm.shop.files("here") == {
        "clean/data.pkl": "of yesterday",
        "model/p.txt": "the second try",
    }


def test_what_a_later_job_has_written_to_a_fixed_place_is_not_the_data_of_this_one(farm):
    farm.settings_of(steps={"report.it": {"output": {"path": "all/report"}}})
    name = farm.complete()
    farm.azure.container().upload_blob("all/report/report.txt", b"One3")
    found = json.loads(farm.run("data", "list", name, "--format", "json"))
    assert [one["missing"] for one in found["datasets"]] == [None] * 4
    farm.jobs.run_of(name, "report__it").ended = "2024-01-01T00:00:00+00:00"
    told = farm.run("data", "get", name, "report", "--yes", code=1)
    assert "'report' is not available: what lies at 'azureml://" in told
    assert "was written after the step 'report.it' had ended, as by a later job" in told
    assert "was written after the step" in farm.run("download", name, "report", code=1)
    told = farm.run("verify", "--against", name, "--yes")
    assert "not compared: report" in told


def test_data_that_a_job_does_not_have_is_one_message(farm):
    name = farm.fail()
    told = farm.run("data", "get", name, "modle", code=1)
    assert f"The job {name} has no dataset 'modle' (did you mean 'model'?)" in told
    told = farm.run("data", "get", name, "model", code=1)
    assert "the step 'fit', which writes it, is Failed." in told
    assert "--force belongs to --to" in farm.run("data", "get", name, "--force", code=2)


def test_the_catalog_of_a_notebook_reads_what_the_job_left(farm):
    name = farm.complete()
    farm.shop.write("data/report.txt", "of this machine")
    told = notebook(
        farm,
        f"%load_azureml {name}",
        "[catalog.load(x) for x in ('penguins', 'clean', 'model', 'report')]",
        "catalog.save('report', 'x')",
        f"%reload_kedro {farm.folder}",
        "catalog.load('report')",
    )
    assert f"The catalog reads the job {name} (Completed): penguins, clean, model, report" in told
    assert "['ONE', 'one', 'one3', 'One3']" in told
    assert "'report' is read from a submitted job and is read-only" in told
    assert "'of this machine'" in told


def test_a_notebook_does_not_mix_a_job_with_this_machine_and_shows_one_line(farm):
    name = farm.fail()
    farm.shop.write("data/report.txt", "of this machine")
    told = notebook(farm, f"%load_azureml {name}", "catalog.load('report')")
    assert "'report' is not available: the step 'report.it', which writes it, is Canceled." in told
    assert "'of this machine'" not in told
    assert "DatasetError" in told
    told = notebook(farm, "%load_azureml", "%load_azureml nothing-of-that-name")
    assert "Missing argument 'JOB'. Write:  %load_azureml AZURE_JOB" in told
    assert "UsageError: The job 'nothing-of-that-name' was not found" in told
    assert "Traceback" not in told


def test_an_entry_that_no_step_mounts_any_more_does_not_give_the_data_of_this_machine(farm):
    name = farm.complete()
    catalog = yaml.safe_load(farm.shop.read("conf/base/catalog.yml"))
    catalog["report"] = {"type": "text.TextDataset", "filepath": "data/report.txt"}
    farm.shop.write("conf/base/catalog.yml", yaml.safe_dump(catalog))
    farm.shop.write("data/report.txt", "of this machine")
    told = notebook(farm, f"%load_azureml {name}", "catalog.load('report')")
    assert f"The catalog reads the job {name} (Completed): penguins, clean, model\n" in told
    assert "'report' was mounted by steps when the job was sent, and is now a TextDataset" in told
    assert "DatasetError" in told
    assert "'of this machine'" not in told


def test_an_entry_of_a_factory_with_transcoding_gives_the_data_of_the_job(farm):
    catalog = yaml.safe_load(farm.shop.read("conf/base/catalog.yml"))
    catalog["{name}_as@text"] = catalog.pop("report")
    farm.shop.write("conf/base/catalog.yml", yaml.safe_dump(catalog))
    registry = farm.shop.read("src/shop/pipeline_registry.py")
    registry = registry.replace("'report', name=", "'report_as@text', name=")
    farm.shop.write("src/shop/pipeline_registry.py", registry)
    name = farm.send()
    farm.play(name, clean="Completed", fit="Completed", report__it="Completed")
    farm.azure.put_output(name, "report__it", "report_as", {"report.txt": b"One3"})
    farm.shop.write("data/report.txt", "of this machine")
    told = notebook(farm, f"%load_azureml {name}", "catalog.load('report_as@text')")
    assert "'One3'" in told
    assert "'of this machine'" not in told


def test_the_step_that_notifies_has_no_data_and_is_not_replayed(farm):
    settings = yaml.safe_load((farm.folder / "conf/base/azureml.yml").read_text())
    settings["notifications"] = {"chat": {"webhook_env": "HOOK", "events": ["success"]}}
    settings["jobs"]["all"]["notifications"] = "chat"
    farm.shop.write("conf/base/azureml.yml", yaml.safe_dump(settings))
    name = farm.complete()
    listed = json.loads(farm.run("data", "list", name, "--format", "json"))
    found = [one["dataset"] for one in listed["datasets"]]
    assert found == ["penguins", "clean", "model", "report"]
    refused = farm.run("replay", name, "notify", "--yes", code=1)
    assert "The step 'notify' announces the end of the job and runs no node." in refused
