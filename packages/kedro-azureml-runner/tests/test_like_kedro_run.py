"""Everything that nodes may be, run by `kedro run` and as steps: the same data, the same hooks."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from kedro_azureml_runner import StepInvocation
from kedro_azureml_runner.runner import make_memory_dataset

SETTINGS = """
import json, os
from pathlib import Path
from kedro.framework.hooks import hook_impl

def note(hook, **facts):
    with Path(os.environ["HOOK_LOG"]).open("a") as log:
        log.write(json.dumps({"hook": hook, **facts}) + "\\n")

class Log:
    @hook_impl
    def after_context_created(self, context):
        note("after_context_created", env=context.env, project=context.project_path.name)
    @hook_impl
    def after_catalog_created(self, catalog, conf_catalog, parameters):
        note("after_catalog_created", entries=sorted(conf_catalog), parameters=sorted(parameters))
        catalog["from_hook"] = 5  # an instance that is in no file
    @hook_impl
    def before_pipeline_run(self, run_params):
        note("before_pipeline_run", pipelines=run_params["pipeline_names"])
    @hook_impl
    def after_pipeline_run(self, run_params):
        note("after_pipeline_run", pipelines=run_params["pipeline_names"])
    @hook_impl
    def before_node_run(self, node, inputs, is_async):
        note("before_node_run", node=node.name, inputs={k: str(v) for k, v in inputs.items()})
    @hook_impl
    def after_node_run(self, node, outputs):
        note("after_node_run", node=node.name, outputs=sorted(outputs))
    @hook_impl
    def before_dataset_loaded(self, dataset_name, node):
        note("before_dataset_loaded", node=node.name, dataset=dataset_name)
    @hook_impl
    def after_dataset_loaded(self, dataset_name, data, node):
        note("after_dataset_loaded", node=node.name, dataset=dataset_name, data=str(data))
    @hook_impl
    def before_dataset_saved(self, dataset_name, data, node):
        note("before_dataset_saved", node=node.name, dataset=dataset_name, data=str(data))
    @hook_impl
    def after_dataset_saved(self, dataset_name, data, node):
        note("after_dataset_saved", node=node.name, dataset=dataset_name, data=str(data))

HOOKS = (Log(),)
"""

READS_AFTERWARDS = """
import os
from pathlib import Path
from kedro.framework.hooks import hook_impl

class Read:
    @hook_impl
    def after_pipeline_run(self, catalog):
        Path(os.environ["HOOK_LOG"]).write_text(str(catalog.load("kept")))

HOOKS = (Read(),)
"""

CATALOG = """
words@text:
  type: kedro_azureml_datasets.AzureMLPipelineDataset
  dataset: {type: text.TextDataset, filepath: words.json}
words@json:
  type: kedro_azureml_datasets.AzureMLPipelineDataset
  dataset: {type: json.JSONDataset, filepath: words.json}
lines:
  type: kedro_azureml_datasets.AzureMLPipelineDataset
  dataset: {type: text.TextDataset, filepath: lines.txt, fs_args: {open_args_save: {mode: a}}}
kept:
  type: kedro_azureml_datasets.AzureMLPipelineDataset
  dataset: {type: CachedDataset, dataset: {type: json.JSONDataset, filepath: kept.json}}
"{name}_json":
  type: kedro_azureml_datasets.AzureMLPipelineDataset
  dataset: {type: json.JSONDataset, filepath: "{name}.json"}
declared: {type: MemoryDataset}
"""

PARAMETERS = "deep: {a: {b: 2}}\nfactor: 3\nns: {factor: 10}\n"

REGISTRY = """
def start():
    return {"one": [1, 2], "two": '["x"]'}

def stream(numbers):
    for number in numbers:
        yield f"line {number};"

def add(*values):
    return sum(len(v) if hasattr(v, "__len__") else v for v in values)

def scale(left, factor):
    return left * factor

def sink(words, lines):
    assert words == ["x"], words

def register_pipelines():
    nodes = [
        node(start, None, {"one": "numbers", "two": "words@text"}, name="start"),
        node(stream, "numbers", "lines", name="stream"),
        node(add, ["numbers", "numbers", "from_hook"], "total_json", name="twice"),
        node(add, ["parameters", "params:deep.a.b", "params:factor"], "declared", name="params"),
        node(lambda x: x, "declared", "kept", name="keep"),
        node(sink, ["words@json", "lines"], None, name="sink"),
    ]
    ns = Pipeline([
        node(scale, {"left": "kept", "factor": "params:factor"}, "scaled", name="scale", tags="t"),
        node(scale, ["scaled", "total_json"], "end", name="finish"),
    ])
    from kedro.pipeline import pipeline
    spaced = pipeline(ns, namespace="ns", inputs={"kept", "total_json"})
    return {"__default__": Pipeline(nodes) + spaced, "other": Pipeline([])}
"""

STEPS = {
    # nodes of the step: (inputs, outputs)
    ("start",): ((), ("numbers", "words")),
    ("stream",): (("numbers",), ("lines",)),
    ("twice",): (("numbers",), ("total_json",)),
    ("params", "keep"): ((), ("kept",)),
    ("sink",): (("words", "lines"), ()),
    ("ns.scale", "ns.finish"): (("kept", "total_json"), ("ns.end",)),
}

ONCE_A_SESSION = {
    "after_context_created",
    "after_catalog_created",
    "before_pipeline_run",
    "after_pipeline_run",
}


@pytest.fixture
def orchard(project):
    project.write("src/orchard/settings.py", SETTINGS)
    project.write("conf/base/catalog.yml", CATALOG)
    project.write("conf/base/parameters.yml", PARAMETERS)
    project.pipeline(REGISTRY)
    return project


def calls(log: Path) -> list[dict]:
    return [json.loads(line) for line in log.read_text().splitlines()]


def counted(log: list[dict]) -> Counter:
    return Counter(json.dumps(call) for call in log if call["hook"] not in ONCE_A_SESSION)


def test_steps_give_the_data_and_the_hook_calls_of_kedro_run(orchard, mount, tmp_path):
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "KEDRO_DISABLE_TELEMETRY": "1"}
    kedro_run = [sys.executable, "-m", "kedro", "run"]
    done = subprocess.run(
        kedro_run,
        cwd=orchard.root,
        env={**environ, "HOOK_LOG": str(tmp_path / "run")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    data = {path.name: path.read_text() for path in (orchard.root / "data").iterdir()}
    for path in (orchard.root / "data").iterdir():
        path.unlink()

    mounts = {name: mount(name) for _, outputs in STEPS.values() for name in outputs}
    logs = []
    for number, (nodes, (inputs, outputs)) in enumerate(STEPS.items()):
        step = StepInvocation(
            nodes=nodes,
            inputs={name: mounts[name] for name in inputs},
            outputs={name: mounts[name] for name in outputs},
        )
        log = tmp_path / f"step {number}"
        done = orchard.step(*step.to_argv(), HOOK_LOG=str(log))
        assert done.returncode == 0, done.stderr
        logs.append(calls(log))

    whole = calls(tmp_path / "run")
    assert counted([call for log in logs for call in log]) == counted(whole)
    once = [call for call in whole if call["hook"] in ONCE_A_SESSION]
    assert {call["hook"] for call in once} == ONCE_A_SESSION
    assert len(once) == len(ONCE_A_SESSION)
    for log in logs:
        assert [call["hook"] for call in log if call["hook"] in ONCE_A_SESSION] == [
            call["hook"] for call in once
        ]
        assert [call for call in log if call["hook"] == "after_catalog_created"] == [
            call for call in once if call["hook"] == "after_catalog_created"
        ]

    assert list((orchard.root / "data").iterdir()) == []  # a step writes to its mounts alone
    at_mounts = {
        path.name: path.read_text()
        for folder in mounts.values()
        for path in Path(folder).iterdir()
        if path.suffix in {".json", ".txt"}
    }
    assert at_mounts == data
    assert data["lines.txt"] == "line 1;line 2;"
    # 3 parameters + 2 + 3 = 8, times 10, times the total: 2 + 2 + 5.
    assert make_memory_dataset(mounts["ns.end"]).load() == 8 * 10 * 9


PARTS = """
parts:
  type: kedro_azureml_datasets.AzureMLPipelineDataset
  dataset: {type: partitions.IncrementalDataset, path: parts, dataset: text.TextDataset}
"""


def test_a_confirmed_input_is_read_and_its_read_only_mount_is_left_as_it_is(project, mount):
    project.write("conf/base/catalog.yml", PARTS)
    project.pipeline(
        """
        def register_pipelines():
            return {"__default__": Pipeline([
                node(lambda parts: sorted(parts), "parts", "apples", confirms="parts", name="take"),
            ])}
        """
    )
    mounted, apples = mount("parts"), mount("apples")
    parts = Path(mounted, "parts")
    parts.mkdir()
    for name in ("a", "b"):
        (parts / name).write_text(name)
    for path in (*parts.iterdir(), parts, Path(mounted)):
        path.chmod(0o555)
    step = StepInvocation(nodes=("take",), inputs={"parts": mounted}, outputs={"apples": apples})
    done = project.step(*step.to_argv())
    assert done.returncode == 0, done.stderr
    assert make_memory_dataset(apples).load() == ["a", "b"]
    assert sorted(path.name for path in parts.iterdir()) == ["a", "b"]
    assert "checkpoint is not kept" in " ".join(done.stdout.split())


def test_what_a_step_writes_and_confirms_has_its_checkpoint(project, mount):
    project.write("conf/base/catalog.yml", PARTS)
    project.pipeline(
        """
        def register_pipelines():
            return {"__default__": Pipeline([
                node(lambda: {"a": "1"}, None, "parts", name="make"),
                node(lambda parts: None, "parts", None, confirms="parts", name="take"),
            ])}
        """
    )
    folder = mount("parts")
    step = StepInvocation(nodes=("make", "take"), outputs={"parts": folder})
    done = project.step(*step.to_argv())
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in Path(folder, "parts").iterdir()) == ["CHECKPOINT", "a"]


def test_a_hook_reads_after_the_run_what_has_stayed_on_the_steps_own_disk(orchard, mount, tmp_path):
    orchard.write("src/orchard/settings.py", READS_AFTERWARDS)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    step = StepInvocation(nodes=("params", "keep", "ns.scale"), inputs={}, outputs={})
    log = tmp_path / "log"
    done = orchard.step(*step.to_argv(), HOOK_LOG=str(log), TMPDIR=str(scratch))
    assert done.returncode == 0, done.stderr
    assert log.read_text() == "8"  # 3 + 2 + the number of parameters
    assert list(scratch.iterdir()) == []
