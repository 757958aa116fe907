"""The bundle: the same bytes wherever it is written, and nothing that is not to travel."""

import json
import re
import shutil
import sys

import yaml
from environments import tree_digest


def bundle_of(project, job="training"):
    return project / "build/azureml" / job


def compiled(local, project, *args):
    done = local.kedro("azureml", "compile", "-j", "training", *args, cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    return bundle_of(project)


def test_the_same_project_gives_the_same_bytes_in_another_place_and_hash_seed(
    penguins, local, tmp_path
):
    other = tmp_path / "some where else" / "birds"
    shutil.copytree(penguins, other)
    bundles = []
    for seed, project in enumerate((penguins, other)):
        command = ("kedro", "azureml", "compile", "-j", "training")  # started anew, for its seed
        done = local.run(*command, cwd=project, PYTHONHASHSEED=str(seed))
        assert done.returncode == 0, done.stdout + done.stderr
        bundles.append(tree_digest(bundle_of(project)))
    assert bundles[0] == bundles[1]


def test_a_local_run_changes_nothing_of_the_bundle(penguins, local):
    before = tree_digest(compiled(local, penguins))
    done = local.kedro("run", cwd=penguins)
    assert done.returncode == 0, done.stderr
    assert tree_digest(compiled(local, penguins)) == before


def test_a_job_of_a_part_leaves_the_data_of_the_whole_at_home(penguins, local):
    with (penguins / "conf/base/azureml.yml").open("a") as settings:
        settings.write("  part:\n    pipeline: {node_namespaces: [processing]}\n")
    (penguins / ".amlignore").write_text("tests/\n")  # says nothing of data
    done = local.kedro("run", cwd=penguins)
    assert done.returncode == 0, done.stderr
    for output in ("build/azureml/part", "one", "two"):
        done = local.kedro("azureml", "compile", "-j", "part", "-o", output, cwd=penguins)
        assert done.returncode == 0, done.stdout + done.stderr
    code = penguins / "two/code"
    files = {path.relative_to(code).as_posix() for path in code.rglob("*") if path.is_file()}
    data = {name for name in files if name.startswith("data/")}
    assert data == {"data/reference/README.md", "data/reference/islands.csv"}
    assert not [name for name in files if name.startswith(("one/", "build/"))]


def test_what_conf_local_changes_is_reported_and_not_compiled(penguins, local):
    before = tree_digest(compiled(local, penguins))
    (penguins / "conf/local/parameters.yml").write_text("seed: 99\n")
    (penguins / "conf/local/catalog.yml").write_text("predictions: {type: MemoryDataset}\n")
    done = local.kedro("azureml", "compile", "-j", "training", cwd=penguins)
    assert done.returncode == 0, done.stdout + done.stderr
    told = "warning local-configuration: conf/local/catalog.yml: it changes 'predictions'"
    assert told in done.stderr
    assert tree_digest(bundle_of(penguins)) == before


def test_no_path_of_this_machine_is_in_the_bundle(penguins, local, tmp_path):
    bundle = compiled(local, penguins)
    for path in bundle.rglob("*"):
        if path.is_file():
            assert str(tmp_path).encode() not in path.read_bytes(), path
            assert sys.prefix.encode() not in path.read_bytes(), path


def test_what_is_not_to_travel_does_not(penguins, local):
    (penguins / ".env").write_text("SECRET=1")
    (penguins / "conf/local/credentials.yml").write_text("db: {password: hunter2}")
    (penguins / ".venv/lib").mkdir(parents=True)
    (penguins / ".venv/lib/x.py").write_text("")
    done = local.kedro("run", cwd=penguins)
    assert done.returncode == 0, done.stderr
    code = compiled(local, penguins) / "code"
    names = {path.relative_to(code).as_posix() for path in code.rglob("*") if path.is_file()}
    assert "data/reference/islands.csv" in names
    assert "conf/local/.gitkeep" in names
    forbidden = re.compile(
        r"(^|/)(\.env|\.venv|\.amlignore|\.gitignore|__pycache__|build|credentials\.yml)(/|$)"
        r"|^data/(penguins|penguins_model|intermediate|reporting)/"
    )
    assert [name for name in names if forbidden.search(name)] == []


def test_the_runner_travels_with_the_ranges_that_the_image_must_fit(penguins, local):
    runner = compiled(local, penguins) / "code/.kedro-azureml"
    assert json.loads((runner / "image.json").read_text()) == {
        "kedro": "<2,>=1.2",
        "kedro-azureml-datasets": "<0.3,>=0.2",
    }
    assert (runner / "kedro_azureml_runner/__main__.py").is_file()


def test_the_plan_tells_of_every_dataset_and_why(penguins, local):
    plan = json.loads((compiled(local, penguins) / "plan.json").read_text())
    flows = {dataset["name"]: dataset["flow"] for dataset in plan["datasets"]}
    assert flows["penguins"] == "version"
    assert flows["islands"] == "not mounted"
    assert flows["penguins_model"] == "step output"
    assert flows["processing.located_measurements"] == "step output"
    assert "parameter" in {flow for name, flow in flows.items() if name.startswith("params:")}
    assert all(dataset["why"] for dataset in plan["datasets"])


def test_an_output_asset_registers_under_its_name(penguins, local):
    job = yaml.safe_load((compiled(local, penguins) / "pipeline.yml").read_text())
    outputs = job["jobs"]["training__train_classifier"]["outputs"]
    assert outputs["penguins_model"]["name"] == "penguins_model"
    assert {output["path"] for output in outputs.values()} == {
        "azureml://datastores/${{default_datastore}}/paths/azureml/${{name}}/${{output_name}}"
    }


def test_params_and_env_and_versions_reach_the_command(penguins, local):
    (penguins / "conf/prod").mkdir()
    bundle = compiled(
        local,
        penguins,
        "--env",
        "prod",
        "--params",
        "training.seed=8,note=it's",
        "--load-versions",
        "penguins:2",
    )
    job = yaml.safe_load((bundle / "pipeline.yml").read_text())
    command = job["jobs"]["processing__clean_penguins"]["component"]["command"]
    assert "--env prod" in command
    assert """--params '{"note": "it'"'"'s", "training": {"seed": 8}}'""" in command
    assert job["inputs"]["penguins"]["path"] == "azureml:penguins:2"
    assert (bundle / "code/conf/prod/.gitkeep").is_file()


def test_the_code_can_be_in_the_image_instead(penguins, local):
    settings = penguins / "conf/base/azureml.yml"
    text = settings.read_text()
    settings.write_text(
        text.replace("code_directory: .", "code_directory: null\n  working_directory: /home/me")
    )
    bundle = compiled(local, penguins)
    assert not (bundle / "code").exists()
    job = yaml.safe_load((bundle / "pipeline.yml").read_text())
    component = job["jobs"]["processing__clean_penguins"]["component"]
    assert "code" not in component
    assert component["command"].startswith("cd /home/me && python -m kedro_azureml_runner ")


def test_neither_help_nor_compile_nor_simulate_imports_azure(penguins, local, image):
    """The local environment has the SDK, so that it could be imported."""
    assert "azure-ai-ml==" in "\n".join(local.frozen())
    with (penguins / "conf/base/azureml.yml").open("a") as settings:
        settings.write("  first:\n    pipeline: {node_names: [processing.clean_penguins]}\n")
    trace = "-X importtime"
    for args in (
        ["--help"],
        ["azureml", "--help"],
        ["azureml", "compile", "-j", "training"],
        ["azureml", "simulate", "-j", "first", "--python", str(image.python)],
    ):
        done = local.run("python", *trace.split(), "-m", "kedro", *args, cwd=penguins)
        assert done.returncode == 0, done.stderr[-2000:]
        imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
        assert "kedro.framework.cli" in imported
        assert not {name for name in imported if name.split(".")[0] in {"azure", "msrest"}}
