"""Which package may need what: by declaration, and in an environment that holds no more."""

import re
import subprocess
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest
from environments import new_environment

ROOT = Path(__file__).parents[2]

DECLARED = {
    "kedro_azureml_datasets": [
        "azure-ai-ml>=1.27; extra == 'azure'",
        "azure-identity>=1.17; extra == 'azure'",
        "azure-identity>=1.17; extra == 'keyvault'",
        "azure-keyvault-secrets>=4.8; extra == 'keyvault'",
        "azure-storage-blob>=12.20; extra == 'azure'",
        "azureml-mlflow>=1.60; extra == 'mlflow'",
        "cloudpickle>=2.2",
        "filelock>=3.12; extra == 'azure'",
        "kedro-datasets>=8",
        "kedro<2,>=1.2",
        "mlflow-skinny>=2.16; extra == 'mlflow'",
    ],
    "kedro_azureml_runner": ["kedro-azureml-datasets<0.3,>=0.2"],
    "kedro_azureml_compiler": [
        "kedro-azureml-runner<0.3,>=0.2",
        "pathspec>=1.0",
        "pydantic<3,>=2.7",
        "pyyaml>=6",
    ],
    "kedro_azureml_simulator": ["pathspec>=1.0", "pyyaml>=6", "rich>=13"],
    "kedro_azureml_cli": [
        "apprise>=1.9; extra == 'apprise'",
        "azure-ai-ml>=1.27",
        "azure-identity>=1.17",
        "click>=8.1",
        "cookiecutter<3,>=2.1.1",
        "kedro-azureml-compiler<0.3,>=0.2",
        "kedro-azureml-datasets[azure]<0.3,>=0.2",
        "kedro-azureml-runner<0.3,>=0.2",
        "kedro-azureml-simulator<0.3,>=0.2",
        "packaging>=26.1",
        "pip-requirements-parser>=32.0.1",
        "python-dotenv>=1.0",
        "rich>=13",
        "tomli>=2; python_version < '3.11'",
    ],
}

CLOSURE = {
    "kedro_azureml_datasets": {"kedro_azureml_datasets"},
    "kedro_azureml_runner": {"kedro_azureml_datasets", "kedro_azureml_runner"},
    "kedro_azureml_compiler": {
        "kedro_azureml_compiler",
        "kedro_azureml_datasets",
        "kedro_azureml_runner",
    },
    "kedro_azureml_simulator": {"kedro_azureml_simulator"},
    "kedro_azureml_cli": set(DECLARED),
}

MODULES = """
import importlib.util, pathlib, pkgutil, sys, {package}
names = [m.name for m in pkgutil.walk_packages({package}.__path__, "{package}.")]
for name in names:
    if not name.endswith(("__main__", "pytest_plugin")):  # pytest loads that one
        importlib.import_module(name)
found = [m for m in {foreign!r} if importlib.util.find_spec(m) is not None]
print(len(names), *found)
"""


def metadata(wheel: str):
    with zipfile.ZipFile(wheel) as archive:
        name = next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        return Parser().parsestr(archive.read(name).decode())


def test_every_package_has_its_row(wheels):
    assert set(wheels) == set(DECLARED) == set(CLOSURE)


@pytest.mark.parametrize("package", sorted(DECLARED))
def test_a_wheel_declares_these_requirements_and_no_other(package, wheels):
    declared = metadata(wheels[package]).get_all("Requires-Dist") or []
    assert sorted(line.lower() for line in declared) == sorted(DECLARED[package])


@pytest.mark.parametrize("package", sorted(DECLARED))
def test_a_wheel_has_its_licence_its_readme_and_its_types(package, wheels):
    with zipfile.ZipFile(wheels[package]) as archive:
        names = archive.namelist()
    assert f"{package}/py.typed" in names
    assert any(re.search(r"dist-info/licenses/LICENSE$", name) for name in names)
    about = metadata(wheels[package])
    assert about["License-Expression"] == "Apache-2.0"
    assert str(about.get_payload()).startswith(f"# {package.replace('_', '-')}\n")


@pytest.mark.parametrize("package", sorted(DECLARED))
def test_a_package_alone_can_be_imported_whole_and_sees_nothing_that_is_not_its_own(
    package, wheels, tmp_path
):
    closure = [wheels[name] for name in CLOSURE[package]]
    environment = new_environment(tmp_path / "venv", *closure)
    foreign = sorted(set(DECLARED) - CLOSURE[package])
    if package != "kedro_azureml_cli":  # it submits jobs
        foreign.append("azure")
    if package == "kedro_azureml_simulator":
        foreign += ["kedro", "kedro_datasets"]
    code = MODULES.format(package=package, foreign=foreign)
    done = subprocess.run(
        [environment.python, "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    count, *found = done.stdout.splitlines()[-1].split()
    assert int(count) > 3
    assert found == []


def test_the_datasets_add_one_small_distribution_to_a_step_image(wheels, tmp_path):
    environment = new_environment(tmp_path / "venv", "kedro", "kedro-datasets", "cloudpickle")
    before = set(environment.frozen())
    environment.install(wheels["kedro_azureml_datasets"])
    added = set(environment.frozen()) - before
    assert [line.split(" ")[0] for line in added] == ["kedro-azureml-datasets"]
    with zipfile.ZipFile(wheels["kedro_azureml_datasets"]) as archive:
        size = sum(entry.file_size for entry in archive.infolist())
    assert size < 500_000


def test_no_folder_holds_more_modules_than_one_can_take_in_at_a_glance():
    counts = {
        folder.relative_to(ROOT).as_posix(): len(
            [module for module in folder.glob("*.py") if module.name != "__init__.py"]
        )
        for folder in ROOT.glob("packages/*/src/**/")
    }
    assert counts
    assert {folder: count for folder, count in counts.items() if count > 16} == {}
