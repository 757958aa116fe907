"""What `azureml.yml` may say, and the message otherwise."""

import copy
import datetime as dt
import os
import subprocess
import sys

import pytest
import yaml
from kedro_azureml_compiler.settings.parsing import ConfigError, read_config

# The whole of the format of kedro-azureml-pipeline 0.1.0.
EVERYTHING = yaml.safe_load(
    """
workspace:
  __default__: {subscription_id: s, resource_group: r, name: w}
  other: {subscription_id: s, resource_group: r, name: o}
compute:
  __default__: {cluster_name: cpu}
  gpu: {cluster_name: gpu-cluster, instance_type: large}
  kubernetes: {instance_type: small}
execution: {environment: "env@latest", code_directory: null, working_directory: /home/kedro}
schedules:
  nightly:
    cron:
      expression: "0 3 * * *"
      time_zone: UTC
      start_time: "2026-01-01"
      end_time: "2027-01-01"
  weekly:
    recurrence:
      frequency: week
      interval: 1
      schedule: {hours: [3], minutes: [0], week_days: [monday]}
notifications:
  slack:
    webhook_env: HOOK
    token_env: TOKEN
    channel: "#x"
    events: [start, success, failure, warning, recovered]
    payload: "module:function"
    wait_timeout: 1
    warning_repeat_hours: 2
    warning_repeat_tolerance_minutes: 3
jobs:
  training:
    pipeline:
      pipeline_name: __default__
      from_nodes: [a]
      to_nodes: [b]
      node_names: [c]
      from_inputs: [d]
      to_outputs: [e]
      node_namespaces: [f]
      tags: [g]
    workspace: other
    compute: gpu
    experiment_name: e
    display_name: d
    description: x
    schedule: [nightly, {cron: {expression: "* * * * *"}}]
    params: {a: {b: 1}}
    limits: {timeout: 60}
    notifications: slack
  "{region}-train":
    pipeline: {node_namespaces: ["{region}"]}
    schedule: weekly
"""
)


def changed(path: str, value: object) -> dict:
    """Return EVERYTHING with one place changed; `...` takes it out."""
    config = copy.deepcopy(EVERYTHING)
    *way, last = path.split("/")
    place = config
    for key in way:
        place = place.setdefault(key, {}) if isinstance(place, dict) else place[int(key)]
    if value is ...:
        del place[last]
    else:
        place[int(last) if last.isdigit() else last] = value
    return config


def test_a_file_of_the_earlier_plugin_is_accepted_whole():
    config = read_config(EVERYTHING)
    assert config.jobs["training"].pipeline.node_namespaces == ("f",)
    assert config.execution.code_directory is None
    assert config.jobs["training"].params == {"a": {"b": 1}}


def test_the_code_travels_unless_the_file_says_null():
    assert read_config(changed("execution", {})).execution.code_directory == "."


def test_a_compute_without_a_cluster_inherits_the_default_one():
    config = read_config(EVERYTHING)
    assert config.cluster("kubernetes").cluster_name == "cpu"
    assert config.cluster("kubernetes").instance_type == "small"


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("workspace/__default__", ..., "workspace: the entry '__default__' is missing"),
        ("compute/__default__", ..., "compute: the entry '__default__' is missing"),
        ("compute/__default__", {}, "compute: '__default__' needs a 'cluster_name'"),
        ("workspace/other/name", ..., "workspace.other.name: is missing"),
        ("workspace/other/name", 3, 'workspace.other.name: expected a string; quote it: "3"'),
        ("workspace/other/name", "", "workspace.other.name: expected a string that is not empty"),
        ("jbos", {}, "jbos: unknown key 'jbos' (did you mean 'jobs'?)"),
        ("jobs/training/pipelin", {}, "jobs.training.pipelin: unknown key 'pipelin' (did you mean"),
        (
            "jobs/training/pipeline/tag",
            ["x"],
            "jobs.training.pipeline.tag: unknown key 'tag' (did you mean 'tags'?)",
        ),
        (
            "jobs/training/pipeline/tags",
            "x",
            "jobs.training.pipeline.tags: expected a list, for example ['x']",
        ),
        ("schedules/nightly", {}, "schedules.nightly: write exactly one of 'cron' and"),
        (
            "jobs/training/limits/timeout",
            0,
            "limits.timeout: expected a number of at least 1",
        ),
        ("jobs/training/limits/timeout", 1.5, "timeout: expected an integer, found 1.5"),
        ("jobs/training/limits/timeout", "soon", "timeout: expected an integer, found 'soon'"),
        ("jobs/training/limits/timeout", 2**31, "timeout: expected a number of at most 2147483647"),
        pytest.param(
            "jobs/training/limits/timeout",
            10**5000,  # more digits than Python writes
            "timeout: expected a number of at most 2147483647, found a number with too many digits",
            id="digits",
        ),
        ("jobs/training/limits/timeout", float("inf"), "timeout: expected an integer, found inf"),
        ("jobs/training/limits/timeout", float("nan"), "timeout: expected an integer, found nan"),
        ("jobs", [], "jobs: expected a mapping, found []"),
        ("jobs/training", None, "jobs.training: expected a mapping, found null"),
        ("execution", None, "execution: expected a mapping, found null"),
        ("execution/environment", {}, "execution.environment: write exactly one of 'image' and"),
        (
            "execution/environment",
            True,
            'environment: expected a string or a mapping, found true (quote a string: "true")',
        ),
        (
            "execution/environment",
            {"imag": "x"},
            "execution.environment.imag: unknown key 'imag' (did you mean 'image'?)",
        ),
        (
            "jobs/training/steps",
            {"a.b": {"environment": {"image": 1}}},
            "jobs.training.steps.'a.b'.environment.image: expected a string; quote it: \"1\"",
        ),
        (
            "jobs/training/grouping",
            "memroy",
            (
                "jobs.training.grouping: expected 'node', 'namespace', 'memory' or 'pipeline', "
                "found 'memroy' (did you mean 'memory'?)"
            ),
        ),
        (
            "jobs/training/grouping",
            {"prepare": "load_*"},
            "jobs.training.grouping.prepare: expected a list, for example ['load_*']",
        ),
        (
            "jobs/training/grouping",
            {"prepare": []},
            "jobs.training.grouping.prepare: expected a list that is not empty",
        ),
        (
            "jobs/training/grouping",
            {"prepare": [1, {}]},
            (
                'jobs.training.grouping.prepare[0]: expected a string; quote it: "1"\n'
                "  jobs.training.grouping.prepare[1]: expected a string, found an empty mapping"
            ),
        ),
        (
            "jobs/training/schedule",
            ["nightly", {"corn": {}}],
            "jobs.training.schedule[1].corn: unknown key 'corn' (did you mean 'cron'?)",
        ),
        ("jobs/training/schedule", 3, "training.schedule: expected a string, a mapping or a list"),
        (
            "jobs/training/schedule",
            [3],
            'schedule[0]: expected a string or a mapping, found 3 (quote a string: "3")',
        ),
        (
            "jobs/training/schedule",
            {"recurrence": {"frequency": "day", "interval": 1, "schedule": {"hour": [3]}}},
            "jobs.training.schedule.recurrence.schedule.hour: unknown key 'hour' (did you mean",
        ),
        (
            "jobs/training/pipeline/node_namespaces",
            [{"region": None}],
            'node_namespaces[0]: expected a string; quote it: "{region}"',
        ),
        (
            "jobs/training/steps",
            {"x": {"identity": "manged"}},
            (
                "jobs.training.steps.x.identity.type: expected 'managed', 'user_identity' or "
                "'aml_token', found 'manged' (did you mean 'managed'?)"
            ),
        ),
        (
            "jobs/training/steps",
            {"x": {"shm_size": "2"}},
            "steps.x.shm_size: expected a number with a unit (b, k, m, g), for example 2g",
        ),
        (
            "jobs/training/steps",
            {"x": {"environment_variables": {"1A": "x"}}},
            "environment_variables: '1A' is not a valid name of an environment variable",
        ),
        (
            "jobs/training/steps",
            {"x": {"environment_variables": {"A": True}}},
            'environment_variables.A: expected a string; quote it: "true"',
        ),
        (
            "jobs/training/checks",
            {"input-missing": "warn"},
            (
                "jobs.training.checks.input-missing: expected 'error', 'warning', 'info' or "
                "'ignore', found 'warn' (did you mean 'warning'?)"
            ),
        ),
        (
            "jobs/training/inputs",
            {"learning-rate": "params:a"},
            "jobs.training.inputs: 'learning-rate' cannot be the name of an input: start with",
        ),
        ("jobs/training/inputs", {"_a": "params:a"}, "'_a' cannot be the name of an input"),
        (
            "jobs/training/inputs",
            {"rate": "model.rate"},
            "jobs.training.inputs.rate: expected the name of a parameter, 'params:NAME'",
        ),
        (
            "jobs/training/inputs",
            {"rate": "params:"},
            "inputs.rate: expected the name of a parameter",
        ),
        ("jobs/training/inputs", {"rate": 0.1}, 'inputs.rate: expected a string; quote it: "0.1"'),
        ("jobs/1", {}, "jobs: the key 1 is not a string; quote it"),
        ("jobs/training/params/1", {}, "jobs.training.params: the key 1 is not a string"),
        (
            "schedules/nightly/cron/start_time",
            dt.date(2026, 1, 31),
            'schedules.nightly.cron.start_time: expected a string; quote it: "2026-01-31"',
        ),
        ("jobs/a b\nc", [], "jobs.'a b\\nc': expected a mapping"),
    ],
)
def test_a_mistake_is_reported_with_its_place(path: str, value: object, message: str):
    with pytest.raises(ConfigError) as caught:
        read_config(changed(path, value))
    assert message in caught.value.message
    told = caught.value.message.splitlines()[1:]
    assert [f"  {place}: {text}" for place, text in caught.value.mistakes] == told


def test_a_string_that_no_file_can_hold_is_reported_with_its_place():
    with pytest.raises(ConfigError) as caught:
        read_config(changed("jobs/training/params/a", [1, {"b": "\ud800"}]))
    where = "jobs.training.params.a[1].b"
    assert f"{where}: a string here holds half a character" in caught.value.message
    with pytest.raises(ConfigError, match="half a character"):
        read_config(changed("jobs/\ud800", {}))


@pytest.mark.parametrize(("key", "shown"), [(1, "1"), (None, "null"), (True, "true")])
def test_a_top_level_key_that_is_not_a_string_is_reported(key, shown):
    with pytest.raises(ConfigError, match=f"the key {shown} is not a string; quote it"):
        read_config({**EVERYTHING, key: {}})


@pytest.mark.parametrize("raw", [[], None, "x", 3, [{"workspace": {}}]])
def test_a_value_that_is_not_a_mapping_is_reported(raw):
    with pytest.raises(ConfigError, match="expected a mapping, found"):
        read_config(raw)


def test_an_anchor_inside_itself_is_a_message():
    inside: dict = {}
    inside["a"] = inside
    for path in ("jobs", "jobs/training", "jobs/training/steps", "execution/environment"):
        with pytest.raises(ConfigError):
            read_config(changed(path, inside))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("jobs/training/workspace", None),
        ("jobs/training/compute", None),
        ("jobs/training/params", None),
        ("jobs/training/schedule", None),
        ("jobs/training/limits", None),
        ("jobs/training/pipeline/tags", None),
        ("schedules/weekly/recurrence/schedule/hours", None),
        ("schedules/weekly/recurrence/frequency", "Week"),
        ("schedules/weekly/recurrence/interval", 0),
        ("jobs/team\\train", {"pipeline": {}}),
        ("jobs/training/compute", "nowhere"),
        ("jobs/training/schedule", "nowhere"),
    ],
)
def test_what_the_earlier_plugin_reads_is_read(path: str, value: object):
    assert set(read_config(changed(path, value)).jobs) >= {"training"}


def test_null_is_the_default():
    job = read_config(changed("jobs/training/compute", None)).jobs["training"]
    assert job.compute == "__default__"
    job = read_config(changed("jobs/training/params", None)).jobs["training"]
    assert job.params == {}


def test_an_unknown_compute_does_not_crash():
    config = read_config(changed("jobs/training/compute", "nowhere"))
    assert config.cluster("nowhere").cluster_name == "cpu"


def test_all_mistakes_are_reported_together():
    config = changed("jbos", {})
    config["workspace"]["other"]["nmae"] = "x"
    with pytest.raises(ConfigError, match="2 mistakes") as caught:
        read_config(config)
    assert "jbos" in caught.value.message
    assert "nmae" in caught.value.message


@pytest.mark.parametrize("place", ["mapping", "list"])
def test_a_conda_file_that_contains_itself_is_named_with_its_place(place):
    conda: dict = {"dependencies": []}
    if place == "list":
        conda["dependencies"].append(conda)
    else:
        conda["dependencies"] = conda
    where = "execution.environment.conda_file.dependencies" + ("[0]" if place == "list" else "")
    content = {"execution": {"environment": {"image": "python:3.11", "conda_file": conda}}}
    with pytest.raises(ConfigError) as caught:
        read_config(content)
    assert [at for at, _ in caught.value.mistakes] == [where]
    assert "contains itself" in caught.value.message


def test_an_anchor_used_twice_is_not_a_cycle():
    workspace = {"subscription_id": "s", "resource_group": "r", "name": "w"}
    compute = {"cluster_name": "cpu"}
    content = {
        "workspace": {"__default__": workspace, "other": workspace},
        "compute": {"__default__": compute, "second": compute},
        "execution": {"environment": "e@latest"},
        "jobs": {"train": {}},
    }
    assert set(read_config(content).workspace) == {"__default__", "other"}


def test_plugins_of_pydantic_are_for_the_projects_models_alone(tmp_path):
    info = tmp_path / "plugged-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: plugged\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[pydantic]\nx = plugged:plugin\n")
    (tmp_path / "plugged.py").write_text(
        "print('loaded')\n"
        "class plugin:\n"
        "    def new_schema_validator(*_):\n"
        "        return None, None, None\n"
    )
    code = (
        "import yaml; from pydantic import BaseModel\n"
        "from kedro_azureml_compiler.settings.parsing import read_config\n"
        f"read_config({EVERYTHING!r}, 'azureml.yml')\n"
        "print('read')\n"
        "class Own(BaseModel): x: int\n"
    )
    environ = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environ, stdout=subprocess.PIPE, text=True, check=True
    )
    assert done.stdout.split() == ["read", "loaded"]
