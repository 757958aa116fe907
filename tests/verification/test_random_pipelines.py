"""Random pipelines: a job that gives what `kedro run` gives, or a true reason why there is none.

What a job must say is worked out in `expected_findings.py`, without the compiler; what its steps
must give is what `kedro run` gives in a fresh copy of the project.
"""

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pandas as pd
import yaml
from environments import judged
from expected_findings import JUDGED, OF_STEPS, Expectation
from hypothesis import HealthCheck, event, given, note
from random_catalog import catalog_of
from random_pipelines import RandomProject, projects
from small_projects import PARTS, Bench, Told, set_parameters, write_project
from stress import examples

UNCLEAR = {"node-in-two-groups", "pattern-matches-nothing", "step-name-twice"}
"""Findings with which it is not said which groups are meant."""


def frame(number):
    return pd.DataFrame({"n": [number, 2], "text": ["it's", "ä"]})


def write(project: RandomProject, folder: Path) -> Path:
    """Write the project with all that it reads and nothing produces."""
    outside = folder / "outside"
    outside.mkdir(parents=True)
    settings = {
        "workspace": {"__default__": {"subscription_id": "s", "resource_group": "r", "name": "w"}},
        "compute": {"__default__": {"cluster_name": "cpu"}},
        "execution": {"environment": "env:1"},
        "jobs": {"job": project.job},
    }
    made = write_project(
        folder / "project",
        registry=(PARTS / "random_registry.py").read_text(),
        catalog=yaml.safe_dump(
            catalog_of(project, str(outside)), allow_unicode=True, sort_keys=False
        ),
        azureml=yaml.safe_dump(settings, allow_unicode=True, sort_keys=False),
        parameters=yaml.safe_dump(
            _escaped(project.parameters), allow_unicode=True, sort_keys=False
        ),
        credentials='db: {database: "${oc.env:DATABASE}"}',
        environ={"DATABASE": str(outside / "steps.db")},
    )
    (made / "src/small/spec.json").write_text(json.dumps(project.spec))
    (made / ".amlignore").write_text("data/ignored/\n")
    tables = {}
    for data in project.data.values():
        n = data.number
        if not data.free:
            continue
        files = {
            "uploaded": (f"data/carried/uploaded/{n}.json", json.dumps({"n": n})),
            "local": (f"data/local/{n}.csv", frame(n).to_csv(index=False)),
            "local_ignored": (f"data/ignored/{n}.csv", frame(n).to_csv(index=False)),
            "local_outside": (outside / f"{n}.csv", frame(n).to_csv(index=False)),
            "mixed": (f"data/carried/{n}.csv", frame(n).to_csv(index=False)),
        }
        if data.kind in files:
            path, text = files[data.kind]
            _write(made / path, text)
        if data.kind == "mixed":
            _write(made / "data/local/mixed.csv", frame(n).to_csv(index=False))
        if data.kind == "table":
            tables[f"t{n}"] = frame(n)
        if data.asset:
            for version in (1, 2):
                folder = made / "data" / data.asset / str(version)
                _write(folder / "deep/x.csv", frame(version).to_csv(index=False))
                _write(folder / "x.json", json.dumps({"version": version}))
    for name in ("local.db", "steps.db"):
        with closing(sqlite3.connect(outside / name)) as connection:
            for table, content in tables.items():
                content.to_sql(table, connection, index=False)
    return made


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _escaped(value):
    """Keep OmegaConf from looking up what a text names."""
    if isinstance(value, dict):
        return {key: _escaped(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_escaped(inner) for inner in value]
    return value.replace("${", "\\${") if isinstance(value, str) else value


def run_locally(bench: Bench, project: RandomProject, made: Path) -> Told:
    """Run `kedro run` in a copy, where the job's parameters are the project's own."""
    copy = made.with_name("local")
    shutil.copytree(made, copy, ignore=shutil.ignore_patterns("build"))
    set_parameters(copy, project.job.get("params", {}))
    latest = [d.name for d in project.data.values() if d.kind == "asset_latest"]
    pinned = ["--load-versions", ",".join(f"{name}:2" for name in latest)] if latest else []
    to_nodes = project.job.get("pipeline", {}).get("to_nodes", ())
    only = [f"--to-nodes={','.join(to_nodes)}"] if to_nodes else []
    database = str(made.parent / "outside/local.db")
    return bench.kedro(copy, "run", *pinned, *only, DATABASE=database)


def tables(database: Path) -> dict[str, str]:
    with closing(sqlite3.connect(database)) as connection:
        names = pd.read_sql("SELECT name FROM sqlite_master WHERE type = 'table'", connection)
        return {
            name: pd.read_sql(f'SELECT * FROM "{name}"', connection).to_csv()
            for name in names["name"]
        }


def files_below(path: Path) -> dict[str, bytes]:
    if path.is_file():
        return {"": path.read_bytes()}
    return {f.relative_to(path).as_posix(): f.read_bytes() for f in path.rglob("*") if f.is_file()}


def check(bench: Bench, project: RandomProject, folder: Path) -> Path | None:
    """Check one project; give its `pipeline.yml` where there is one."""
    made = write(project, folder)
    expected = Expectation(project)
    answer = bench.compile(made)
    nodes_of = {name: frozenset(nodes) for name, nodes in answer.steps.items()}
    found = {
        (code, nodes_of[where] if code in OF_STEPS else where)
        for code, _, where, _, _ in answer.findings
    }
    errors = {code for code, severity, *_ in answer.findings if severity == "error"}
    note(f"found: {answer.findings}")
    assert {f for f in found if f[0] in JUDGED | errors} == expected.findings
    assert answer.compiled == (not errors)
    if "step-name-twice" not in errors:
        assert set(nodes_of.values()) == set(expected.steps)
    for code, _, _, _, hint in answer.findings:
        if (
            code == "circular-groups" and not errors & UNCLEAR
        ):  # what it says to write instead is what it says it is
            grouping = yaml.safe_load(hint.partition("\n")[2])["grouping"]
            better = Expectation(replace(project, job={**project.job, "grouping": grouping}))
            assert not better.circular
            assert set(better.steps) == set(expected.steps)
    if not answer.compiled:
        event("refused")
        return None
    event("compiled")
    local = run_locally(bench, project, made)
    note(f"kedro run: {local.stdout}{local.stderr}")
    assert local.code == 0
    bundle = made / "build/azureml/job"
    result, seen = bench.simulate(bundle / "pipeline.yml", folder / "run", assets=answer.assets)
    for step in result.steps:
        if step.message:
            note(f"{step.name}: {step.message}\n{step.log_path and step.log_path.read_text()}")
    assert result.status == "completed"
    note(f"locally alone: {local.records - seen}\nin steps alone: {seen - local.records}")
    assert seen == local.records
    outside = folder / "outside"
    assert tables(outside / "steps.db") == tables(outside / "local.db")
    assert not list(folder.rglob("F"))  # what a hostile name or value would have made
    return bundle / "pipeline.yml"


def property_of(*groupings: str, most: int):
    """Return the property for some kinds of grouping, as a test."""

    def test(bench, sdk, tmp_path):
        made: list[Path] = []

        @examples(3, suppress_health_check=list(HealthCheck))
        @given(projects(groupings, most))
        def property_(project):
            folder = tmp_path / str(len(list(tmp_path.iterdir())))
            made.append(check(bench, project, folder))

        property_()
        judgement = judged(*(path for path in made[-20:] if path is not None), python=sdk)
        assert judgement == {}

    return test


test_property_a_step_for_each_node = property_of("node", most=20)
test_property_a_step_for_each_namespace = property_of("namespace", most=40)
test_property_a_step_for_what_is_in_memory = property_of("memory", most=40)
test_property_a_step_for_named_groups = property_of("named", "pipeline", most=40)
