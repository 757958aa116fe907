"""The judge is a number in the documentation of Azure ML."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
import yaml
from checked_project import CheckedProject
from kedro_azureml_compiler import ProjectRequest, examine_job

from .written_case import Case, Cases, refused

CASES = Cases()


def passes_a_limit(case: Case, code: str, write: Callable[[Case, int], None], limit: int) -> None:
    """At the limit there is no finding, and one beyond it there is."""
    for number in (limit, limit + 1):
        # Python imports each package once, so each number has a project of its own.
        folder = case.folder / str(number)
        one = replace(case, project=CheckedProject(folder / "farm"), folder=folder)
        write(one, number)
        found = {finding.code for finding in one.examined().findings}
        assert (code in found) is (number > limit), found


@CASES.of("step-name-too-long")
def the_display_name_of_a_step_has_256_characters(case):
    passes_a_limit(
        case,
        "step-name-too-long",
        lambda one, length: one.nodes(("table", "a" * length, None, "x")),
        256,
    )


@CASES.of("text-too-long")
def a_description_has_5000_characters(case):
    def write(one: Case, length: int) -> None:
        one.project.settings_of({"j": {"description": "x" * length}})

    passes_a_limit(case, "text-too-long", write, 5000)


@CASES.of("too-many-ports")
def a_run_has_20_outputs(case):
    def write(one: Case, count: int) -> None:
        names = [f"x{i}" for i in range(count)]
        one.nodes(("table", "a", None, names), ("counted", "b", names, None))

    passes_a_limit(case, "too-many-ports", write, 20)


@CASES.of("too-many-tags")
def a_job_has_50_tags(case):
    from kedro_azureml_compiler import JobChanges

    def codes(count: int) -> set[str]:
        changes = JobChanges(tags={f"t{i}": "x" for i in range(count)})
        request = ProjectRequest(case.project.root)
        return {finding.code for finding in examine_job(request, "j", changes=changes).findings}

    own = len(yaml.safe_load(case.yml()).get("tags", {}))
    assert "too-many-tags" not in codes(50 - own)
    assert "too-many-tags" in codes(51 - own)


@CASES.of("too-many-steps")
def a_pipeline_has_30000_steps(case):
    from kedro_azureml_compiler.examination import examine_facts

    examined = case.examined()
    (node,) = examined.facts.nodes
    for count, codes in ((30_000, []), (30_001, ["too-many-steps"])):
        nodes = tuple(node._replace(name=f"a{i}", outputs=()) for i in range(count))
        facts = replace(examined.facts, nodes=nodes, datasets={})
        found = examine_facts("j", examined.config, examined.settings, facts).findings
        assert [finding.code for finding in found] == codes


@CASES.of("experiment-name")
def the_name_of_an_experiment_has_a_space(case):
    # Documented: letters, digits, `_` and `-`, the first no `-` (experiment names of MLflow runs).
    def codes(name: str) -> set[str]:
        case.project.settings_of({"j": {"experiment_name": name}})
        return {finding.code for finding in case.examined().findings}

    assert [bool(codes(name)) for name in ("ok-1", "a_b", "my experiment", "a/b")] == [
        False, False, True, True,
    ]  # fmt: skip


@CASES.of("compute-local")
def a_cluster_is_called_local(case):
    case.project.settings_of({"j": {}}, compute={"__default__": {"cluster_name": "local"}})
    refused(case, "compute-local")
    # Documented: `local` is a compute target of command jobs alone, not of pipeline jobs.
    assert yaml.safe_load(case.yml())["settings"]["default_compute"] == "azureml:local"


@CASES.of("param-not-json")
def a_parameter_is_not_a_number(case):
    case.project.settings_of({"j": {"params": {"rate": float("nan")}}})
    refused(case, "param-not-json")
    with pytest.raises(ValueError, match="JSON compliant"):  # RFC 8259 has no NaN
        json.dumps({"rate": float("nan")}, allow_nan=False)
