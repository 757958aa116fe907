"""What a user sees when something is wrong: one message, no traceback, nothing changed."""

import re

import pytest
from environments import tree_digest


@pytest.fixture
def refused(penguins, local):
    """Run a command that must fail; the project must be afterwards what it was before."""

    def run(*args: str, code: int = 1) -> str:
        before = tree_digest(penguins)
        done = local.kedro("azureml", *args, cwd=penguins)
        told = done.stdout + done.stderr
        assert done.returncode == code, told
        assert "Traceback" not in told
        assert tree_digest(penguins) == before
        assert not (penguins / "build/azureml/training").exists()
        return told

    return run


def change(project, name, pattern, replacement):
    path = project / name
    text = path.read_text()
    changed, count = re.subn(pattern, replacement, text, flags=re.MULTILINE)
    assert count, text
    path.write_text(changed)


def test_without_an_azureml_yml_it_says_how_to_write_one(penguins, refused):
    (penguins / "conf/base/azureml.yml").unlink()
    told = refused("compile", "-j", "training")
    assert "conf/base/azureml.yml not found" in told
    assert "kedro azureml init" in told


def test_an_unknown_job_is_answered_with_the_one_that_was_meant(refused):
    told = refused("compile", "-j", "trainign")
    assert "azureml.yml has no job 'trainign' (did you mean 'training'?)." in told


def test_an_unknown_key_is_answered_with_the_one_that_was_meant(penguins, refused):
    change(penguins, "conf/base/azureml.yml", "pipeline_name", "pipeline_nam")
    told = refused("compile", "-j", "training")
    assert "jobs.training.pipeline.pipeline_nam: unknown key 'pipeline_nam'" in told
    assert "did you mean 'pipeline_name'?" in told


def test_a_missing_default_is_named(penguins, refused):
    change(penguins, "conf/base/azureml.yml", r"^workspace:\n  __default__:", "workspace:\n  mine:")
    told = refused("compile", "-j", "training")
    assert "workspace: the entry '__default__' is missing" in told


def test_a_file_that_is_not_yaml_is_named(penguins, refused):
    (penguins / "conf/base/azureml.yml").write_text("jobs: [")
    assert "azureml.yml" in refused("compile", "-j", "training")


def test_an_unknown_pipeline_is_answered_with_the_one_that_was_meant(penguins, refused):
    change(penguins, "conf/base/azureml.yml", "pipeline_name: .*", "pipeline_name: trainin")
    told = refused("compile", "-j", "training")
    assert "The pipeline 'trainin' is not registered (did you mean 'training'?)." in told


def test_an_unknown_node_in_the_filters_is_named(penguins, refused):
    change(
        penguins,
        "conf/base/azureml.yml",
        "pipeline_name: .*",
        "pipeline_name: __default__\n      node_names: [nobody]",
    )
    told = refused("compile", "-j", "training")
    assert "do not fit the pipeline '__default__'" in told
    assert "pipeline.node_names: there is no node 'nobody' (there are: " in told


def test_an_empty_selection_is_refused(penguins, refused):
    change(
        penguins,
        "conf/base/azureml.yml",
        "pipeline_name: .*",
        "pipeline_name: __default__\n      tags: [nothing]",
    )
    told = refused("compile", "-j", "training")
    assert "pipeline.tags: no node has the tag 'nothing' (there are" in told


def test_a_project_whose_code_cannot_be_imported_says_where(penguins, refused):
    path = penguins / "src/penguins/pipelines/training/nodes.py"
    path.write_text("import no_such_library\n" + path.read_text())
    told = refused("compile", "-j", "training")
    assert "no_such_library" in told
    assert "training/nodes.py" in told


def test_a_bundle_folder_that_cannot_be_written_is_named(penguins, refused):
    (penguins / "build").write_text("a file where a folder should be")
    told = refused("compile", "-j", "training", code=3)
    assert "The bundle cannot be written" in told
    assert "--output" in told


def test_something_else_in_the_place_of_the_bundle_is_not_replaced(penguins, refused):
    told = refused("compile", "-j", "training", "--output", "src")
    assert "exists and is not a bundle" in told


@pytest.mark.parametrize("output", [".", "..", "notes"])
def test_no_folder_that_holds_something_else_too_is_taken_for_a_bundle(penguins, refused, output):
    for folder in (penguins, penguins / "notes"):
        folder.mkdir(exist_ok=True)
        (folder / "pipeline.yml").write_text("mine")
        (folder / "plan.json").write_text("mine")
    (penguins / "notes/precious.txt").write_text("mine")
    assert "not a bundle" in refused("compile", "-j", "training", "--output", output)


def test_code_that_the_ignore_file_keeps_at_home_is_refused(penguins, refused):
    with (penguins / ".amlignore").open("a") as rules:
        rules.write("src/\npyproject.toml\n")
    told = refused("compile", "-j", "training")
    assert "error code-ignored: src/penguins/__init__.py" in told
    assert "error code-ignored: pyproject.toml" in told


def test_credentials_that_stay_at_home_are_refused_where_a_node_uses_them(penguins, refused):
    change(
        penguins,
        "conf/base/catalog.yml",
        r"^islands:\n  type: pandas.CSVDataset\n",
        "islands:\n  type: pandas.CSVDataset\n  credentials: away\n",
    )
    (penguins / "conf/local/credentials.yml").write_text("away: {key: hunter2}\n")
    told = refused("compile", "-j", "training")
    assert "error credential-stays: islands: its credentials 'away' do not travel" in told
    assert "hunter2" not in told


def test_a_catalog_larger_than_omegaconf_reads_is_named_with_what_to_do(penguins, refused):
    entry = "d{}: {{type: json.JSONDataset, filepath: {}.json, metadata: {{a: 1, b: 2}}}}\n"
    large = "".join(entry.format(number, number) for number in range(2000))
    (penguins / "conf/base/catalog_large.yml").write_text(large)
    told = refused("compile", "-j", "training")
    assert "conf/base/catalog_large.yml has more than 10,000 keys and values" in told
    assert "Split the file" in told


def test_an_unknown_environment_is_answered_with_those_that_there_are(refused):
    told = refused("compile", "-j", "training", "--env", "bsae")
    assert "There is no environment 'bsae' in 'conf' (did you mean 'base'?)." in told


def test_a_job_whose_name_is_a_path_is_refused(penguins, refused):
    change(penguins, "conf/base/azureml.yml", r"^  training:", '  "../../x":')
    assert "'../../x' is not a valid job name" in refused("compile", "-j", "../../x")


def test_local_data_between_steps_is_refused_with_the_entry_to_write(penguins, refused):
    change(
        penguins,
        "conf/base/catalog.yml",
        r"^predictions:\n(  .*\n)+",
        "predictions:\n  type: pandas.ParquetDataset\n  filepath: data/predictions.parquet\n",
    )
    told = refused("compile", "-j", "training")
    assert "error local-data-between-steps: predictions" in told
    assert "type: kedro_azureml_datasets.AzureMLPipelineDataset" in told


def test_a_secret_that_would_travel_is_refused(penguins, refused):
    (penguins / "conf/base/credentials.yml").write_text("db: {password: hunter2}\n")
    told = refused("compile", "-j", "training")
    assert "error credential-travels: conf/base/credentials.yml" in told
    assert "hunter2" not in told


def test_an_input_that_the_ignore_file_keeps_at_home_is_refused(penguins, refused):
    change(penguins, ".amlignore", r"^!/data/reference/\n", "")
    told = refused("compile", "-j", "training")
    assert "error input-ignored: islands" in told
    assert "!data/reference/islands.csv" in told


def test_an_asset_that_is_not_on_this_machine_is_named_before_anything_runs(penguins, local):
    (penguins / "data/penguins/1/penguins.csv").rename(penguins / "data/away.csv")
    (penguins / "data/penguins/1").rmdir()
    done = local.kedro("azureml", "simulate", "-j", "training", cwd=penguins)
    assert done.returncode == 1
    assert "Version '1' of the data asset 'penguins' is not on this machine." in done.stderr
    assert not (penguins / "build/azureml-runs").exists()


def test_a_job_whose_code_is_in_an_image_is_not_simulated(penguins, local):
    change(penguins, "conf/base/azureml.yml", r"code_directory: \.", "code_directory: null")
    done = local.kedro("azureml", "simulate", "-j", "training", cwd=penguins)
    assert done.returncode == 1
    assert "takes its code from the image (code_directory: null)" in done.stderr
    assert not (penguins / "build/azureml-runs").exists()


def test_an_interpreter_that_is_none_is_refused(penguins, local):
    done = local.kedro(
        "azureml", "simulate", "-j", "training", "--python", "/no/python", cwd=penguins
    )
    assert done.returncode == 2
    assert "/no/python" in done.stderr


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--params", "a", "'a' is not key=value."),
        ("--params", "a=${{inputs.x}}", "cannot be read"),
        ("--params", "a=[", "cannot be read"),
        ("--load-versions", "a", "'a' is not dataset:version."),
    ],
)
def test_an_option_that_cannot_be_read_is_a_usage_error(option, value, told, refused):
    assert told in refused("compile", "-j", "training", option, value, code=2)


def test_load_versions_of_an_unknown_dataset_are_refused(refused):
    told = refused("compile", "-j", "training", "--load-versions", "penguin:2")
    assert "did you mean 'penguins'?" in told


def test_init_writes_files_from_which_a_job_compiles(penguins, local):
    (penguins / "conf/base/azureml.yml").unlink()
    done = local.kedro("azureml", "init", "--force", cwd=penguins)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Wrote conf/base/azureml.yml" in done.stdout
    done = local.kedro("azureml", "compile", "-j", "default", cwd=penguins)
    assert done.returncode == 0, done.stdout + done.stderr


def test_init_replaces_nothing_by_itself(refused):
    told = refused("init")
    assert "conf/base/azureml.yml and .amlignore already exist; nothing was written." in told
    assert "--force" in told
