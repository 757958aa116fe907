"""What tests share: the project's own data and parameters, and a copy to run."""

import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from kedro.config import OmegaConfigLoader

PROJECT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def penguins() -> pd.DataFrame:
    return pd.read_csv(PROJECT / "data" / "penguins" / "1" / "penguins.csv")


@pytest.fixture(scope="session")
def islands() -> pd.DataFrame:
    return pd.read_csv(PROJECT / "data" / "reference" / "islands.csv")


@pytest.fixture(scope="session")
def parameters() -> dict[str, Any]:
    conf = OmegaConfigLoader(
        str(PROJECT / "conf"), base_env="base", default_run_env="base"
    )
    return conf["parameters"]


@pytest.fixture(scope="session")
def project_copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with its shipped data and nothing else, free to be written to."""
    copy = tmp_path_factory.mktemp("project")
    shutil.copy(PROJECT / "pyproject.toml", copy)
    for folder in ("src", "conf/base", "data/penguins/1", "data/reference"):
        shutil.copytree(PROJECT / folder, copy / folder)
    (copy / "conf" / "local").mkdir()
    return copy
