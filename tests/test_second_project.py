"""A project that is not the starter's, with every trap that names, data and parameters can hold."""

import json


def test_every_dataset_is_the_same_both_ways(shuttles, both_ways, tmp_path):
    told = both_ways(shuttles, "everything")
    assert "datasets are the same." in told


def test_each_node_hook_fires_once_in_one_of_the_steps(shuttles, local, tmp_path):
    log = tmp_path / "hooks.log"
    done = local.kedro("run", cwd=shuttles, SHUTTLES_HOOK_LOG=str(log))
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(log.read_text().splitlines()) >= 20


def test_what_a_local_run_has_left_is_uploaded_where_no_step_produces_it(
    shuttles, both_ways, local
):
    done = local.kedro("azureml", "compile", "-j", "science", cwd=shuttles)
    assert done.returncode == 1
    assert "error nothing-produces: model_input_table" in done.stderr
    assert "Traceback" not in done.stderr
    done = local.kedro("run", cwd=shuttles)
    assert done.returncode == 0, done.stdout + done.stderr
    both_ways(shuttles, "science", "--pipelines", "data_science")
    plan = json.loads((shuttles / "build/azureml/science/plan.json").read_text())
    flows = {dataset["name"]: dataset["flow"] for dataset in plan["datasets"]}
    assert flows["model_input_table"] == "upload"


def test_the_params_of_a_job_reach_its_steps(shuttles, local, image):
    done = local.kedro("run", cwd=shuttles)
    assert done.returncode == 0, done.stdout + done.stderr
    done = local.kedro(
        "azureml", "simulate", "-j", "one_namespace", "--python", str(image.python), cwd=shuttles
    )
    assert done.returncode == 0, done.stdout + done.stderr
