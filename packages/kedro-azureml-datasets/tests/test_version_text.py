"""A version that YAML has changed is refused, with the text and its place."""

import pytest
from kedro.config import OmegaConfigLoader
from kedro_azureml_datasets import AzureMLAssetDataset, AzureMLDatasetError
from kedro_azureml_datasets.azure_ml import settings
from kedro_azureml_datasets.azure_ml.settings import remember_session_settings

CATALOG = """
other:
  type: kedro_azureml_datasets.AzureMLAssetDataset
  azureml_dataset: other
  azureml_version: "010"

penguins:
  type: kedro_azureml_datasets.AzureMLAssetDataset
  azureml_dataset: penguins
  azureml_version: {}
  dataset: {{type: text.TextDataset, filepath: p.txt}}
"""


@pytest.fixture
def build(tmp_path, monkeypatch):
    """Build the dataset `penguins` as a session does, from a version as it is written."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(settings, "_session_settings", None)

    def build(text, **files):
        files = {"base/catalog.yml": CATALOG.format(text), "local/.gitkeep": "", **files}
        for name, content in files.items():
            file = tmp_path / "conf" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
        loader = OmegaConfigLoader(str(tmp_path / "conf"), base_env="base", default_run_env="local")
        remember_session_settings(loader)
        entry = loader["catalog"]["penguins"]
        return AzureMLAssetDataset(**{key: entry[key] for key in entry if key != "type"})

    return build


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("010", "8"),
        ("01", "1"),
        ("1_0", "10"),
        ("1:30", "90"),
        ("0x1F", "31"),
        ("0b11", "3"),
        ("+3", "3"),
        ("true", "True"),
        ("no", "False"),
        ("On", "True"),
    ],
)
def test_a_version_that_yaml_changes_is_refused_with_its_text_and_place(build, text, value):
    with pytest.raises(AzureMLDatasetError) as caught:
        build(text)
    assert f"is written {text}, which YAML reads as {value} (conf/base/catalog.yml:10)" in str(
        caught.value
    )
    assert caught.value.hint == f'Write it in quotes:  "{text}"'


@pytest.mark.parametrize("text", ["3", "10", "0", '"010"', "'1:30'", "v1", "2024-01-01", "1.2.3"])
def test_a_version_that_yaml_leaves_as_it_is_needs_no_quotes(build, text):
    assert build(text).load_version == text.strip("\"'")


def test_no_version_is_the_latest(build):
    assert build("null").arguments["azureml_version"] is None


def test_a_reference_is_followed_to_where_the_version_is_written(build):
    globals_file = {"base/globals.yml": "versions:\n  penguins: 010\n"}
    with pytest.raises(AzureMLDatasetError, match=r"010.*reads as 8 \(conf/base/globals.yml:2\)"):
        build('"${globals:versions.penguins}"', **globals_file)
    globals_file = {"base/globals.yml": "versions:\n  penguins: 8\n"}
    assert build("${globals:versions.penguins}", **globals_file).load_version == "8"


def test_the_environments_own_entry_counts(build):
    text = CATALOG.format("8").replace("\nother", "\nanother")
    assert build("010", **{"local/catalog.yml": text}).load_version == "8"


def test_a_truth_value_is_refused_where_no_file_is_known(build):
    dataset = {"type": "text.TextDataset", "filepath": "p.txt"}
    with pytest.raises(AzureMLDatasetError, match="truth value"):
        AzureMLAssetDataset("penguins", dataset, azureml_version=True)
    assert AzureMLAssetDataset("penguins", dataset, azureml_version=8).load_version == "8"
