"""Which settings a step gets among those that are given for several."""

import pytest
from kedro_azureml_compiler.planning.facts import NodeFacts
from kedro_azureml_compiler.planning.grouping import NodeGroup
from kedro_azureml_compiler.planning.step_choice import choose_settings
from kedro_azureml_compiler.settings.parsing import read_config

TRAIN = NodeFacts("eu.model.train", (), (), tags=("huge", "late"), namespace="eu.model")
LOAD = NodeFacts("load", (), ())


def config(steps: dict, **job: object):
    return read_config(
        {
            "workspace": {
                "__default__": {"subscription_id": "s", "resource_group": "r", "name": "w"}
            },
            "compute": {
                "__default__": {"cluster_name": "cpu"},
                "big": {"cluster_name": "b"},
                "slow": {"cluster_name": "s"},
                "gpu": {"cluster_name": "g"},
            },
            "jobs": {"job": {"steps": steps, **job}},
        }
    )


def choose(steps: dict, *groups: NodeGroup):
    settings = config(steps)
    groups = groups or (NodeGroup(TRAIN.name, (TRAIN,)), NodeGroup(LOAD.name, (LOAD,)))
    return choose_settings("job", settings.jobs["job"], settings, groups)


def test_without_settings_nothing_is_chosen():
    load = NodeGroup("load", (LOAD,))
    assert choose({}, load) == ({}, ())


@pytest.mark.parametrize(
    ("wider", "narrower"),
    [
        ("*", "tag:huge"),
        ("tag:huge", "namespace:eu"),
        ("namespace:eu", "namespace:eu.model"),
        ("namespace:eu.model", "*train"),
        ("*train", "eu.*train"),
        ("eu.*train", "eu.model.train"),
    ],
)
def test_the_narrower_pattern_wins(wider: str, narrower: str):
    for order in ((wider, narrower), (narrower, wider)):
        steps = {text: {"timeout": 1 if text == wider else 2, "compute": "gpu"} for text in order}
        chosen, found = choose(steps)
        assert found == ()
        assert chosen["eu.model.train"].timeout == 2


def test_what_the_narrower_pattern_does_not_say_comes_from_the_wider():
    chosen, found = choose(
        {
            "*": {"environment_variables": {"A": "1", "B": "1"}, "output": {"mode": "upload"}},
            "load": {"environment_variables": {"B": 2}, "output": {"datastore": "lake"}},
        },
        NodeGroup("load", (LOAD,)),
    )
    assert found == ()
    assert chosen["load"].environment_variables == {"A": "1", "B": "2"}
    assert chosen["load"].output.model_dump() == {
        "mode": "upload",
        "datastore": "lake",
        "path": None,
    }


def test_a_tag_that_is_the_name_of_a_compute_chooses_it():
    node = NodeFacts("n", (), (), tags=("gpu", "other"))
    chosen, found = choose({}, NodeGroup("n", (node,)))
    assert (chosen["n"].compute, found) == ("gpu", ())


def test_two_tags_that_name_computes_are_an_error():
    _, (finding,) = choose({}, NodeGroup("x", (tagged("big", "gpu"),)))
    assert finding.code == "settings-contradict"
    assert "'tag:big' and 'tag:gpu'" in finding.message


def tagged(*tags: str) -> NodeFacts:
    return NodeFacts("x", (), (), tags=tags)


def test_two_patterns_of_which_none_is_narrower_contradict_each_other():
    nodes = NodeGroup("x", (tagged("one", "two"),))
    _, (finding,) = choose({"tag:one": {"timeout": 1}, "tag:two": {"timeout": 2}}, nodes)
    assert finding.code == "settings-contradict"
    assert "different values of 'timeout'" in finding.message
    _, none = choose({"tag:one": {"timeout": 1}, "tag:two": {"timeout": 1}}, nodes)
    assert none == ()


def test_the_name_of_a_group_is_narrower_than_those_of_its_nodes():
    chosen, found = choose(
        {"load": {"timeout": 1, "shm_size": "1g"}, "all": {"timeout": 3, "compute": "gpu"}},
        NodeGroup("all", (LOAD, tagged("big"))),
    )
    assert found == ()
    settings = chosen["all"]
    assert (settings.timeout, settings.shm_size, settings.compute) == (3, "1g", "gpu")


def test_a_pattern_that_matches_nothing_is_an_error_that_says_what_was_meant():
    _, found = choose({"laod": {"timeout": 1}, "huge": {"timeout": 1}})
    assert [f.code for f in found] == ["pattern-matches-nothing"] * 2
    assert found[0].where == "jobs.job.steps.laod"
    assert found[0].hint == "Did you mean 'load'?"
    assert found[1].hint == "Write 'tag:huge'."
