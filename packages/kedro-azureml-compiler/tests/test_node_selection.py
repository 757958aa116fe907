"""A job selects the nodes that `kedro run` runs with the same filters."""

import pytest
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from kedro.runner import SequentialRunner
from kedro_azureml_compiler.project.project_errors import ProjectError
from kedro_azureml_compiler.project.reading import read_project
from kedro_azureml_compiler.project.request import ProjectRequest
from kedro_azureml_compiler.settings.models import Job

PIPELINES = """
def register_pipelines():
    def part(name):
        return Pipeline(
            [
                node(abs, "params:seed", "a", name="one", tags=["first", name]),
                node(abs, "a", "b@pandas", name="two"),
                node(abs, "b@spark", "c", name="three", tags=["last"]),
                node(abs, ["a", "c"][:1], "d", name="side"),
            ],
            namespace=name, parameters={"params:seed"}, outputs={"c": f"{name[:2]}_c"},
        )
    joined = node(abs, "eu_c", "joined", name="join", tags=["last"])
    return {
        "__default__": part("eu") + part("us.north") + Pipeline([joined]),
        "more": Pipeline([node(abs, "joined", "more", name="add", tags=["first"])]),
        "other": Pipeline([node(abs, "params:seed", "other", name="other")]),
    }
"""


class Remembers(SequentialRunner):
    """Runs nothing, and remembers what Kedro would have had run."""

    def run(self, pipeline, *args, **kwargs):
        self.nodes = {node.name for node in pipeline.nodes}
        return {}


@pytest.fixture
def both(project):
    """Give the nodes that a job selects and those that `kedro run` runs."""
    project.pipelines(PIPELINES)

    def select(filters: dict, pipelines: list[str]) -> tuple[set[str], set[str]]:
        job = Job.model_validate({"pipeline": {**filters, "pipeline_names": pipelines}})
        facts = read_project(ProjectRequest(project.root), job)
        runner = Remembers()
        bootstrap_project(project.root)
        run = {k: v for k, v in filters.items() if k != "node_namespaces"}
        with KedroSession.create(project_path=project.root, save_on_close=False) as session:
            session.run(
                pipeline_names=pipelines,
                namespaces=filters.get("node_namespaces"),
                runner=runner,
                **run,
            )
        return {node.name for node in facts.nodes}, runner.nodes

    return select


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({}, 9),
        ({"tags": ["last"]}, 3),
        ({"tags": ["last", "eu"]}, 4),
        ({"from_nodes": ["eu.two"]}, 3),
        ({"to_nodes": ["join"]}, 4),
        ({"from_nodes": ["eu.two"], "to_nodes": ["eu.three"]}, 2),
        ({"node_names": ["eu.one", "join"]}, 2),
        ({"from_inputs": ["eu.b"]}, 2),
        ({"from_inputs": ["eu.a"]}, 4),
        ({"to_outputs": ["us.north.b"]}, 2),
        ({"node_namespaces": ["us"]}, 4),
        ({"node_namespaces": ["us.north", "eu"]}, 8),
        ({"node_namespaces": ["eu"], "tags": ["last"]}, 1),
    ],
)
def test_each_filter_selects_what_kedro_selects(both, filters, count):
    selected, run = both(filters, ["__default__"])
    assert selected == run
    assert len(selected) == count


@pytest.mark.parametrize(
    ("pipelines", "filters", "count"),
    [
        (["__default__", "more"], {}, 10),
        (["more", "other"], {}, 2),
        (["__default__", "more"], {"from_nodes": ["eu.three"]}, 3),
        (["more", "__default__"], {"tags": ["first"]}, 3),
    ],
)
def test_several_pipelines_are_one(both, pipelines, filters, count):
    selected, run = both(filters, pipelines)
    assert selected == run
    assert len(selected) == count


@pytest.mark.parametrize(
    ("filters", "told"),
    [
        ({"node_names": ["joni"]}, r"node_names: there is no node 'joni' \(did you mean 'join'"),
        ({"from_nodes": ["three"]}, "did you mean 'eu.three' or 'us.north.three'"),
        ({"to_nodes": ["joni"]}, "to_nodes: there is no node 'joni'"),
        ({"from_inputs": ["joind"]}, "no node uses the dataset 'joind' .*'joined'"),
        ({"to_outputs": ["eu.b@pandsa"]}, "no node uses the dataset 'eu.b@pandsa' .*'eu.b@pandas'"),
        ({"node_namespaces": ["us.nroth"]}, "no node is in 'us.nroth' .*'us.north'"),
        ({"tags": ["lats"]}, "tags: no node has the tag 'lats' .*'last'"),
        ({"tags": ["none"]}, r"\(there are: eu, first, last, us.north\)"),
        ({"tags": ["none"], "node_names": ["joni"]}, "(?s)'none'.*'joni'"),
        ({"tags": ["eu"], "node_namespaces": ["us"]}, "passes all .*: tags, node_namespaces"),
    ],
)
def test_a_filter_that_names_something_unknown_is_reported(project, filters, told):
    project.pipelines(PIPELINES)
    job = Job.model_validate({"pipeline": filters})
    with pytest.raises(ProjectError, match=told):
        read_project(ProjectRequest(project.root), job)


def test_a_tag_that_no_node_has_is_reported_where_others_select_nodes(small_project):
    small_project.pipelines(PIPELINES)
    small_project.write("conf/base/parameters.yml", "seed: 1\n")
    small_project.settings_of({"j": {"pipeline": {"tags": ["lats", "first"]}}})
    finding = small_project.only("unknown-tag")
    assert finding.where == "jobs.j.pipeline.tags"
    assert finding.message.startswith("no node has the tag 'lats' (did you mean 'last'?)")


def test_params_of_the_command_win_over_those_of_the_job(project):
    job = Job.model_validate({"params": {"a": {"b": 1, "c": 2}, "d": 3}})
    facts = read_project(ProjectRequest(project.root, params={"a": {"b": 9}}), job)
    assert facts.params == {"a": {"b": 9, "c": 2}, "d": 3}


def test_load_versions_of_a_dataset_that_no_node_uses_are_refused(project):
    with pytest.raises(ProjectError, match=r"names 'positiv'.*did you mean 'positive'\?"):
        read_project(ProjectRequest(project.root, load_versions={"positiv": "1"}), Job())


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"a": {1: "x"}}, "the key 1 is not a string"),
        ({"a": [{None: "x"}]}, "the key None is not a string"),
        ({"a": {1, 2}}, "set is not JSON serializable"),
        ({"a": "\ud800"}, "surrogates not allowed"),
    ],
)
def test_params_that_cannot_reach_a_step_as_they_are_are_refused(project, params, told):
    with pytest.raises(ProjectError, match=f"cannot reach a step: .*{told}"):
        read_project(ProjectRequest(project.root, params=params), Job())
