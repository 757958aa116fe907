"""Datasets that a job declares to be the same for every container, as values."""

from pathlib import Path

import pytest
from kedro_azureml_compiler.planning.external import declare_external
from kedro_azureml_compiler.planning.facts import DatasetFacts, DatasetKind, LocalFile, ProjectFacts
from kedro_azureml_runner.reachability.addresses import Reach


def local(name: str) -> DatasetFacts:
    return DatasetFacts(
        name,
        DatasetKind.STANDARD,
        local_path="/mnt/x.csv",
        reach=Reach.LOCAL,
        loopback=True,
        files=(LocalFile("/mnt/x.csv"),),
    )


def declare(names: str, *patterns: str, left_out: str = "", carried: str = ""):
    """Declare datasets external; give the facts, and what was found by place and message."""
    known = {name: local(name) for name in names.split()}
    known |= {name: DatasetFacts(name, DatasetKind.PIPELINE) for name in carried.split()}
    others = {name: local(name) for name in left_out.split()}
    facts = ProjectFacts(Path("/farm"), ("p",), (), known, datasets_left_out=others)
    declared, findings = declare_external("training", facts, patterns)
    assert facts.datasets == known
    return declared, [(finding.where, finding.message) for finding in findings]


def are_external(facts: ProjectFacts) -> set[str]:
    external = {name for name, each in facts.datasets.items() if each.external}
    for name in external:
        each = facts.datasets[name]
        assert (each.reach, each.loopback) == (Reach.REACHABLE, False)
        assert (each.local_path, each.files) == (None, ())
    others = {name: facts.datasets[name] for name in facts.datasets.keys() - external}
    assert all(each.kind is DatasetKind.PIPELINE or each == local(n) for n, each in others.items())
    return external


@pytest.mark.parametrize(
    ("pattern", "named"),
    [
        ("wh_a", {"wh_a"}),
        ("wh_*", {"wh_a", "wh_b"}),
        ("x", {"x@p", "x@q"}),
        ("x@p", {"x@p"}),
        ("x@*", {"x@p", "x@q"}),
        ("*", {"wh_a", "wh_b", "x@p", "x@q"}),
    ],
)
def test_a_name_a_glob_or_a_dataset_with_all_its_transcodings_is_declared(pattern, named):
    facts, found = declare("wh_a wh_b x@p x@q", pattern)
    assert found == []
    assert are_external(facts) == named


def test_several_are_declared_together():
    facts, found = declare("a b c", "a", "c")
    assert found == []
    assert are_external(facts) == {"a", "c"}


def test_what_the_command_leaves_out_may_be_named_and_does_not_come_back():
    facts, found = declare("a", "b", "a", left_out="b")
    assert found == []
    assert {*facts.datasets} == {"a"}
    assert are_external(facts) == {"a"}


def test_what_azure_ml_carries_cannot_be_external():
    facts, found = declare("x", "m*", carried="m1 m2")
    message = "'m*' names 'm1', which Azure ML carries from step to step."
    assert found == [("jobs.training.external", message)]
    assert are_external(facts) == set()


def test_a_glob_may_cover_what_azure_ml_carries_too():
    facts, found = declare("m", "m*", carried="m2")
    assert found == []
    assert are_external(facts) == {"m"}


def test_a_name_of_nothing_is_corrected():
    facts, found = declare("prices", "price", left_out="rates")
    message = "no node of the job uses a dataset 'price' (did you mean 'prices'?)."
    assert found == [("jobs.training.external", message)]
    assert are_external(facts) == set()
    _, found = declare("b", "zzzz", left_out="a")
    assert "'zzzz' (there are: a, b)" in found[0][1]
