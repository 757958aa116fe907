"""Environments and projects for tests across the packages."""

import shutil
from pathlib import Path

import pytest
from azure_loopback.fixtures import (  # noqa: F401  (of the tests that speak to Azure)
    azure,
    compiled_farm,
    farm,
    shop,
)
from environments import SHUTTLES, Environment, judged, needed, new_environment
from warm_python import WarmPython


@pytest.fixture(scope="session")
def wheels() -> dict[str, str]:
    """Paths of the built wheels by the name of their package."""
    folder = Path(needed("KEDRO_AZUREML_WHEELS"))
    return {wheel.name.split("-")[0]: str(wheel) for wheel in folder.glob("*.whl")}


@pytest.fixture(scope="session")
def template(tmp_path_factory, wheels) -> Path:
    """A project as `kedro new` makes it from the starter in the wheel; copied, never changed."""
    folder = tmp_path_factory.mktemp("starter")
    environment = new_environment(folder / "venv", *wheels.values())
    done = environment.kedro("new", "--starter", "azureml", "--name", "Penguins", cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "penguins"


@pytest.fixture(scope="session")
def local(tmp_path_factory, template, wheels) -> Environment:
    """Where a user works: the command line and what the projects need."""
    return new_environment(
        tmp_path_factory.mktemp("local") / "venv",
        "-r", str(template / "requirements.txt"),
        "-r", str(SHUTTLES / "requirements.txt"),
        *wheels.values(),
    )  # fmt: skip


@pytest.fixture(scope="session")
def image(tmp_path_factory, template, wheels, local) -> Environment:
    """Like a step's image: what the projects need and the datasets, in the same versions."""
    folder = tmp_path_factory.mktemp("image")
    pinned = [line for line in local.frozen() if "==" in line]
    (folder / "constraints.txt").write_text("\n".join(pinned))
    return new_environment(
        folder / "venv",
        "-c", str(folder / "constraints.txt"),
        "-r", str(template / "requirements.txt"),
        "-r", str(SHUTTLES / "requirements.txt"),
        wheels["kedro_azureml_datasets"],
    )  # fmt: skip


@pytest.fixture
def penguins(tmp_path, template) -> Path:
    """A fresh copy of the starter's project."""
    return Path(shutil.copytree(template, tmp_path / "penguins"))


@pytest.fixture
def shuttles(tmp_path) -> Path:
    """A fresh copy of the project that is not the starter's."""
    return Path(shutil.copytree(SHUTTLES, tmp_path / "shuttles"))


@pytest.fixture(scope="session")
def bench():
    """Where small projects are run, in Pythons that have their imports behind them."""
    from small_projects import Bench

    with Bench() as started:
        yield started


@pytest.fixture(scope="session")
def sdk(tmp_path_factory) -> Path:
    """A Python that has imported the SDK of Azure ML."""
    with WarmPython(tmp_path_factory.mktemp("sdk"), ["azure.ai.ml.entities"]) as python:
        yield python.path


@pytest.fixture
def both_ways(local, image, sdk):
    """Run a job as `kedro run` and as a simulation; have the data compared, the job judged."""

    def run(project: Path, job: str, **environ: str) -> str:
        done = local.kedro(
            "azureml", "verify", "-j", job, "--python", str(image.python), "--strict",
            cwd=project, **environ,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        assert judged(project / "build/azureml" / job / "pipeline.yml", python=sdk) == {}
        return done.stdout

    return run


def pytest_collection_modifyitems(items):
    for item in items:
        if "azure" in getattr(item, "fixturenames", ()):
            item.add_marker("azure")
