"""An `azureml.yml` that holds everything one may hold, and changes of it."""

import copy
import datetime as dt

import yaml
from hypothesis import strategies as st

# Everything that a file may hold, in a project of a few nodes.
RICH = yaml.safe_load(
    """
workspace:
  __default__: {subscription_id: s, resource_group: r, name: w}
  other: {subscription_id: s, resource_group: r, name: o}
compute:
  __default__: {cluster_name: cpu}
  gpu: {cluster_name: gpu-cluster, instance_type: large}
execution: {environment: "env@latest", code_directory: null, working_directory: /home/kedro}
schedules:
  nightly: {cron: {expression: "0 3 * * *", time_zone: UTC, start_time: "2026-01-01T00:00:00"}}
  weekly:
    recurrence:
      frequency: week
      interval: 1
      schedule: {hours: [3], minutes: [0], week_days: [monday]}
notifications:
  slack: {webhook_env: HOOK, events: [start, success], wait_timeout: 1}
jobs:
  everything:
    pipeline: {pipeline_name: __default__, tags: [big], from_nodes: [make]}
    workspace: other
    compute: gpu
    experiment_name: e
    display_name: d
    description: x
    schedule: [nightly, {cron: {expression: "* * * * *"}}]
    params: {a: {b: [1, {c: null}]}, n: 2.5}
    inputs: {seed: "params:seed", rate: "params:model.rate"}
    grouping: {prepare: ["make", "tag:big"], rest: ["namespace:eu"]}
    deterministic: true
    unordered: [table]
    checks: {no-effect: ignore, local-output-vanishes: error}
    limits: {timeout: 60}
    notifications: slack
    overrides:
      settings: {continue_on_step_failure: true}
      tags: {team: a}
      jobs: {make: {queue_settings: {job_tier: spot}, environment_variables: {B: null}}}
    steps:
      "*": {timeout: 5, environment_variables: {A: "1", B: 2}, shm_size: 2g}
      make:
        compute: gpu
        instance_count: 2
        distribution: {type: pytorch, process_count_per_instance: 2}
        identity: managed
        docker_args: --ulimit
        input_mode: download
        output: {mode: upload, datastore: blob, path: "a/${{name}}/${{output_name}}"}
      "tag:big": {environment: {image: "python:3.11", conda_file: {dependencies: [python]}}}
      "namespace:eu": {environment: {build: {path: docker}}, identity: {type: user_identity}}
  "{region}-train":
    pipeline: {node_namespaces: ["{region}"]}
    display_name: "{region}"
    grouping: memory
  whole: {grouping: pipeline}
  plain: {}
"""
)

WORDS = [
    "__default__", "workspace", "compute", "jobs", "pipeline", "schedule", "cron", "steps", "make",
    "eu", "tag:big", "namespace:eu", "*", "{region}", "{", "}", "{}-x", "${{name}}", "$[[", "",
    "nightly", "gpu", "params:seed", "params:", "memory", "node", "../x", "a/b", "nul\0", "\ud800",
    "é", "x" * 300, "azure", "image", "build", "type", "a.b", "params:model", "no-effect", "\n",
]  # fmt: skip
SCALARS = (
    st.none() | st.booleans() | st.integers(-1, 3) | st.floats() | st.dates()
    | st.just(5000).map(lambda digits: 10**digits) | st.just(dt.datetime(2026, 1, 31, 3))
    | st.sampled_from(WORDS)
)  # fmt: skip
KEYS = st.sampled_from(WORDS) | st.none() | st.integers(0, 1) | st.booleans()
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)


def places(content: object, way: tuple = ()) -> list[tuple]:
    items = content.items() if isinstance(content, dict) else enumerate(content)
    found = []
    for key, inner in items:
        found.append((*way, key))
        if isinstance(inner, (dict, list)):
            found += places(inner, (*way, key))
    return found


PLACES = places(RICH)


@st.composite
def mutations(draw: st.DrawFn) -> dict:
    """Change a few places of RICH: another value or key, one more, one less, a copy, a circle."""
    content = copy.deepcopy(RICH)
    for _ in range(draw(st.integers(1, 4))):
        way = draw(st.sampled_from(PLACES))
        holder = content
        try:
            for key in way[:-1]:
                holder = holder[key]
            last = way[-1]
            kind = draw(
                st.sampled_from(["value", "value", "key", "more", "less", "swap", "itself"])
            )
            if kind == "less":
                del holder[last]
            elif kind == "value" or isinstance(holder, list):
                holder[last] = draw(TREES)
            elif kind == "key":
                holder[draw(KEYS)] = holder.pop(last)
            elif kind == "more":
                holder[draw(KEYS)] = draw(TREES)
            elif kind == "swap":
                other = content
                for key in draw(st.sampled_from(PLACES)):
                    other = other[key]
                holder[last] = copy.deepcopy(other)
            else:
                holder[last] = content
        except (AttributeError, LookupError, TypeError, RecursionError):
            continue  # an earlier change has taken the place away
    return content
