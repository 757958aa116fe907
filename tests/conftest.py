"""Environments and projects for tests across the packages."""

import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from azure_loopback.fixtures import (  # noqa: F401  (of the tests that speak to Azure)
    azure,
    compiled_farm,
    farm,
    shop,
)
from environments import (
    SHUTTLES,
    Environment,
    WarmEnvironment,
    judged,
    make_once,
    needed,
    new_environment,
)
from small_projects import COMPILER, KEDRO
from warm_python import WarmPython

LEARNING = ("plotly.graph_objects", "sklearn.ensemble", "sklearn.model_selection")
"""What the nodes of the projects import besides."""


@pytest.fixture(scope="session")
def wheels() -> dict[str, str]:
    """Paths of the built wheels by the name of their package."""
    folder = Path(needed("KEDRO_AZUREML_WHEELS"))
    return {wheel.name.split("-")[0]: str(wheel) for wheel in folder.glob("*.whl")}


@pytest.fixture(scope="session")
def shared(tmp_path_factory) -> Path:
    """A folder for what is made once: all processes of this run of pytest see it."""
    own = tmp_path_factory.getbasetemp()
    return (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "shared"


@pytest.fixture(scope="session")
def built(shared) -> Callable[..., Environment]:
    """Return an environment by its name, with requirements; built once."""

    def build(name: str, *requirements: str) -> Environment:
        folder = shared / name
        return Environment(make_once(folder, lambda: new_environment(folder, *requirements)))

    return build


@pytest.fixture(scope="session")
def template(shared, built, wheels) -> Path:
    """A project as `kedro new` makes it from the starter in the wheel; copied, never changed."""
    environment = built("local", *wheels.values())

    def make() -> None:
        done = environment.kedro("new", "--starter", "azureml", "--name", "Penguins", cwd=shared)
        assert done.returncode == 0, done.stdout + done.stderr

    return make_once(shared / "penguins", make)


@pytest.fixture(scope="session")
def projects_need(template) -> tuple[str, ...]:
    """The requirements of the projects, as options of `pip install`."""
    return ("-r", str(template / "requirements.txt"), "-r", str(SHUTTLES / "requirements.txt"))


@pytest.fixture(scope="session")
def local(shared, template, projects_need) -> Environment:
    """Where a user works: the command line and what the projects need."""
    folder = shared / "local"
    needed_there = (*projects_need, "pytest")  # the starter's project has tests of its own
    whole = shared / "local-with-projects"
    make_once(whole, lambda: Environment(folder).install(*needed_there))
    return WarmEnvironment(folder, [*KEDRO, *COMPILER, *LEARNING])


@pytest.fixture(scope="session")
def image(shared, built, projects_need, wheels, local) -> Environment:
    """Like a step's image: what the projects need and the datasets, in the same versions."""
    constraints = shared / "constraints.txt"
    pinned = [line for line in local.frozen() if "==" in line]
    make_once(constraints, lambda: constraints.write_text("\n".join(pinned)))
    datasets = wheels["kedro_azureml_datasets"]
    return built("image", "-c", str(constraints), *projects_need, datasets)


@pytest.fixture(scope="session")
def warm_image(image) -> Path:
    """A Python of the image that has imported what the steps of the projects need."""
    here = [module for module in KEDRO if module != "pydantic.main"]  # no need of a step's
    return image.warmed([*here, *LEARNING]).path


@pytest.fixture(scope="session")
def with_kedro_mlflow(built, wheels) -> Environment:
    """An image with kedro-mlflow, whose hooks would be in every other test."""
    return built(
        "with-kedro-mlflow",
        f"kedro-azureml-datasets[mlflow] @ file://{wheels['kedro_azureml_datasets']}",
        wheels["kedro_azureml_runner"],
        "kedro-datasets[pickle]",
        "kedro-mlflow",
    )


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
def both_ways(local, warm_image, sdk):
    """Run a job as `kedro run` and as a simulation; have the data compared, the job judged."""

    def run(project: Path, job: str) -> str:
        done = local.kedro(
            "azureml", "verify", "-j", job, "--python", str(warm_image), "--strict", cwd=project
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert judged(project / "build/azureml" / job / "pipeline.yml", python=sdk) == {}
        return done.stdout

    return run


def pytest_collection_modifyitems(items):
    for item in items:
        if "azure" in getattr(item, "fixturenames", ()):
            item.add_marker("azure")


@pytest.fixture(autouse=True, scope="session")
def _heed_ctrl_c():
    """Let processes of tests get Ctrl-C, also where the tests run in the background of a shell.

    A shell has its background processes ignore it, and a process hands that on.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before or signal.SIG_DFL)
