"""What an index shows of each wheel, and the files that wheels carry for their users."""

import importlib.util
import json
import shutil
import subprocess
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path

import pytest
from environments import needed
from kedro_azureml_compiler import render_settings_schema

ROOT = Path(__file__).parents[2]
PACKAGES = sorted(
    file.parent.name.replace("-", "_") for file in ROOT.glob("packages/*/pyproject.toml")
)
TEMPLATES = "kedro_azureml_cli/starter_templates/azureml/{{ cookiecutter.repo_name }}"


def metadata(wheel: str | Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        return Parser().parsestr(archive.read(name).decode())


def fields(wheels: dict[str, str], package: str, name: str) -> list[str]:
    return metadata(wheels[package]).get_all(name) or []


def shared() -> object:
    spec = importlib.util.spec_from_file_location("shared", ROOT / "tools/package_metadata.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_all_wheels_have_one_development_status_and_the_same_pythons(wheels):
    for start in ("Development Status :: ", "Programming Language :: "):
        named = {
            package: [c for c in fields(wheels, package, "Classifier") if c.startswith(start)]
            for package in PACKAGES
        }
        assert named[PACKAGES[0]]
        assert all(found == named[PACKAGES[0]] for found in named.values())
    statuses = [c for c in fields(wheels, PACKAGES[0], "Classifier") if "Status" in c]
    assert len(statuses) == 1


@pytest.mark.parametrize("package", PACKAGES)
def test_a_wheel_has_keywords_of_all_and_of_its_own(package, wheels):
    (line,) = fields(wheels, package, "Keywords")
    keywords = line.split(",")
    assert {"azureml", "pipeline"} < set(keywords)
    assert len(keywords) > len(shared().KEYWORDS)
    assert ("kedro" in keywords) == (package != "kedro_azureml_simulator")


@pytest.mark.parametrize("package", PACKAGES)
def test_a_wheel_names_the_addresses_of_the_project_if_it_has_one(package, wheels):
    urls = dict(line.split(", ") for line in fields(wheels, package, "Project-URL"))
    assert urls == shared().make_urls(package.replace("_", "-"))


def test_once_there_is_an_address_all_urls_follow_from_it(tmp_path):
    address = "https://example.org/team/kedro-azureml"
    for path in ("packages/kedro-azureml-runner", "tools", "tests/support"):
        shutil.copytree(ROOT / path, tmp_path / path, symlinks=True)
    shutil.copy(ROOT / "pytest.ini", tmp_path)
    constants = tmp_path / "tools/package_metadata.py"
    constants.write_text(constants.read_text().replace('ADDRESS = ""', f'ADDRESS = "{address}"'))
    command = [needed("UV"), "build", "--quiet", "--out-dir", str(tmp_path / "built")]
    subprocess.run([*command, str(tmp_path / "packages/kedro-azureml-runner")], check=True)
    (wheel,) = (tmp_path / "built").glob("*.whl")  # made from the sdist, as every wheel is
    assert sorted(metadata(wheel).get_all("Project-URL")) == [
        f"Changelog, {address}/blob/main/packages/kedro-azureml-runner/CHANGELOG.md",
        f"Documentation, {address}/blob/main/README.md",
        f"Source, {address}",
    ]


def test_the_wheel_of_the_command_line_carries_the_starter_with_the_schema_and_the_ci(wheels):
    with zipfile.ZipFile(wheels["kedro_azureml_cli"]) as archive:
        names = {name.removeprefix(f"{TEMPLATES}/") for name in archive.namelist()}
        schema = json.loads(archive.read(f"{TEMPLATES}/azureml.schema.json"))
    assert schema == json.loads(render_settings_schema())
    assert names > {
        ".amlignore",
        ".github/workflows/kedro-azureml.yml",
        ".gitignore",
        ".pre-commit-config.yaml",
        "azure-pipelines.yml",
        "conf/logging.yml",
        "kedro_azureml_cli/templates/azure-pipelines.yml",
        "kedro_azureml_cli/templates/github.yml",
        "kedro_azureml_cli/templates/pre-commit-config.yaml",
    }
