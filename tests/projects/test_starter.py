"""The starter's project, as a new user meets it."""

import json
import re
import shutil
from pathlib import Path

import pytest
from environments import tree_digest
from kedro_azureml_cli.fixing.logging_file import render_logging

OURS = re.compile(r"^kedro-azureml-\w+|^azure-[\w-]+", re.MULTILINE)


def test_a_changed_parameter_and_a_changed_node_change_both_ways_alike(penguins, both_ways, local):
    parameters = penguins / "conf/base/parameters.yml"
    before = parameters.read_text()
    parameters.write_text(re.sub(r"seed: \d+", "seed: 7", before))
    assert parameters.read_text() != before
    nodes = penguins / "src/penguins/pipelines/reporting/nodes.py"
    nodes.write_text(
        nodes.read_text()
        + "\n_summarise = summarise_species\n\n"
        + "def summarise_species(confusions):\n"
        + '    return _summarise(confusions).assign(note="it\'s ${new}")\n'
    )
    told = both_ways(penguins, "training")
    assert "11 of 11 datasets are the same." in told
    done = local.kedro("run", cwd=penguins)
    assert done.returncode == 0, done.stdout + done.stderr
    summary = (penguins / "data/reporting/species_summary.csv").read_text()
    assert "it's ${new}" in summary


def test_two_runs_give_the_same_files_byte_for_byte(penguins, local, tmp_path):
    again = Path(shutil.copytree(penguins, tmp_path / "again"))
    for project in (penguins, again):
        done = local.kedro("run", cwd=project)
        assert done.returncode == 0, done.stderr
    written = tree_digest(penguins / "data")
    assert "penguins_model/local/model.pkl" in written
    assert tree_digest(again / "data") == written


def test_a_node_that_raises_stops_the_job_and_is_shown(penguins, local, warm_image):
    nodes = penguins / "src/penguins/pipelines/processing/nodes.py"
    failing = "\n\ndef add_island_location(*inputs):\n    raise ValueError('no ice')\n"
    nodes.write_text(nodes.read_text() + failing)
    local.kedro("azureml", "compile", "-j", "training", cwd=penguins)
    plan = penguins / "build/azureml/training/plan.html"
    page_of_plan = plan.read_bytes()
    done = local.kedro(
        "azureml", "simulate", "-j", "training", "--python", str(warm_image), cwd=penguins
    )
    assert done.returncode == 1
    assert plan.read_bytes() == page_of_plan
    assert (
        "Step failed in node 'processing.add_island_location': ValueError: no ice"
        in done.stdout + done.stderr
    )
    run = json.loads((penguins / "build/azureml-runs/training/run.json").read_text())
    states = {step["name"]: step["status"] for step in run["steps"]}
    assert states["processing__clean_penguins"] == "completed"
    assert states["processing__add_island_location"] == "failed"
    assert states["training__predict_species"] == "skipped"
    page = (penguins / "build/azureml-runs/training/run.html").read_text(encoding="utf-8")
    assert ">skipped</text>" in page
    assert "ValueError: no ice" in page  # the end of the log


def test_kedro_prints_no_line_of_its_own_before_a_json_document(penguins, local):
    assert (penguins / "conf/logging.yml").read_text() == render_logging()
    done = local.run("kedro", "azureml", "check", "--format", "json", cwd=penguins)
    assert json.loads(done.stdout)["errors"] == 0


def test_the_step_image_holds_one_package_of_ours_and_no_azure(image):
    assert OURS.findall("\n".join(image.frozen())) == ["kedro-azureml-datasets"]


def test_an_image_without_the_datasets_says_what_to_install(penguins, local, tmp_path):
    from environments import new_environment

    bare = new_environment(tmp_path / "bare")
    done = local.kedro(
        "azureml", "simulate", "-j", "training", "--python", str(bare.python), cwd=penguins
    )
    told = done.stdout + done.stderr
    assert done.returncode == 1
    assert "The step image has no kedro-azureml-datasets. Install it there: pip install" in told
    assert 'The step image has no kedro. Install it there: pip install "kedro' in told
    assert "Traceback" not in told


@pytest.mark.parametrize("name", ["My Bird Study 2"])
def test_another_project_name_compiles_as_well(name, local, tmp_path):
    done = local.kedro("new", "--starter", "azureml", "--name", name, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    (project,) = (path for path in tmp_path.iterdir() if path.is_dir())
    done = local.kedro("azureml", "compile", "-j", "training", cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (project / "build/azureml/training/pipeline.yml").is_file()
