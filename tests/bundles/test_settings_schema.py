"""The JSON schema of `azureml.yml` says what the models say, as far as a schema can."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import HealthCheck, given
from kedro_azureml_compiler.settings.parsing import ConfigError, read_config
from settings_mutations import RICH, mutations
from stress import examples

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs/azureml.schema.json").read_text())
SETTINGS = jsonschema.Draft202012Validator(SCHEMA)
METASCHEMA = jsonschema.Draft202012Validator.META_SCHEMA


def test_it_is_a_schema():
    assert jsonschema.Draft202012Validator(METASCHEMA).is_valid(SCHEMA)


def test_it_takes_everything_that_a_file_may_hold():
    assert list(SETTINGS.iter_errors(RICH)) == []


FILES = sorted(
    file
    for file in (ROOT / "tests").rglob("azureml.yml")
    if not file.parent.name.startswith("refused_")
)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_it_takes_the_files_of_the_tests(file):
    content = yaml.safe_load(file.read_text())
    assert read_config(content).workspace
    assert list(SETTINGS.iter_errors(content)) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("jbos", {}),
        ("jobs/plain/grouping", "memroy"),
        ("jobs/plain/grouping", {"a": []}),
        ("jobs/plain/steps", {"x": {"tiemout": 1}}),
        ("jobs/plain/steps", {"x": {"identity": "manged"}}),
        ("jobs/plain/schedule", [{"corn": {}}]),
        ("jobs/plain/limits", {"timeout": 0}),
        ("workspace/__default__/name", 3),
    ],
)
def test_it_refuses_what_the_models_refuse(path, value):
    content = yaml.safe_load(yaml.safe_dump(RICH))
    *way, last = path.split("/")
    place = content
    for key in way:
        place = place[key]
    place[last] = value
    with pytest.raises(ConfigError):
        read_config(content)
    assert not SETTINGS.is_valid(content)


def is_converted(error: jsonschema.ValidationError) -> bool:
    """Check whether it is of a value that the models convert, such as `true` for a number."""
    if error.context:
        return any(map(is_converted, error.context))
    return error.validator == "type" and error.validator_value in {"integer", "boolean"}


@examples(150, suppress_health_check=list(HealthCheck))
@given(content=mutations())
def test_an_editor_with_it_complains_of_no_file_that_is_accepted(content):
    try:
        content = yaml.safe_load(yaml.safe_dump(content))  # as a file holds it
        read_config(content)
    except (ConfigError, ValueError, RecursionError):
        return
    complaints = [e for e in SETTINGS.iter_errors(content) if not is_converted(e)]
    assert [f"{e.json_path}: {e.message}" for e in complaints] == []
