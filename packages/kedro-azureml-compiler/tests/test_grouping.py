"""Which nodes share a step, and which groupings cannot run."""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from kedro_azureml_compiler.planning.facts import (
    DatasetFacts,
    DatasetKind,
    NodeFacts,
    ProjectFacts,
    strip_transcoding,
)
from kedro_azureml_compiler.planning.grouping import group_nodes
from stress import examples


def node(name: str, inputs: str = "", outputs: str = "", **more: object) -> NodeFacts:
    return NodeFacts(name, tuple(inputs.split()), tuple(outputs.split()), **more)


def project(*nodes: NodeFacts, on_disk: str = "") -> ProjectFacts:
    """Make a project whose datasets are in memory, but for those named in `on_disk`."""
    names = {name for n in nodes for name in (*n.inputs, *n.outputs)}
    kinds = dict.fromkeys(on_disk.split(), DatasetKind.PIPELINE)
    return ProjectFacts(
        Path("/project"),
        ("__default__",),
        nodes,
        {name: DatasetFacts(name, kinds.get(name, DatasetKind.UNDECLARED)) for name in names},
    )


CHAIN = (node("a", "", "x"), node("b", "x", "y"), node("c", "y", "z"))


def groups(facts, grouping):
    made, found = group_nodes("job", facts, grouping)
    assert found == ()
    return {group.name: [node.name for node in group.nodes] for group in made}


def test_every_node_is_its_own_step_unless_the_job_groups_them():
    made, found = group_nodes("job", project(*CHAIN))
    assert ([group.name for group in made], found) == (["a", "b", "c"], ())


def test_the_whole_job_can_be_one_step():
    assert groups(project(*CHAIN), "pipeline") == {"job": ["a", "b", "c"]}


def test_memory_puts_together_what_exchanges_data_in_memory_and_nothing_else():
    assert groups(project(*CHAIN, on_disk="y"), "memory") == {
        "a and 1 more": ["a", "b"],
        "c": ["c"],
    }


def test_memory_takes_in_what_would_wait_in_between():
    nodes = (node("a", "", "x m"), node("b", "x", "y"), node("c", "y m"), node("d", "", "w"))
    assert groups(project(*nodes, on_disk="x y w"), "memory") == {
        "a and 2 more": ["a", "b", "c"],
        "d": ["d"],
    }


def test_memory_leaves_apart_what_exchanges_data_of_an_entry_that_cannot_be_read():
    facts = project(*CHAIN)
    unread = {name: entry for name, entry in facts.datasets.items() if name != "x"}
    assert groups(replace(facts, datasets=unread), "memory") == {
        "a": ["a"],
        "b and 1 more": ["b", "c"],
    }


def test_transcoded_data_in_memory_keeps_its_nodes_together():
    nodes = (node("a", "", "x@one"), node("b", "x@two"))
    assert groups(project(*nodes), "memory") == {"a and 1 more": ["a", "b"]}


def test_a_namespace_is_a_step_and_nodes_outside_keep_their_own():
    nodes = (
        node("load", "", "x"),
        node("eu.clean", "x", "eu.y", namespace="eu"),
        node("eu.model.fit", "eu.y", "eu.z", namespace="eu.model"),
        node("us.clean", "x", "us.y", namespace="us"),
    )
    assert groups(project(*nodes), "namespace") == {
        "load": ["load"],
        "eu": ["eu.clean", "eu.model.fit"],
        "us": ["us.clean"],
    }


def test_groups_by_name_take_nodes_by_name_glob_tag_and_namespace():
    nodes = (
        node("load_a", "", "a"),
        node("load_b", "", "b"),
        node("join", "a b", "c", tags=("prep",)),
        node("eu.fit", "c", "d", namespace="eu"),
        node("report", "d"),
    )
    grouping = {"load": ["load_*"], "model": ["tag:prep", "namespace:eu"]}
    assert groups(project(*nodes), grouping) == {
        "load": ["load_a", "load_b"],
        "model": ["join", "eu.fit"],
        "report": ["report"],
    }


def test_steps_come_in_an_order_in_which_they_can_run():
    nodes = (
        node("a1", "", "x"),
        node("b1", "", "y"),
        node("b2", "x", "z"),
        node("a2", "", "w"),
    )
    made, found = group_nodes("job", project(*nodes), {"B": ["b1", "b2"], "A": ["a1", "a2"]})
    assert ([group.name for group in made], found) == (["A", "B"], ())


def refused(facts, grouping):
    _, (finding,) = group_nodes("job", facts, grouping)
    assert finding.severity.value == "error"
    return finding


def test_groups_that_would_wait_for_each_other_are_refused_with_the_circle():
    nodes = (node("a", "", "x"), node("b", "x", "y"), node("c", "y"))
    finding = refused(project(*nodes), {"outer": ["a", "c"]})
    assert finding.code == "circular-groups"
    assert "'b' needs 'x' from 'outer'" in finding.message
    assert "'outer' needs 'y' from 'b'" in finding.message


def test_the_smallest_grouping_that_would_work_can_be_pasted():
    nodes = (
        node("eu.a", "", "x", namespace="eu"),
        node("us.a", "x", "y", namespace="us"),
        node("eu.b", "y", "z", namespace="eu"),
        node("us.b", "", "w", namespace="us"),
        node("uk.a", "", "v", namespace="uk"),
        node("uk.b", "v z", "", namespace="uk"),
    )
    finding = refused(project(*nodes), "namespace")
    pasted = yaml.safe_load(finding.hint.split("\n", 1)[1])["grouping"]
    assert pasted == {"eu_us": ["namespace:eu", "namespace:us"], "uk": ["namespace:uk"]}
    assert groups(project(*nodes), pasted) == {
        "eu_us": ["eu.a", "us.a", "eu.b", "us.b"],
        "uk": ["uk.a", "uk.b"],
    }


def test_a_pattern_that_matches_nothing_is_an_error():
    finding = refused(project(*CHAIN), {"g": ["a", "bb"]})
    assert finding.code == "pattern-matches-nothing"
    assert "'bb' in the group 'g'" in finding.message


@pytest.mark.parametrize(
    ("pattern", "meant"),
    [
        ("prep", "Write 'tag:prep'"),
        ("tag:perp", "Did you mean 'tag:prep'?"),
        ("other", "There are: a."),
    ],
)
def test_what_was_meant_by_a_pattern_is_suggested(pattern: str, meant: str):
    finding = refused(project(node("a", tags=("prep",))), {"g": [pattern]})
    assert finding.hint.startswith(meant)


def test_a_node_in_two_groups_is_an_error():
    finding = refused(project(*CHAIN), {"g": ["a", "b"], "h": ["b", "c"]})
    assert finding.code == "node-in-two-groups"
    assert "'b'" in finding.message


def test_the_smallest_grouping_holds_no_node_of_another_group_either():
    nodes = (node("a", "", "x"), node("b", "x", "y"), node("c", "y"), node("d"), node("e"))
    grouping = {"first": ["d", "e"], "circle": ["a", "c", "e"]}
    made, found = group_nodes("job", project(*nodes), grouping)
    assert [finding.code for finding in found] == ["node-in-two-groups", "circular-groups"]
    assert sorted([n.name for n in g.nodes] for g in made) == [["a", "b", "c"], ["d", "e"]]
    pasted = yaml.safe_load(found[1].hint.split("\n", 1)[1])["grouping"]
    assert pasted == {"first": ["d", "e"], "circle": ["a", "b", "c"]}


def test_groups_put_together_get_a_name_that_no_other_group_has():
    nodes = (
        node("a1", "", "x"),
        node("b1", "x", "y"),
        node("a2", "y"),
        node("c1", "", "v"),
        node("b2", "", "w"),
        node("c2", "", "u"),
    )
    grouping = {"a": ["a1", "a2"], "b": ["b1", "b2"], "a_b": ["c1", "c2"]}
    made, (circle,) = group_nodes("job", project(*nodes), grouping)
    assert sorted(group.name for group in made) == ["a_b", "a_b_"]
    pasted = yaml.safe_load(circle.hint.split("\n", 1)[1])["grouping"]
    assert groups(project(*nodes), pasted) == {g.name: [n.name for n in g.nodes] for g in made}


def test_a_group_called_like_a_node_outside_it_is_an_error():
    finding = refused(project(*CHAIN), {"c": ["a", "b"]})
    assert finding.code == "step-name-twice"


@st.composite
def layered(draw):
    """A graph of nodes, each of which reads what earlier ones have written, and a grouping."""
    count = draw(st.integers(1, 12))
    nodes = []
    for number in range(count):
        sources = draw(st.sets(st.integers(0, number - 1), max_size=3)) if number else set()
        inputs = tuple(f"d{source}" for source in sorted(sources))
        namespace = draw(st.sampled_from([None, "eu", "eu.x", "us"]))
        nodes.append(NodeFacts(f"n{number}", inputs, (f"d{number}",), namespace=namespace))
    disk = " ".join(f"d{i}" for i in draw(st.sets(st.integers(0, count - 1))))
    # A node may be in two groups, by mistake; then the first one has it.
    split = draw(st.lists(st.sampled_from(["", "g", "h", "gh"]), min_size=count, max_size=count))
    named = {
        group: [f"n{i}" for i, own in enumerate(split) if group in own]
        for group in ("g", "h")
        if any(group in own for own in split)
    }
    grouping = draw(st.sampled_from(["node", "namespace", "memory", "pipeline", named]))
    return project(*nodes, on_disk=disk), grouping


def is_runnable(made) -> bool:
    ready = set()
    everything = {strip_transcoding(o) for group in made for n in group.nodes for o in n.outputs}
    for group in made:
        own = {o for n in group.nodes for o in n.outputs}
        for n in group.nodes:
            if any(i in everything and i not in ready and i not in own for i in n.inputs):
                return False
        ready |= own
    return True


@given(layered())
@examples(100)
def test_any_grouping_holds_each_node_once_and_runs_or_is_refused_with_one_that_does(case):
    facts, grouping = case
    made, found = group_nodes("job", facts, grouping)
    assert sorted(n.name for g in made for n in g.nodes) == sorted(n.name for n in facts.nodes)
    assert is_runnable(made)  # after a refusal too: the rest is looked at then
    codes = [finding.code for finding in found]
    assert set(codes) <= {"circular-groups", "node-in-two-groups"}
    for finding in (found[codes.index("circular-groups")],) if "circular-groups" in codes else ():
        pasted = yaml.safe_load(finding.hint.split("\n", 1)[1])["grouping"]
        again, problems = group_nodes("job", facts, pasted)
        assert problems == ()
        assert [g.nodes for g in again] == [g.nodes for g in made]


@given(layered())
@examples(100)
def test_grouped_by_memory_nothing_in_memory_crosses_a_step(case):
    facts, _ = case
    made, found = group_nodes("job", facts, "memory")
    assert found == ()
    step_of = {n.name: g.name for g in made for n in g.nodes}
    writer = {o: n.name for n in facts.nodes for o in n.outputs}
    for n in facts.nodes:
        for name in n.inputs:
            if facts.datasets[name].kind is DatasetKind.UNDECLARED:
                assert step_of[n.name] == step_of[writer[name]]


def test_two_steps_of_one_name_are_two_for_all_that_is_looked_at_besides(small_project):
    small_project.write(
        "src/" + small_project.package + "/pipeline_registry.py",
        """
from kedro.pipeline import Pipeline, node

def register_pipelines():
    return {"__default__": Pipeline([
        node(lambda: 1, None, "x", name="eu"),
        node(lambda x: 1, "x", "y", name="n", namespace="eu"),
    ])}
""",
    )
    small_project.settings_of({"j": {"grouping": "namespace"}})
    assert small_project.only("step-name-twice").where == "jobs.j.grouping"
    assert [finding.where for finding in small_project.found("memory-between-steps")] == ["x"]
