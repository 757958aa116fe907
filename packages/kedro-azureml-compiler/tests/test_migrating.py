"""`migrate`: what changes in a project of an earlier plugin, and what is left to its owner."""

import pytest
import yaml
from kedro_azureml_compiler.fixing.writing import write_changes
from kedro_azureml_compiler.migrating.plan_migration import MigrationPlan, plan_migration
from kedro_azureml_compiler.project.request import ProjectRequest

pytestmark = pytest.mark.once

OLDER = """\
# Our subscription.
azure:
  subscription_id: "0000"
  resource_group: rg
  workspace_name: ws
  experiment_name: training
  compute:
    __default__: {cluster_name: cpu}
    gpu: {cluster_name: gpus}
  environment_name: env@latest
  code_directory: .
"""


def migrated(project) -> MigrationPlan:
    """Migrate a project; a second time changes nothing."""
    plan = plan_migration(ProjectRequest(project.root))
    write_changes(plan.changes)
    assert plan_migration(ProjectRequest(project.root)).changes == ()
    return plan


def told(project) -> list[str]:
    return [str(remark) for remark in plan_migration(ProjectRequest(project.root)).remarks]


def test_the_settings_of_the_older_plugin_are_converted_in_every_environment(small_project):
    small_project.azureml(OLDER)
    small_project.write("conf/prod/azureml.yml", OLDER.replace("cpu", "large"))
    plan = migrated(small_project)
    assert [change.file for change in plan.changes] == [
        "conf/base/azureml.yml",
        "conf/prod/azureml.yml",
    ]
    text = (small_project.root / "conf/base/azureml.yml").read_text()
    assert text.startswith("# Our subscription.\nworkspace:\n")
    for env, cluster in (("base", "cpu"), ("prod", "large")):
        content = yaml.safe_load((small_project.root / f"conf/{env}/azureml.yml").read_text())
        assert content["compute"]["__default__"] == {"cluster_name": cluster}
    assert small_project.check() == {"default": ()}


def test_the_settings_of_the_newer_plugin_stay_byte_by_byte(small_project):
    before = (small_project.root / "conf/base/azureml.yml").read_bytes()
    assert migrated(small_project).changes == ()
    assert (small_project.root / "conf/base/azureml.yml").read_bytes() == before


@pytest.mark.parametrize("plugin", ["kedro_azureml", "kedro_azureml_pipeline"])
def test_types_are_replaced_wherever_they_stand_and_nothing_else(small_project, plugin):
    old = f"{plugin}.datasets.AzureMLPipelineDataset"
    text = f"""\
_base: &b   # of all
  type: {old}
one:
  <<: *b
  dataset: {{type: json.JSONDataset, filepath: x.json}}
two: {{type: "{old}",  dataset: {{type: json.JSONDataset, filepath: y.json}}}}
"{{name}}_f":
    type:  '{plugin}.datasets.asset_dataset.AzureMLAssetDataset'   # an asset
    azureml_dataset: "{{name}}"
    azureml_version: "017"
    dataset: {{type: json.JSONDataset, filepath: x.json}}
note: {{type: json.JSONDataset, filepath: {plugin}.datasets.AzureMLPipelineDataset.json}}
"""
    small_project.catalog(text)
    small_project.write("conf/local/catalog.yml", f"one: {{type: {old}, dataset: {{}}}}\r\n")
    migrated(small_project)
    new = "type: kedro_azureml_datasets.AzureMLPipelineDataset"
    expected = text.replace(f"type: {old}", new)
    expected = expected.replace(f'type: "{old}"', 'type: "' + new.partition(": ")[2] + '"')
    expected = expected.replace(
        f"'{plugin}.datasets.asset_dataset.AzureMLAssetDataset'",
        "'kedro_azureml_datasets.AzureMLAssetDataset'",
    )
    assert (small_project.root / "conf/base/catalog.yml").read_text() == expected
    local = (small_project.root / "conf/local/catalog.yml").read_bytes()
    assert local == f"one: {{{new}, dataset: {{}}}}\r\n".encode()


def test_a_type_that_is_an_interpolation_of_something_else_is_not_touched(small_project):
    small_project.catalog(
        "_plugin: kedro_azureml\n"
        "one: {type: '${_plugin}.datasets.AzureMLPipelineDataset', dataset: {type: x}}\n"
    )
    assert migrated(small_project).changes == ()


def test_what_an_earlier_type_has_no_successor_for_is_told(small_project):
    small_project.catalog("one:\n  type: kedro_azureml.datasets.AzureMLFileDataset\n")
    (remark,) = told(small_project)
    assert remark.startswith("conf/base/catalog.yml:2: 'kedro_azureml.datasets.AzureMLFileDataset'")
    assert "AzureMLAssetDataset" in remark


def test_a_nested_path_that_is_the_folder_itself_is_told(small_project):
    small_project.catalog(
        "one:\n  type: kedro_azureml.datasets.AzureMLAssetDataset\n  azureml_dataset: one\n"
        '  dataset:\n    type: pandas.ParquetDataset\n    filepath: "."\n'
    )
    (remark,) = told(small_project)
    assert remark.startswith("conf/base/catalog.yml:6: the path '.' stands for the whole folder")
    migrated(small_project)
    small_project.nodes(("a", "one", "x"))
    assert [finding.code for finding in small_project.check()["j"]] == ["catalog-entry"]


def test_hooks_and_disabled_plugins_in_the_settings_are_told(small_project):
    small_project.settings(
        'DISABLE_HOOKS_FOR_PLUGINS = ("kedro-azureml",)\n'
        "try:\n"
        "    from kedro_azureml.hooks import azureml_local_run_hook\n"
        "except ImportError:\n"
        "    pass\n"
    )
    file = f"src/{small_project.package}/settings.py"
    own = "remove the hook; kedro-azureml-datasets brings its own"
    assert told(small_project) == [
        f"{file}:1: 'kedro-azureml' is no longer installed; remove it.",
        f"{file}:3: azureml_local_run_hook: {own}.",
    ]


@pytest.mark.parametrize(
    ("decorator", "written"),
    [
        ("Framework.PyTorch, 2", "{instance_count: 2, distribution: {type: pytorch}}"),
        ("framework='MPI', num_nodes=3, processes_per_node=4",
         "{instance_count: 3, distribution: {type: mpi, process_count_per_instance: 4}}"),
        ("Framework.TensorFlow, num_nodes='params:n'",
         "{instance_count: <the number of instances>, distribution: {type: tensorflow}}"),
    ],
)  # fmt: skip
def test_the_distributed_decorator_is_told_with_what_to_write(small_project, decorator, written):
    small_project.write(
        f"src/{small_project.package}/training.py",
        "from kedro_azureml_pipeline.distributed import Framework, distributed_job as spread\n\n\n"
        f"@spread({decorator})\ndef fit(data): return data\n",
    )
    remark = told(small_project)[-1]
    assert remark.startswith(f"src/{small_project.package}/training.py:4: remove @distributed_job")
    assert remark.endswith(f"for the node of 'fit' in azureml.yml:  steps: {{NODE: {written}}}.")


def test_requirements_that_name_an_earlier_plugin_are_told(small_project):
    small_project.write(
        "requirements.txt",
        "kedro-azureml-datasets\n# kedro-azureml\nkedro_azureml[mlflow]>=1\nmy-kedro-azureml\n",
    )
    small_project.write("Dockerfile", "RUN pip install kedro-azureml-pipeline==0.1.0\n")
    places = [remark.partition(": ")[0] for remark in told(small_project)]
    assert places == ["Dockerfile:1", "requirements.txt:3"]


def test_an_image_with_the_code_needs_the_runner(small_project):
    needed = "so that image needs kedro-azureml-runner and its requirements."
    small_project.azureml(OLDER.replace("code_directory: .", "code_directory: null"))
    assert told(small_project)[0].endswith(needed)
    migrated(small_project)
    assert told(small_project)[0].endswith(needed)  # of the converted file too


def test_a_catalog_that_kedro_cannot_read_is_left_as_it_is(small_project):
    small_project.catalog(
        "one: {type: kedro_azureml.datasets.AzureMLPipelineDataset, dataset: '${nothing}'}\n"
    )
    plan = migrated(small_project)
    assert plan.changes == ()
    assert "Kedro cannot read the catalog" in str(plan.remarks[0])
