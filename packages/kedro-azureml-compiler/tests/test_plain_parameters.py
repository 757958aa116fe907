"""Parameters are read without pandas, and `azureml.yml` by the patterns of local runs."""

import subprocess
import sys

import pytest
from kedro.config import OmegaConfigLoader
from kedro.framework.project import settings
from kedro.io import DataCatalog
from kedro_azureml_compiler.project.azureml_yml import read_settings
from kedro_azureml_compiler.project.plain_parameters import keep_parameters_plain
from kedro_azureml_compiler.project.request import ProjectRequest
from kedro_azureml_datasets.azure_ml.settings import SessionSettings

CODE = """
import sys
from contextlib import nullcontext
from pathlib import Path

from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from kedro_azureml_compiler.project.plain_parameters import keep_parameters_plain

bootstrap_project(Path(sys.argv[1]))
with KedroSession.create(sys.argv[1]) as session:
    context = session.load_context()
    with keep_parameters_plain() if sys.argv[2] == "plain" else nullcontext():
        catalog = context.catalog
    imported = sorted({'pandas', 'numpy'} & set(sys.modules))
    first, second = (catalog.load("params:seed") for _ in range(2))
print(imported)
print(first == second, first["deep"] is not second["deep"])
"""


def read_parameters(project, how):
    project.write("conf/base/parameters.yml", "seed: {deep: [1, 2.5, null, true, text]}")
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(project.root), how],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()[-2:]


def test_parameters_cost_no_import_of_pandas_and_are_copied_as_ever(small_project):
    """Fails where Kedro makes its catalog in another way, so that this no longer helps."""
    assert read_parameters(small_project, "plain") == ["[]", "True True"]


def test_kedro_by_itself_imports_pandas_for_them(small_project):
    """Fails where Kedro no longer does: then the module that replaces its method can go."""
    assert read_parameters(small_project, "by itself") == ["['numpy', 'pandas']", "True True"]


def test_the_method_is_kedros_own_again_whatever_happens():
    own = DataCatalog.__setitem__
    with keep_parameters_plain():
        assert DataCatalog.__setitem__ is not own
    assert DataCatalog.__setitem__ is own
    with pytest.raises(ZeroDivisionError), keep_parameters_plain():
        raise ZeroDivisionError
    assert DataCatalog.__setitem__ is own


@pytest.mark.parametrize("patterns", ["", ', "config_patterns": {"azureml": ["aml*"]}'])
def test_compile_and_local_runs_read_the_same_file(small_project, patterns):
    """The project's own patterns win for both."""
    loader = f'{{"base_env": "base", "default_run_env": "local"{patterns}}}'
    small_project.settings(f"CONFIG_LOADER_ARGS = {loader}")
    text = (small_project.root / "conf/base/azureml.yml").read_text()
    small_project.write("conf/base/aml.yml", text.replace("name: w", "name: other"))
    compiled = read_settings(ProjectRequest(small_project.root))
    local = SessionSettings(
        OmegaConfigLoader(str(small_project.root / "conf"), **settings.CONFIG_LOADER_ARGS)
    )
    expected = "other" if patterns else "w"
    assert compiled.workspace["__default__"].name == expected
    assert local.workspace(None).name == expected
