"""A file of kedro-azureml 1.0 is answered with the same file in the form of today."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from kedro_azureml_compiler.settings.parsing import ConfigError, read_config
from stress import examples

# The template of kedro-azureml 1.0.0, filled in.
OLDER = """
azure:
  subscription_id: "11111111-2222"
  experiment_name: "birds"
  resource_group: "rg"
  workspace_name: "ws"
  environment_name: "birds-env@latest"
  code_directory: "."
  working_directory: /home/kedro_docker
  pipeline_data_passing:
    enabled: true
  temporary_storage:
    account_name: "account"
    container: "container"
  compute:
    __default__:
      cluster_name: "cpu"
    gpu:
      cluster_name: "gpu-cluster"
docker:
  image: "registry.io/birds:1"
"""


def shown_for(raw: object) -> str:
    with pytest.raises(ConfigError, match=r"is in the format of kedro-azureml 1\.0") as caught:
        read_config(raw)
    intro, _, shown = caught.value.hint.partition("\n\n")
    assert intro.splitlines() == [
        "Convert it with:  kedro azureml migrate",
        "The same settings in the current format:",
    ]
    return shown


def test_the_file_shown_is_accepted_and_holds_the_values():
    shown = shown_for(yaml.safe_load(OLDER))
    config = read_config(yaml.safe_load(shown))
    workspace = config.workspace["__default__"]
    assert (workspace.subscription_id, workspace.resource_group) == ("11111111-2222", "rg")
    assert workspace.name == "ws"
    assert {name: entry.cluster_name for name, entry in config.compute.items()} == {
        "__default__": "cpu",
        "gpu": "gpu-cluster",
    }
    assert config.execution.environment == "birds-env@latest"
    assert config.execution.code_directory == "."
    assert config.jobs["default"].experiment_name == "birds"
    assert config.jobs["default"].pipeline.registered == ("__default__",)
    assert "Without 'temporary_storage'" in shown


def test_code_in_a_docker_image_stays_there():
    raw = yaml.safe_load(OLDER)
    raw["azure"] |= {"environment_name": None, "code_directory": None}
    execution = read_config(yaml.safe_load(shown_for(raw))).execution
    assert execution.environment.image == "registry.io/birds:1"
    assert execution.code_directory is None
    assert execution.working_directory == "/home/kedro_docker"


@pytest.mark.parametrize("azure", [None, {}, [], "x", {"compute": None}, {"compute": {"gpu": {}}}])
def test_what_is_missing_has_a_place_to_be_filled_in(azure):
    shown = shown_for({"azure": azure})
    config = read_config(yaml.safe_load(shown))
    assert config.workspace["__default__"].name == "<workspace>"
    assert config.compute["__default__"].cluster_name == "<cluster>"


VALUES = st.none() | st.text(max_size=4) | st.integers() | st.booleans() | st.just({"x": 1})
KEYS = st.sampled_from(
    ["subscription_id", "resource_group", "workspace_name", "experiment_name", "environment_name",
     "code_directory", "working_directory", "compute", "temporary_storage"]
)  # fmt: skip


@given(st.dictionaries(KEYS, VALUES), st.dictionaries(st.just("image"), VALUES) | VALUES)
@examples(100)
def test_whatever_stands_there_the_file_shown_is_accepted(azure, docker):
    shown = yaml.safe_load(shown_for({"azure": azure, "docker": docker}))
    assert set(read_config(shown).workspace) == {"__default__"}
