"""Outputs of a job come to where the next local run reads them, all of them or none."""

import pytest
import yaml
from followed_project import FollowedProject

PIPELINE_ENTRY = "kedro_azureml_datasets.AzureMLPipelineDataset"


def entry(file, **more):
    return {
        "type": PIPELINE_ENTRY,
        "dataset": {"type": "text.TextDataset", "filepath": file},
        **more,
    }


@pytest.fixture
def ended(shop, azure):
    """A project with entries for all of its data; its job has completed."""
    farm = FollowedProject(shop, azure)
    farm.put("all-1")
    farm.jobs.play("all-1", job="Completed", clean="Completed", fit="Completed")
    farm.jobs.play("all-1", report__it="Completed")
    catalog = yaml.safe_load(farm.shop.read("conf/base/catalog.yml"))
    catalog["clean"] = entry("sub/clean.txt", root_dir="data/mid")
    farm.shop.write("conf/base/catalog.yml", yaml.safe_dump(catalog))
    farm.azure.put_output("all-1", "clean", "clean", {"sub/clean.txt": b"cleaned there"})
    farm.azure.put_output("all-1", "fit", "model", {"p.txt": b"fitted there"})
    farm.azure.put_output("all-1", "report__it", "report", {"report.txt": b"told there"})
    place = f"{farm.azure.path('x').removesuffix('/x')}"
    group = place.replace("resourceGroups", "resourcegroups").replace(
        "/providers/Microsoft.MachineLearningServices", ""
    )
    run_id = farm.jobs.run_of("all-1", "fit").run_id
    uri = f"azureml:/{group}/datastores/workspaceblobstore/paths/azureml/{run_id}/model/"
    farm.azure.register("model", "4", None, uri=uri)
    return farm


def local_files(farm):
    found = farm.shop.files("data")
    own = (".lock", ".origin.json")  # beside a version, and no part of its data
    return {name: text for name, text in found.items() if not name.endswith(own)}


def test_all_outputs_come_to_where_the_catalog_reads_them(ended):
    told = ended.run("download", "all")
    assert "clean: data/mid/sub/clean.txt\n" in told
    assert "model: data/model/4\n" in told
    assert "report: data/report.txt\n" in told
    assert ended.shop.read("data/mid/sub/clean.txt") == "cleaned there"
    assert ended.shop.read("data/model/4/p.txt") == "fitted there"
    assert ended.shop.read("data/report.txt") == "told there"
    leftovers = [p for p in ended.folder.rglob("*") if p.name.startswith(".azureml")]
    assert leftovers == []


def test_outputs_of_another_project_are_said_to_be_so(ended):
    assert "is one of the project" not in ended.run("download", "all-1", "model")
    ended.jobs.bodies["all-1"]["properties"]["tags"]["kedro_project"] = "farm"
    told = ended.run("download", "all-1", "report")
    assert "The job all-1 is one of the project 'farm', not of this one." in told
    assert "report: data/report.txt" in told


def test_the_next_local_run_goes_on_from_them(ended):
    ended.run("download", "all-1", "model")
    ended.shop.run(from_nodes=["report.it"])
    assert ended.shop.read("data/report.txt") == "Fitted There"


def test_only_what_is_named_comes(ended):
    ended.run("download", "all-1", "clean")
    assert local_files(ended) == {"mid/sub/clean.txt": "cleaned there"}


def test_nothing_is_replaced_without_force_and_then_nothing_comes_at_all(ended):
    ended.shop.write("data/report.txt", "mine")
    told = ended.run("download", "all-1", code=1)
    assert "'data/report.txt' already exists; nothing was changed." in told
    assert "--force" in told
    assert local_files(ended) == {"report.txt": "mine"}
    ended.run("download", "all-1", "--force")
    assert ended.shop.read("data/report.txt") == "told there"
    assert ended.shop.read("data/mid/sub/clean.txt") == "cleaned there"


def test_a_folder_is_replaced_as_a_whole(ended):
    catalog = yaml.safe_load(ended.shop.read("conf/base/catalog.yml"))
    catalog["clean"] = {
        "type": PIPELINE_ENTRY,
        "dataset": {
            "type": "partitions.PartitionedDataset",
            "path": "parts",
            "dataset": "text.TextDataset",
        },
    }
    ended.shop.write("conf/base/catalog.yml", yaml.safe_dump(catalog))
    ended.azure.put_output("all-1", "clean", "clean", {"parts/a": b"A", "parts/b": b"B"})
    ended.shop.write("data/parts/old", "stale")
    assert "'data/parts' already exists" in ended.run("download", "all-1", "clean", code=1)
    ended.run("download", "all-1", "clean", "--force")
    assert ended.shop.files("data/parts") == {"a": "A", "b": "B"}


def test_where_one_output_is_missing_nothing_is_changed(ended):
    ended.shop.write("data/mid/sub/clean.txt", "mine")
    container = ended.azure.container()
    run_id = ended.jobs.run_of("all-1", "report__it").run_id
    container.delete_blob(f"azureml/{run_id}/report/report.txt")
    told = ended.run("download", "all-1", "clean", "report", "--force", code=1)
    assert f"azureml/{run_id}/report" in told
    assert "should have written 'report'" in told
    assert local_files(ended) == {"mid/sub/clean.txt": "mine"}


def test_a_version_that_another_job_has_registered_is_not_taken_for_this_ones(ended):
    ended.azure.register("model", "5", {"p.txt": b"another's"})
    ended.run("download", "all-1", "model")
    assert local_files(ended) == {"model/4/p.txt": "fitted there"}


def test_an_asset_of_which_no_version_is_known_becomes_the_version_local(ended):
    for path in [path for path in ended.azure.control.resources if "/data/model" in path]:
        del ended.azure.control.resources[path]
    assert "model: data/model/local" in ended.run("download", "all-1", "model")
    assert local_files(ended) == {"model/local/p.txt": "fitted there"}
    assert "'data/model/local' already exists" in ended.run("download", "all-1", "model", code=1)


def test_a_pin_that_is_another_version_is_said(ended):
    ended.shop.catalog(penguins={}, model={"azureml_dataset": "model", "azureml_version": "2"})
    told = ended.run("download", "all-1", "model")
    assert "model: data/model/4 (the catalog pins version '2', which a local run reads)" in told


def test_what_a_local_run_could_not_read_is_refused(ended):
    ended.shop.catalog(penguins={}, model={"azureml_dataset": "model"})  # without 'clean'
    told = ended.run("download", "all-1", "clean", code=1)
    assert "'clean' has no catalog entry that a local run can read" in told
    assert "AzureMLPipelineDataset" in told
    told = ended.run("download", "all-1", "penguins", code=1)
    assert "'penguins' is not an output of the job: the latest version of the data asset" in told
    told = ended.run("download", "all-1", "cleen", code=1)
    assert "The job 'all' has no dataset 'cleen' (did you mean 'clean'?)" in told
    told = ended.run("download", "all-1")
    assert "Skipped: 'clean' has no catalog entry" in told
    assert ended.shop.read("data/report.txt") == "told there"


def test_what_is_not_written_yet_is_named_with_its_step(ended):
    ended.jobs.play("all-1", job="Running", report__it="Running")
    told = ended.run("download", "all-1", "report", code=1)
    assert "the step 'report.it', which writes it, is Running" in told
    assert "Skipped: 'report' is not available" in ended.run("download", "all-1")


def test_a_job_that_was_sent_by_other_means_is_refused(ended):
    ended.put("by-hand", job="")
    assert "was not submitted with 'kedro azureml'" in ended.run("download", "by-hand", code=1)


def test_an_output_with_its_own_path_is_found_there(ended):
    properties = ended.jobs.bodies["all-1"]["properties"]
    properties["jobs"]["clean"]["outputs"] = {
        "clean": {
            "job_output_type": "uri_folder",
            "uri": "azureml://datastores/${{default_datastore}}/paths/mine/${{name}}/${{output_name}}",
        }
    }
    run_id = ended.jobs.run_of("all-1", "clean").run_id
    ended.azure.container().upload_blob(f"mine/{run_id}/clean/sub/clean.txt", b"elsewhere")
    ended.run("download", "all-1", "clean")
    assert ended.shop.read("data/mid/sub/clean.txt") == "elsewhere"


def test_a_workspace_without_a_default_datastore_is_named_only_where_that_is_needed(ended):
    ended.azure.add_datastore("workspaceblobstore", "Sas", is_default=False)
    told = ended.run("download", "all-1", "clean", code=1)
    assert "it is in the default datastore of the workspace, and the workspace has none" in told
    assert "Traceback" not in told
    assert local_files(ended) == {}
    place = "azureml://datastores/workspaceblobstore/paths/azureml/${{name}}/${{output_name}}"
    properties = ended.jobs.bodies["all-1"]["properties"]
    properties["jobs"]["clean"]["outputs"] = {
        "clean": {"job_output_type": "uri_folder", "uri": place}
    }
    ended.run("download", "all-1", "clean")
    assert local_files(ended) == {"mid/sub/clean.txt": "cleaned there"}


def test_a_reused_step_has_its_outputs_where_the_first_run_has_left_them(ended):
    ended.put("all-2")
    ended.jobs.play("all-2", job="Completed", clean="Completed", fit="Completed")
    ended.jobs.run_of("all-2", "clean").reused = ended.jobs.run_of("all-1", "clean").run_id
    ended.run("download", "all-2", "clean")
    assert ended.shop.read("data/mid/sub/clean.txt") == "cleaned there"


def test_an_asset_that_is_one_file_lies_under_the_name_of_the_catalog(ended):
    file = {"azureml_dataset": "model", "azureml_type": "uri_file"}
    ended.shop.catalog(penguins={}, model=file)
    run_id = ended.jobs.run_of("all-1", "fit").run_id
    ended.azure.container().upload_blob(f"azureml/{run_id}/model", b"one file")
    uri = f"azureml://datastores/workspaceblobstore/paths/azureml/{run_id}/model"
    ended.azure.register("model", "9", None, kind="uri_file", uri=uri)
    ended.run("download", "all-1", "model")
    assert local_files(ended) == {"model/9/p.txt": "one file"}


def test_an_output_whose_step_is_there_no_more_is_said(ended):
    nodes = ended.shop.read("src/shop/pipeline_registry.py").replace("report.it", "tell")
    ended.shop.write("src/shop/pipeline_registry.py", nodes)
    told = ended.run("download", "all-1", "report", code=1)
    assert "has no step 'tell', which writes 'report': the pipeline has changed" in told
    ended.run("download", "all-1", "clean")  # the job itself tells where that comes from


def test_outputs_of_a_job_that_run_has_sent_come_from_where_its_settings_say(shop, azure):
    farm = FollowedProject(shop, azure)
    settings = yaml.safe_load(shop.read("conf/base/azureml.yml"))
    place = {"datastore": "workspaceblobstore", "path": r"mine/\${{name}}/\${{output_name}}"}
    settings["jobs"]["all"] = {"steps": {"clean": {"output": place}}}
    shop.write("conf/base/azureml.yml", yaml.safe_dump(settings))
    catalog = yaml.safe_load(shop.read("conf/base/catalog.yml")) | {"clean": entry("clean.txt")}
    shop.write("conf/base/catalog.yml", yaml.safe_dump(catalog))
    farm.run("run", "-j", "all")
    (name,) = farm.jobs.bodies
    farm.jobs.play(name, job="Failed", clean="Completed", fit="Failed")
    run_id = farm.jobs.run_of(name, "clean").run_id
    azure.container().upload_blob(f"mine/{run_id}/clean/clean.txt", b"cleaned there")
    told = farm.run("download", "all")
    assert "clean: data/clean.txt\n" in told
    assert "Skipped: 'report' is not available" in told
    assert local_files(farm) == {"clean.txt": "cleaned there"}


@pytest.mark.parametrize("folder", ["", "dataset/"])
def test_an_output_without_a_path_is_found_in_each_place_that_azure_ml_uses(ended, folder):
    container = ended.azure.container()
    run_id = ended.jobs.run_of("all-1", "report__it").run_id
    container.delete_blob(f"azureml/{run_id}/report/report.txt")
    container.upload_blob(f"{folder}{run_id}/report/report.txt", b"told elsewhere")
    assert "report: data/report.txt\n" in ended.run("download", "all-1", "report")
    assert ended.shop.read("data/report.txt") == "told elsewhere"
