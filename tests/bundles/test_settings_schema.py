"""The JSON schema of `azureml.yml` says what the models say, as far as a schema can."""

import copy
import json
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from kedro.config import OmegaConfigLoader
from kedro_azureml_compiler.settings.parsing import ConfigError, read_config
from settings_mutations import PLACES, RICH, mutations
from stress import examples

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs/reference/azureml.schema.json").read_text())
SETTINGS = jsonschema.Draft202012Validator(SCHEMA)
METASCHEMA = jsonschema.Draft202012Validator.META_SCHEMA


def test_it_is_a_schema():
    assert jsonschema.Draft202012Validator(METASCHEMA).is_valid(SCHEMA)


def test_it_takes_everything_that_a_file_may_hold():
    assert list(SETTINGS.iter_errors(RICH)) == []


FILES = sorted(
    file
    for folder in ("tests", "starters")
    for file in (ROOT / folder).rglob("azureml.yml")
    if not file.parent.name.startswith("refused_")
)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_it_takes_the_files_of_the_tests(file):
    content = yaml.safe_load(file.read_text().replace("{{ cookiecutter.repo_name }}", "penguins"))
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


@examples(150, suppress_health_check=list(HealthCheck))
@given(content=mutations())
def test_an_editor_with_it_complains_of_no_file_that_is_accepted(content):
    try:
        content = yaml.safe_load(yaml.safe_dump(content))  # as a file holds it
        read_config(content)
    except (ConfigError, ValueError, RecursionError):
        return
    assert complaints(content) == []


def complaints(content: object) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in SETTINGS.iter_errors(content)]


def with_value(content: dict, way: tuple, value: object) -> dict:
    """Copy content with another value at a place."""
    changed = copy.deepcopy(content)
    *above, last = way
    place = changed
    for key in above:
        place = place[key]
    place[last] = value
    return changed


NUMBERS_AND_BOOLEANS = [
    ("jobs", "everything", "limits", "timeout"),
    ("jobs", "everything", "steps", "make", "distribution", "process_count_per_instance"),
    ("jobs", "everything", "deterministic"),
    ("schedules", "weekly", "recurrence", "interval"),
    ("schedules", "weekly", "recurrence", "schedule", "hours", 0),
    ("notifications", "slack", "wait_timeout"),
]
WRITTEN = st.one_of(
    st.sampled_from(
        ["yes", "No", "ON", "off", "tRuE", "false", "t", "F", "y", "n", "0", "1", " 1 ", "+5", "-5",
         "5.0", "5.", "1_000", "1__0", "5.5", "5,0", "1e3", "", "x", "0x1f", "٣", True, False, 0, 1,
         1.0, 5.0, 5.5, -1, None]
    ),
    st.text("0123456789_+-. \n", max_size=5),
)  # fmt: skip


@examples(150)
@given(way=st.sampled_from(NUMBERS_AND_BOOLEANS), value=WRITTEN)
def test_a_number_or_boolean_may_be_written_in_every_way_that_is_read(way, value):
    content = with_value(RICH, way, value)
    try:
        read_config(content)
    except ConfigError:
        return
    assert complaints(content) == []


@pytest.mark.parametrize("value", [True, False])
@pytest.mark.parametrize("way", [way for way in NUMBERS_AND_BOOLEANS if "deterministic" not in way])
def test_true_and_false_are_no_numbers_for_anybody(way, value):
    content = with_value(RICH, way, value)
    with pytest.raises(ConfigError, match="expected an integer, found"):
        read_config(content)
    assert complaints(content) != []


def load(folder: Path, text: str) -> object:
    """Read a file as a project does."""
    (folder / "conf/base").mkdir(parents=True, exist_ok=True)
    (folder / "conf/base/azureml.yml").write_text(text)
    conf = str(folder / "conf")
    loader = OmegaConfigLoader(
        conf, base_env="base", default_run_env="base", config_patterns={"azureml": ["azureml*"]}
    )
    return loader["azureml"]


def as_in_a_file(value: object) -> object:
    """Write `${{name}}` with the backslash that the loader takes off."""
    if isinstance(value, dict):
        return {key: as_in_a_file(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_in_a_file(inner) for inner in value]
    return value.replace("${{", r"\${{") if isinstance(value, str) else value


def test_any_value_may_be_a_reference_to_one_that_is_written_elsewhere(tmp_path):
    plain = as_in_a_file(RICH)
    loaded = load(tmp_path, yaml.safe_dump(plain, sort_keys=False))
    for way in PLACES:
        shared = plain
        for key in way:
            shared = shared[key]
        content = {"_shared": shared, **with_value(plain, way, "${_shared}")}
        assert (way, complaints(content)) == (way, [])
        if len(way) < 3:  # reading takes longer than judging
            assert load(tmp_path, yaml.safe_dump(content, sort_keys=False)) == loaded


def test_what_anchors_share_may_stand_in_keys_that_the_loader_drops(tmp_path):
    text = """
_gpu: &gpu {instance_count: 2, distribution: pytorch}
_any: [1, {b: null}]
workspace: {__default__: {subscription_id: s, resource_group: r, name: w}}
compute: {__default__: {cluster_name: c}}
jobs:
  fit: {steps: {"a*": {<<: *gpu, timeout: 5}}}
"""
    assert complaints(yaml.safe_load(text)) == []
    (settings,) = read_config(load(tmp_path, text)).jobs["fit"].steps.values()
    assert (settings.instance_count, settings.timeout) == (2, 5)


@pytest.mark.parametrize(
    "text", ["", "workspace: {__default__: {subscription_id: s, resource_group: r, name: p}}", "{}"]
)
def test_the_file_of_another_environment_holds_what_differs_there(text):
    assert complaints(yaml.safe_load(text)) == []
