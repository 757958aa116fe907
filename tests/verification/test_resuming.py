"""Resuming a simulated run: whatever changed in between, the data is that of a full run."""

import json
import shutil
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import yaml
from hypothesis import HealthCheck, assume, event, given, note
from hypothesis import strategies as st
from random_catalog import catalog_of
from random_pipelines import RandomProject, projects
from random_projects import escape, tables, write
from small_projects import AZUREML, PREFIX, Bench, Told, records, set_parameters, write_project
from stress import FACTOR, examples

# A node fails while a file with its name lies beside the project, which changes nothing in it.
STOP = """
    def stop():
        name = spec["name"] if not spec["namespace"] else spec["namespace"] + "." + spec["name"]
        stopped = Path("{stopped}")
        if stopped.exists() and stopped.read_text() == name:
            raise RuntimeError("stopped")
        return spec.get("salt", "")

"""


def node_of(record: str) -> str:
    return json.loads(record.removeprefix(PREFIX))[0]


def seen_in(run_dir: Path) -> Counter[str]:
    seen: Counter[str] = Counter()
    run = json.loads((run_dir / "run.json").read_text())
    for step in run["steps"]:
        if step["status"] == "completed" and step["log_path"]:
            seen += records((run_dir / step["log_path"]).read_text(encoding="utf-8"))
    return seen


def simulate(bench: Bench, project: Path, run_dir: Path, *args: str) -> Told:
    return bench.kedro(
        project, "azureml", "simulate", "-j", "job", "--run-dir", str(run_dir),
        "--python", str(bench.image.path), *args,
    )  # fmt: skip


def choices_of(told: Told) -> dict[str, bool]:
    """Return for each node whether it ran again."""
    found = {}
    for line in told.stderr.splitlines():
        for start, runs in (("runs again: ", True), ("taken over: ", False)):
            if line.startswith(start):
                found[line.removeprefix(start).rpartition(" (")[0]] = runs
    return found


def set_stop(made: Path) -> Path:
    stopped = made.parent / "outside/stopped"
    registry = made / "src/small/pipeline_registry.py"
    text = registry.read_text()
    text = text.replace(
        "def function_of(spec):\n", "def function_of(spec):" + STOP.format(stopped=stopped)
    )
    text = text.replace(
        'seed = digest([spec["name"], args, kwargs])',
        'seed = digest([spec["name"], stop(), args, kwargs])',
    )
    registry.write_text(text)
    return stopped


def change(draw, project: RandomProject, made: Path, kind: str) -> tuple[RandomProject, list[str]]:
    """Change the project on disk; return it, and the options that the resume needs."""
    base = made / "conf/base"
    if kind == "parameter":
        name = draw(st.sampled_from(["whole", "part", "yes", "empty"]))
        value = {"whole": 17, "part": 0.25, "yes": not project.parameters["yes"], "empty": "full"}
        project = replace(project, parameters={**project.parameters, name: value[name]})
        text = yaml.safe_dump(escape(project.parameters), allow_unicode=True, sort_keys=False)
        (base / "parameters.yml").write_text(text, encoding="utf-8")
    elif kind == "catalog":
        catalog = catalog_of(project, str(made.parent / "outside"))
        keys = [k for k, entry in catalog.items() if isinstance(entry, dict) and k[0] != "_"]
        assume(keys)
        catalog[draw(st.sampled_from(sorted(keys)))]["metadata"] = {"changed": True}
        (base / "catalog.yml").write_text(
            yaml.safe_dump(catalog, allow_unicode=True, sort_keys=False), encoding="utf-8"
        )
    elif kind == "code":
        node = draw(st.sampled_from(project.selected))
        spec = json.loads((made / "src/small/spec.json").read_text())
        for one in spec["nodes"]:
            if (one["name"], one["namespace"]) == (node.name, node.namespace):
                one["salt"] = "changed"
        (made / "src/small/spec.json").write_text(json.dumps(spec))
        assume("," not in node.full_name and "[" not in node.full_name)
        return project, [f"--from-nodes={node.full_name}"]
    elif kind == "grouping":
        job = {**project.job, "grouping": draw(st.sampled_from(["node", "namespace", "memory"]))}
        project = replace(project, job=job)
        settings = yaml.safe_load((base / "azureml.yml").read_text(encoding="utf-8"))
        settings["jobs"]["job"] = job
        (base / "azureml.yml").write_text(
            yaml.safe_dump(settings, allow_unicode=True, sort_keys=False), encoding="utf-8"
        )
    elif kind == "input":
        used = {n.partition("@")[0] for node in project.selected for n in node.inputs}
        found = [d for d in project.data.values() if d.name in used and d.kind in _INPUTS]
        assume(found)
        data = draw(st.sampled_from(found))
        if data.kind == "asset_latest":
            return project, [f"--load-versions={data.name}:1"]
        path = made / _INPUTS[data.kind].format(data.number)
        text = path.read_text(encoding="utf-8")
        changed = text.replace(str(data.number), "987") if text[0] == "{" else text + "987,late\n"
        path.write_text(changed, encoding="utf-8")
        return project, ["--accept-code-changes"] if data.kind == "local" else []
    return project, []


_INPUTS = {
    "uploaded": "data/carried/uploaded/{}.json",
    "local": "data/local/{}.csv",
    "asset_latest": "",
}


def run_whole(bench: Bench, project: RandomProject, made: Path, options: list[str]) -> Told:
    """Run `kedro run` on the whole changed project."""
    copy = made.with_name("whole")
    shutil.copytree(made, copy, ignore=shutil.ignore_patterns("build"))
    set_parameters(copy, project.job.get("params", {}))
    latest = [d.name for d in project.data.values() if d.kind == "asset_latest"]
    versions = dict.fromkeys(latest, "2")
    for option in options:
        if option.startswith("--load-versions="):
            name, _, version = option.partition("=")[2].rpartition(":")
            versions[name] = version
    pinned = ["--load-versions", ",".join(f"{n}:{v}" for n, v in versions.items())]
    to_nodes = project.job.get("pipeline", {}).get("to_nodes", ())
    only = [f"--to-nodes={','.join(to_nodes)}"] if to_nodes else []
    database = str(made.parent / "outside/local.db")
    return bench.kedro(copy, "run", *(pinned if latest else []), *only, DATABASE=database)


def refuses_changed_code(bench, made, folder, options):
    plain = [option for option in options if not option.startswith("--from-nodes")]
    refused = simulate(bench, made, folder / "refused", "--resume", str(folder / "first"), *plain)
    assert refused.code == 1
    assert "changed: src/small/spec.json" in refused.stderr
    assert not (folder / "refused").exists()


def test_property_a_resumed_run_leaves_the_data_of_a_full_run(bench, tmp_path):
    @examples(5 if FACTOR > 1 else 2, suppress_health_check=list(HealthCheck))
    @given(projects(("node", "namespace", "memory", "named"), 12), st.data())
    def property_(project, data):
        draw = data.draw
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        made = write(project, folder)
        stopped = set_stop(made)
        assume(bench.compile(made).compiled)
        failing = draw(st.sampled_from([None, *project.selected]))
        if failing is not None:
            stopped.write_text(failing.full_name, encoding="utf-8")
        first = simulate(bench, made, folder / "first")
        note(f"first: {first.stdout}{first.stderr}")
        assert first.code == (0 if failing is None else 1)
        stopped.unlink(missing_ok=True)
        options: list[str] = []
        kinds = ["parameter", "catalog", "code", "grouping", "input"]
        changes = draw(st.lists(st.sampled_from(kinds), unique=True, max_size=2))
        if "catalog" in changes:  # the catalog that it writes has no other change
            changes = ["catalog", *(kind for kind in changes if kind != "catalog")]
        for kind in changes:
            project, more = change(draw, project, made, kind)
            options += more
        event(f"changed {sorted(changes)}, failed: {failing is not None}")
        note(f"{changes} {options}")
        assume(bench.compile(made).compiled)
        whole = run_whole(bench, project, made, options)
        note(f"whole: {whole.stdout}{whole.stderr}")
        assert whole.code == 0
        if "code" in changes and not {"--accept-code-changes"} & {*options}:
            refuses_changed_code(bench, made, folder, options)
        told = simulate(bench, made, folder / "second", "--resume", str(folder / "first"), *options)
        note(f"second: {told.stdout}{told.stderr}")
        if "error reuse-refused:" in told.stderr:
            # Nodes without the tag `deterministic` have left a step, and Azure ML would not notice
            # what the others use outside it.
            assert told.code == 1
            assert not (folder / "second").exists()
            return
        assert told.code == 0
        runs = choices_of(told)
        taken = {name for name, again in runs.items() if not again}
        event(f"taken over: {'all' if not any(runs.values()) else 'some' if taken else 'none'}")
        seen = seen_in(folder / "second") if any(runs.values()) else Counter()
        earlier = seen_in(folder / "first")
        escaped = {n.full_name: n for n in project.selected}
        names = {n for n in escaped if n.encode("unicode_escape").decode() in taken or n in taken}
        seen += Counter({r: n for r, n in earlier.items() if node_of(r) in names})
        note(f"in the whole run alone: {whole.records - seen}\nelse: {seen - whole.records}")
        assert seen == whole.records
        outside = folder / "outside"
        assert tables(outside / "steps.db") == tables(outside / "local.db")

    property_()


CHAIN = """
from kedro.pipeline import Pipeline, node


def make(seed): return str(seed)
def again(x): return x + x


def register_pipelines():
    nodes = [node(make, "params:seed", "made", name="a"), node(again, "made", "last", name="b")]
    return {"__default__": Pipeline(nodes)}
"""

TEXT = "{type: kedro_azureml_datasets.AzureMLPipelineDataset, dataset: {type: text.TextDataset, "


def test_changes_beside_the_project_count(bench, tmp_path):
    made = write_project(
        tmp_path / "farm",
        registry=CHAIN,
        catalog=f"made: {TEXT}filepath: made.txt}}}}\nlast: {TEXT}filepath: last.txt}}}}\n",
        azureml=json.dumps(AZUREML),
    )
    first = tmp_path / "first"
    assert simulate(bench, made, first).code == 0

    def choose(*options: str) -> dict[str, bool]:
        told = simulate(bench, made, tmp_path / "x", "--resume", str(first), "--validate", *options)
        assert "Traceback" not in told.stderr
        return choices_of(told)

    assert choose() == {"a": False, "b": False}
    assert choose("--env-var", "SHELL=/bin/sh") == {"a": True, "b": True}
    packages = tmp_path / "more/extra-1.0.dist-info"
    packages.mkdir(parents=True)
    other = tmp_path / "python"
    other.write_text(f'#!/bin/sh\nPYTHONPATH={packages.parent} exec {sys.executable} "$@"\n')
    other.chmod(0o755)
    assert choose("--python", str(other)) == {"a": True, "b": True}
    assert choose("--from-nodes", "b") == {"a": False, "b": True}
    (output,) = (first / "steps/a").rglob("made.txt")
    output.write_text("edited")
    assert choose("--from-nodes", "b") == {"a": True, "b": True}
    assert choose() == {"a": False, "b": False}  # which nobody reads
