"""kedro-mlflow itself with wrapped datasets: what it logs is the file that the node has written.

It comes into an environment of its own: its hooks would be in every other test.
"""

import json
import os
import subprocess
import textwrap
from pathlib import Path

import pytest

CATALOG = """
words:
  type: kedro_azureml_datasets.AzureMLAssetDataset
  azureml_dataset: words
  azureml_version: "3"
  dataset: {type: json.JSONDataset, filepath: words.json}
around:
  type: kedro_mlflow.io.artifacts.MlflowArtifactDataset
  dataset:
    type: kedro_azureml_datasets.AzureMLPipelineDataset
    dataset: {type: text.TextDataset, filepath: around.txt}
inside:
  type: kedro_azureml_datasets.AzureMLPipelineDataset
  dataset:
    type: kedro_mlflow.io.artifacts.MlflowArtifactDataset
    dataset: {type: text.TextDataset, filepath: inside.txt}
counts:
  type: kedro_mlflow.io.artifacts.MlflowArtifactDataset
  dataset:
    type: kedro_azureml_datasets.AzureMLAssetDataset
    azureml_dataset: counts
    azureml_version: "8"
    dataset: {type: json.JSONDataset, filepath: counts.json}
longest:
  type: kedro_azureml_datasets.AzureMLAssetDataset
  azureml_dataset: longest
  azureml_version: "1"
  azureml_type: uri_file
  dataset: {type: pickle.PickleDataset, filepath: longest.pkl}
"""

REGISTRY = """
from kedro.pipeline import node, pipeline
from kedro_mlflow.pipeline import pipeline_ml_factory

def count(words):
    return {word: len(word) for word in words}

def tell(counts):
    return f"around {len(counts)}", f"inside {len(counts)}"

def train(words):
    return max(words, key=len)

def predict(longest, words, sentence):
    return [len(word) for word in sentence if word in words and word != longest]

def register_pipelines():
    logged = pipeline([
        node(count, "words", "counts"),
        node(tell, "counts", ["around", "inside"]),
    ])
    training = pipeline([node(train, "words", "longest")])
    inference = pipeline([node(predict, ["longest", "words", "sentence"], "lengths")])
    model = pipeline_ml_factory(
        training, inference, input_name="sentence", log_model_kwargs={"signature": None}
    )
    return {"__default__": logged, "training": model}
"""

ASK = """
import json, pathlib, sys, mlflow

mlflow.set_tracking_uri("mlruns")
client = mlflow.MlflowClient()
experiment = client.get_experiment_by_name("shop")
(run,) = client.search_runs([experiment.experiment_id])
files = {
    path.name: path.read_text()
    for path in pathlib.Path(client.download_artifacts(run.info.run_id, "")).glob("*.*")
}
print("FOUND", json.dumps(files))
"""

PREDICT = """
import sys

import mlflow

sys.path.insert(0, "src")

mlflow.set_tracking_uri("mlruns")
experiment = mlflow.get_experiment_by_name("shop").experiment_id
(model,) = mlflow.search_logged_models([experiment], output_format="list")
print("PREDICTED", mlflow.pyfunc.load_model(model.model_uri).predict(["ab", "abcd", "xyz"]))
"""


IMPORTED = (
    "kedro.framework.cli.cli", "kedro.framework.cli.project", "kedro.framework.session",
    "kedro.runner", "kedro_mlflow.framework.hooks", "kedro_mlflow.io.artifacts",
    "kedro_mlflow.pipeline", "mlflow.pyfunc", "kedro_datasets.json", "kedro_datasets.pickle",
    "kedro_datasets.text", "kedro_azureml_datasets.hooks", "data_in_memory",
)  # fmt: skip
"""What every process here imports, in seconds."""


@pytest.fixture(scope="module")
def tracked(with_kedro_mlflow) -> Path:
    return with_kedro_mlflow.warmed(IMPORTED).path


@pytest.fixture
def project(tmp_path) -> Path:
    folder = tmp_path / "shop"
    files = {
        "pyproject.toml": """
            [tool.kedro]
            package_name = "shop"
            project_name = "Shop"
            kedro_init_version = "1.2.0"
            """,
        "src/shop/__init__.py": "",
        "src/shop/settings.py": "",
        "src/shop/pipeline_registry.py": REGISTRY,
        "conf/base/catalog.yml": CATALOG,
        "conf/base/parameters.yml": "{}",
        "conf/base/mlflow.yml": "server: {mlflow_tracking_uri: mlruns}",
        "conf/local/.gitkeep": "",
        "data/words/3/words.json": '["ab", "abc", "abcd"]',
        "data/words/local/words.json": '["of another run"]',
        "data/counts/8/counts.json": '{"of": "another run"}',
        "data/longest/1/longest.pkl": "of another run",
    }
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(textwrap.dedent(content))
    return folder


def said(python: Path, project: Path, *args: str) -> str:
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(project.parent),
        "KEDRO_DISABLE_TELEMETRY": "1",
        "HTTPS_PROXY": "http://127.0.0.1:1",
        # A folder, which MLflow wants to be asked for: a database takes it long to make.
        "MLFLOW_ALLOW_FILE_STORE": "true",
    }
    done = subprocess.run(
        [python, *args], cwd=project, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_mlflow_has_the_artifacts_of_wrapped_datasets_as_the_run_has_written_them(tracked, project):
    said(tracked, project, "-m", "kedro", "run")
    found = said(tracked, project, "-c", ASK).splitlines()[-1].removeprefix("FOUND ")
    files = json.loads(found)
    assert json.loads(files.pop("counts.json")) == {"ab": 2, "abc": 3, "abcd": 4}
    assert files == {"around.txt": "around 3", "inside.txt": "inside 3"}
    assert (project / "data/around.txt").read_text() == "around 3"


def test_a_pipeline_that_mlflow_has_stored_as_a_model_finds_its_artifacts_again(tracked, project):
    said(tracked, project, "-m", "kedro", "run", "--pipeline", "training")
    (project / "data").rename(project / "moved-away")
    predicted = said(tracked, project, "-c", PREDICT).splitlines()[-1]
    assert predicted == "PREDICTED [2]"
