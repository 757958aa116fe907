"""Random pipelines: a job that gives what `kedro run` gives, or a true reason why there is none.

What a job must say is worked out in `expected_findings.py`, without the compiler; what its steps
must give is what `kedro run` gives in a fresh copy of the project.
"""

import shutil
from dataclasses import replace
from pathlib import Path

import yaml
from environments import judged
from expected_findings import JUDGED, OF_STEPS, Expectation
from hypothesis import HealthCheck, event, given, note
from random_pipelines import RandomProject, projects
from random_projects import tables, write
from small_projects import Bench, Told, set_parameters
from stress import examples

UNCLEAR = {"node-in-two-groups", "pattern-matches-nothing", "step-name-twice"}
"""Findings with which it is not said which groups are meant."""


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
