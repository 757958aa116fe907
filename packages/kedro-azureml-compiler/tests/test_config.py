"""What `azureml.yml` may say, and what it is told otherwise."""

import copy

import pytest
import yaml
from kedro_azureml_compiler.config_reading import ConfigError, read_config

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
    """Give EVERYTHING with one place changed; `...` takes it out."""
    config = copy.deepcopy(EVERYTHING)
    *way, last = path.split("/")
    place = config
    for key in way:
        place = place.setdefault(key, {}) if isinstance(place, dict) else place[int(key)]
    if value is ...:
        del place[last]
    else:
        place[last] = value
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
        ("workspace", ..., "workspace: is missing"),
        ("workspace/__default__", ..., "workspace: the entry '__default__' is missing"),
        ("compute/__default__", ..., "compute: the entry '__default__' is missing"),
        ("compute/__default__", {}, "compute: '__default__' needs a 'cluster_name'"),
        ("workspace/other/name", ..., "workspace.other.name: is missing"),
        ("workspace/other/name", 3, "workspace.other.name: input should be a valid string, not 3"),
        ("jbos", {}, "jbos: is not a key here (did you mean 'jobs'?)"),
        (
            "jobs/training/pipelin",
            {},
            "jobs.training.pipelin: is not a key here (did you mean 'pipeline'?)",
        ),
        (
            "jobs/training/pipeline/tag",
            ["x"],
            "jobs.training.pipeline.tag: is not a key here (did you mean 'tags'?)",
        ),
        (
            "jobs/training/pipeline/tags",
            "x",
            "jobs.training.pipeline.tags: write a list, for example [x]",
        ),
        (
            "jobs/training/compute",
            "gpus",
            "jobs.training.compute: there is no 'gpus' (did you mean 'gpu'?)",
        ),
        (
            "jobs/training/workspace",
            "x",
            "jobs.training.workspace: there is no 'x' (there are: __default__, other)",
        ),
        (
            "jobs/training/schedule",
            "nightli",
            "jobs.training.schedule: there is no 'nightli' (did you mean 'nightly'?)",
        ),
        (
            "schedules/nightly",
            {},
            "schedules.nightly: write exactly one of 'cron' and 'recurrence'",
        ),
        ("schedules/weekly/recurrence/interval", 0, "schedules.weekly.recurrence.interval: "),
        (
            "schedules/weekly/recurrence/frequency",
            "year",
            "schedules.weekly.recurrence.frequency: ",
        ),
        ("jobs/training/limits/timeout", 0, "jobs.training.limits.timeout: "),
        ("jobs", [], "jobs: write a section, with keys below it, not []"),
        ("jobs/training", None, "jobs.training: write a section, with keys below it, not None"),
        ("execution", None, "execution: write a section, with keys below it, not None"),
    ],
)
def test_a_mistake_is_told_with_its_place(path: str, value: object, message: str):
    with pytest.raises(ConfigError) as caught:
        read_config(changed(path, value))
    assert message in caught.value.message


def test_all_mistakes_are_told_at_once():
    config = changed("jbos", {})
    config["workspace"]["other"]["nmae"] = "x"
    with pytest.raises(ConfigError, match="2 mistakes") as caught:
        read_config(config)
    assert "jbos" in caught.value.message
    assert "nmae" in caught.value.message


def test_the_single_section_of_the_older_plugin_is_recognised():
    with pytest.raises(ConfigError, match=r"kedro-azureml 1\.0"):
        read_config({"azure": {"subscription_id": "x"}})
