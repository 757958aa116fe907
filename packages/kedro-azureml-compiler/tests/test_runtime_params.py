"""Runtime parameters that nothing reads, and those that look so and are read."""

import pytest

pytestmark = pytest.mark.once

CODE = "unknown-runtime-parameter"


@pytest.fixture
def trained(small_project):
    small_project.write(
        "conf/base/parameters.yml",
        """
        training: {test_size: 0.2, model: {depth: 3}}
        seed: 1
        options: {}
        later:
        given: "${globals:given}"
        """,
    )
    small_project.write("conf/base/globals.yml", "given: {a: 1}")
    small_project.write("conf/prod/parameters_more.yml", "only_prod: 1\ntraining: {folds: 5}")
    small_project.nodes(("a", ["params:training", "params:added.deep"], "x"))
    small_project.catalog('e: {type: MemoryDataset, data: "${runtime_params:region.name, eu}"}')
    return small_project


@pytest.mark.parametrize(
    ("params", "where", "near"),
    [
        ({"training": {"tst_size": 0.3}}, "params:training.tst_size", "'training.test_size'"),
        ({"training": {"model": {"dept": 1}}}, "params:training.model.dept", "model.depth"),
        ({"sed": 2}, "params:sed", "'seed'"),
        ({"seed": {"a": 1}}, "params:seed.a", "'seed'"),
        ({"training": {"test_size": {"a": 1}}}, "params:training.test_size.a", ""),
        ({"only_prod": 2}, "params:only_prod", ""),
        ({"region": {"nam": "us"}}, "params:region.nam", "'region.name'"),
    ],
)  # fmt: skip
def test_an_unknown_name_is_a_warning_with_the_near_name(trained, params, where, near):
    finding = trained.only(CODE, params=params)
    assert (finding.severity.value, finding.where) == ("warning", where)
    assert "the project has no parameter of this name" in finding.message
    assert near in finding.message


@pytest.mark.parametrize("read", ["params:training", "params:training.test_size"])
def test_a_key_in_a_number_is_a_warning_that_says_what_it_replaces(trained, read):
    trained.nodes(("a", [read], "x"))
    finding = trained.only(CODE, params={"training": {"test_size": {"a": 1}}})
    assert finding.where == "params:training.test_size.a"
    assert "the value of 'training.test_size', which is not a mapping" in finding.message


@pytest.mark.parametrize(
    "params",
    [
        {"training": {"test_size": 0.3, "model": {"depth": 4}}},
        {"seed": 2},
        {"added": {"deep": 1}},
        {"added": {"deep": {"deeper": 1}}},
        {"options": {}},
        {"later": {"anything": 1}},
        {"given": {"b": 2}},
        {"region": {"name": "us"}},
        {"training": None},
    ],
)
def test_what_the_project_knows_is_none(trained, params):
    assert trained.found(CODE, params=params) == []


def test_what_an_environment_adds_is_known_there(trained):
    params = {"only_prod": 2, "training": {"folds": 3}}
    assert trained.found(CODE, params=params, env="prod") == []
    assert len(trained.found(CODE, params=params)) == 2


def test_params_of_the_job_are_judged_as_well_and_two_names_are_two_findings(trained):
    trained.settings_of({"j": {"params": {"sed": 1}}})
    found = trained.found(CODE, params={"trainin": 1})
    assert sorted(finding.where for finding in found) == ["params:sed", "params:trainin"]
