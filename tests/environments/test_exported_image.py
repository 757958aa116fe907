"""The files of `environment export`, installed in a new environment, run every step."""

import json

import pytest
from environments import new_environment
from small_projects import KEDRO

LEARNING = ("sklearn.ensemble", "sklearn.model_selection")


def simulate_in_exported_image(project, job, environment, local, wheels, folder):
    """Export what the image needs, install it, run the job in it; return the run."""
    done = local.kedro("azureml", "environment", "export", "--format", "json", cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    exported = json.loads(done.stdout)
    assert exported["left_to_decide"] == []
    datasets = str(wheels["kedro_azureml_datasets"])
    requirements = str(project / "environment/requirements.txt")
    image = new_environment(
        folder, "--no-deps", "--find-links", datasets.rpartition("/")[0], "-r", requirements
    )
    # Installed without dependencies: what one of them needs and is not pinned would be missing.
    assert len(image.frozen()) == len(exported["packages"])
    warm = image.warmed([*(m for m in KEDRO if m != "pydantic.main"), *LEARNING])
    empty = new_environment(folder.with_name("empty"))  # in which no step would run
    done = local.kedro(
        "azureml", "simulate", "-j", job, "--python", str(empty.python),
        "--step-env", f"{environment}={warm.path}", cwd=project,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    run = json.loads((project / f"build/azureml-runs/{job}/run.json").read_text())
    assert {step["status"] for step in run["steps"]} == {"completed"}
    return run


@pytest.mark.once
def test_every_step_of_the_starter_runs_in_the_image_that_was_exported(
    penguins, local, wheels, tmp_path
):
    run = simulate_in_exported_image(
        penguins, "training", "penguins-env", local, wheels, tmp_path / "image"
    )
    assert len(run["steps"]) > 3


@pytest.mark.stress
@pytest.mark.once
def test_every_step_of_another_project_runs_in_the_image_that_was_exported(
    shuttles, local, wheels, tmp_path
):
    run = simulate_in_exported_image(
        shuttles, "everything", "shuttles-env", local, wheels, tmp_path / "image"
    )
    assert len(run["steps"]) > 10
