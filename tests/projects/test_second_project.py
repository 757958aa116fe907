"""A project that is not the starter's, with every trap that names, data and parameters can hold."""

import json

CALLS_OF_NODES = 28  # before and after each of the 14 nodes


def log_calls(project, folder):
    """Have the project's hooks write to one file locally and to another in steps."""
    hooks = project / "src/shuttles/hooks.py"
    text = hooks.read_text()
    changed = text.replace(
        "path = os.environ.get(LOG_VARIABLE)",
        f"path = '{folder}/' + ('steps' if 'KEDRO_AZUREML_STEP' in os.environ else 'local')",
    )
    assert changed != text
    hooks.write_text(changed)


def test_every_dataset_and_every_hook_call_is_the_same_both_ways(shuttles, both_ways, tmp_path):
    log_calls(shuttles, tmp_path)
    told = both_ways(shuttles, "everything")
    assert "datasets are the same." in told
    assert not list(shuttles.rglob("F"))  # what a hostile parameter would have made
    local = sorted((tmp_path / "local").read_text().splitlines())
    assert local == sorted((tmp_path / "steps").read_text().splitlines())
    assert len(local) == CALLS_OF_NODES


def test_what_a_local_run_has_left_is_uploaded_where_no_step_produces_it(
    shuttles, both_ways, local
):
    done = local.kedro("azureml", "compile", "-j", "science", cwd=shuttles)
    assert done.returncode == 1
    assert "error nothing-produces: model_input_table" in done.stderr
    assert "Traceback" not in done.stderr
    done = local.kedro("run", cwd=shuttles)
    assert done.returncode == 0, done.stdout + done.stderr
    both_ways(shuttles, "science")
    bundle = shuttles / "build/azureml/science"
    plan = json.loads((bundle / "plan.json").read_text())
    flows = {dataset["name"]: dataset["flow"] for dataset in plan["datasets"]}
    assert flows["model_input_table"] == "upload"
    assert [path.name for path in (bundle / "code/data").iterdir()] == ["01_raw"]


def test_the_params_of_a_job_reach_its_steps(shuttles, local, warm_image):
    done = local.kedro("run", "--pipelines", "data_processing", cwd=shuttles)
    assert done.returncode == 0, done.stdout + done.stderr
    done = local.kedro(
        "azureml", "simulate", "-j", "one_namespace", "--python", str(warm_image), cwd=shuttles
    )
    assert done.returncode == 0, done.stdout + done.stderr
    run = shuttles / "build/azureml-runs/one_namespace"
    (metrics,) = run.glob("steps/*/mounts/outputs/*/candidate_modelling_metrics.json")
    assert json.loads(metrics.read_text())["test_rows"] == 50  # 32 with the project's own value
