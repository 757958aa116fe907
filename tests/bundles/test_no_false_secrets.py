"""The projects of this repository hold no secret, and none is found in them."""

from pathlib import Path

import pytest
from kedro_azureml_compiler.secrets.contents import find_secret_in_file
from kedro_azureml_compiler.secrets.scalars import find_secret_scalars, judge_by_last_key
from kedro_azureml_compiler.secrets.words import opens_a_door

ROOT = Path(__file__).parents[2]
FOLDERS = (
    "docs",
    "packages/kedro-azureml-cli/src/kedro_azureml_cli/templates",
    "packages/kedro-azureml-simulator/tests",
    "starters",
    "tests/bundles/golden",
    "tests/projects",
)


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_secret_is_found_in_a_project_without_one(folder):
    files = [f for f in (ROOT / folder).rglob("*") if f.is_file() and "__pycache__" not in f.parts]
    assert files
    found = {}
    for file in files:
        name = file.relative_to(ROOT).as_posix()
        is_configuration = ".github" not in file.parts  # where `id-token` is a permission
        if is_configuration and file.suffix in {".yml", ".yaml", ".json"}:
            judge = opens_a_door if file.name.startswith("catalog") else judge_by_last_key
            found[name] = find_secret_scalars(file.read_text(encoding="utf-8"), judge)
        found[name] = found.get(name) or find_secret_in_file(file)
    assert {name: secret for name, secret in found.items() if secret} == {}
