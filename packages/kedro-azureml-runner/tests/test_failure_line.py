"""The last line of a failed step names the root cause, and the package that the image needs."""

from __future__ import annotations

from importlib import import_module

import pytest
from kedro_azureml_datasets import KedroAzureMLError
from kedro_azureml_runner import mlflow_bridge
from kedro_azureml_runner.failure_line import write_failure_line
from kedro_azureml_runner.mlflow_bridge import track_step


def wrapped(error: Exception) -> Exception:
    """As `find_pipelines` wraps what goes wrong in the import of a pipeline."""
    try:
        try:
            raise error
        except Exception as cause:
            message = "An error occurred while importing the 'x.pipelines.training' module."
            raise ImportError(message) from cause
    except ImportError as outer:
        return outer


def missing(name: str) -> Exception:
    with pytest.raises(ModuleNotFoundError) as caught:
        import_module(name)
    return caught.value


@pytest.mark.parametrize(
    ("module", "package"),
    [("no_such_library", "no-such-library"), ("no_such.part", "no-such"), ("umap", "umap-learn")],
)
def test_a_forgotten_package_is_named_with_its_pip_line(module, package):
    line = write_failure_line(wrapped(missing(module)), "before its first node")
    assert line.startswith("Step failed before its first node: ImportError: An error occurred")
    top = module.partition(".")[0]
    assert (
        f"'x.pipelines.training' module. Caused by ModuleNotFoundError: No module named '{top}"
        in line
    )
    assert line.endswith(f"needs the package {package}: pip install {package}")


def test_a_module_of_the_project_is_not_taken_for_a_package(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "src/orchard").mkdir(parents=True)
    (tmp_path / "src/orchard/__init__.py").touch()
    error = ModuleNotFoundError("No module named 'orchard.trees'", name="orchard.trees")
    line = write_failure_line(wrapped(error), "before its first node")
    assert "pip install" not in line
    assert "part of the project and did not travel" in line


def test_an_error_without_another_behind_it_is_left_as_it_is():
    assert write_failure_line(ValueError("a worm"), "in node 'eat'") == (
        "Step failed in node 'eat': ValueError: a worm"
    )


def test_a_cause_that_the_error_quotes_is_not_repeated():
    error = RuntimeError("cannot save: disk on fire")
    error.__cause__ = OSError("disk on fire")
    assert (
        write_failure_line(error, "here")
        == "Step failed here: RuntimeError: cannot save: disk on fire"
    )


def test_errors_that_cause_each_other_end_too():
    first, second = ValueError("one"), ValueError("two")
    first.__cause__, second.__cause__ = second, first
    assert write_failure_line(first, "here").endswith("Caused by ValueError: two")


def test_kedro_mlflow_without_its_plugin_is_refused_with_the_pip_line(tmp_path, monkeypatch):
    (tmp_path / "kedro_mlflow").mkdir()
    (tmp_path / "kedro_mlflow/__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    try:
        mlflow_bridge.version("azureml-mlflow")
    except mlflow_bridge.PackageNotFoundError:
        pass
    else:
        pytest.fail("this Python has the plugin")
    environ = {"MLFLOW_TRACKING_URI": "azureml://westeurope.api.azureml.ms/mlflow/v1.0"}
    with (
        pytest.raises(KedroAzureMLError, match="azureml-mlflow") as caught,
        track_step(None, None, environ),
    ):
        pass
    assert "pip install azureml-mlflow" in str(caught.value)
    with track_step(None, None, {"MLFLOW_TRACKING_URI": "file:///runs"}):
        pass
