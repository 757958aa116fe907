"""A job selects the nodes that `kedro run` runs with the same filters."""

import pytest
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from kedro.runner import SequentialRunner
from kedro_azureml_compiler.project.filters import NodeFilters
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
    """Return the nodes that a job selects and those that `kedro run` runs."""
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
    ("own", "pipelines", "filters", "count"),
    [
        ({}, [], {"tags": ["last"]}, 3),
        ({"tags": ["last"]}, [], {"node_namespaces": ["eu"]}, 1),
        ({"tags": ["last"]}, [], {"from_nodes": ["eu.two"]}, 2),  # through nodes without the tag
        ({"to_nodes": ["join"]}, [], {"from_inputs": ["eu.b"]}, 2),
        ({"node_names": ["eu.one", "join"]}, [], {"to_outputs": ["joined"]}, 2),
        ({}, [], {"node_names": ["eu.one"], "tags": ["eu", "us.north"]}, 1),
        ({"pipeline_names": ["__default__", "more"]}, ["more"], {}, 1),
        ({"pipeline_names": ["__default__", "more"]}, ["more", "__default__"], {}, 10),
        ({"pipeline_names": ["__default__", "more"]}, [], {"from_nodes": ["join"]}, 2),
        ({"pipeline_names": ["__default__", "more"]}, ["more"], {"tags": ["first"]}, 1),
    ],
)
def test_filters_of_a_command_are_those_of_kedro_run_within_the_job(
    both, project, own, pipelines, filters, count
):
    of_job, _ = both({k: v for k, v in own.items() if k != "pipeline_names"}, own.get(
        "pipeline_names", ["__default__"]))  # fmt: skip
    _, run = both(filters, pipelines or own.get("pipeline_names", ["__default__"]))
    asked = NodeFilters(tuple(pipelines), **{key: tuple(names) for key, names in filters.items()})
    job = Job.model_validate({"pipeline": own})
    facts = read_project(ProjectRequest(project.root, filters=asked), job)
    assert {node.name for node in facts.nodes} == of_job & run
    assert len(facts.nodes) == count
    assert {node.name for node in facts.nodes_of_job} == of_job
    assert facts.pipelines == (tuple(pipelines) or job.pipeline.registered)


@pytest.mark.parametrize(
    ("filters", "told"),
    [
        ({"node_names": ("joni",)}, r"do not fit .*:\n  --nodes: there is no node 'joni' .*'join'"),
        ({"node_namespaces": ("ue",)}, "--namespaces: no node is in 'ue' .*eu, us"),
        ({"tags": ("lats",)}, "--tags: no node has the tag 'lats' .*'last'"),
        ({"pipeline_names": ("mroe",)}, r"'mroe' is not registered \(did you mean 'more'"),
        (
            {"node_names": ("us.north.one",), "tags": ("first",)},
            (
                r"the job's filters \(the pipeline '__default__'; node_namespaces: eu\) and "
                r"the command's \(--tags first --nodes us.north.one\).\n"
                r"The job selects:      eu.one, eu.side, eu.two, eu.three\n"
                r"The command selects:  us.north.one"
            ),
        ),
        ({"tags": ("first",), "node_names": ("join",)}, "The command selects:  nothing"),
        ({"pipeline_names": ("other",)}, r"\(--pipelines other\).\n.*\n.* selects:  other"),
    ],
)
def test_filters_of_a_command_that_select_nothing_are_named_with_those_of_the_job(
    project, filters, told
):
    project.pipelines(PIPELINES)
    job = Job.model_validate({"pipeline": {"node_namespaces": ["eu"]}})
    with pytest.raises(ProjectError, match=told):
        read_project(ProjectRequest(project.root, filters=NodeFilters(**filters)), job)


def test_a_tag_of_the_command_that_no_node_has_is_reported_by_its_option(small_project):
    small_project.pipelines(PIPELINES)
    small_project.write("conf/base/parameters.yml", "seed: 1\n")
    finding = small_project.only("unknown-tag", filters=NodeFilters(tags=("lats", "first")))
    assert finding.where == "--tags"


def test_settings_of_nodes_that_the_command_leaves_out_are_no_mistakes(small_project):
    small_project.nodes(
        ("load", None, "raw"), ("clean", "raw", "table"), ("fit", "table", "score"),
        ("tell", "score", None),
    )  # fmt: skip
    small_project.catalog(
        "table: {type: pandas.CSVDataset, filepath: data/table.csv}\n"
        "raw: {type: pandas.CSVDataset, filepath: data/raw.csv}\n"
    )
    job = {
        "grouping": {"prepare": ["load", "clean"], "end": ["tell"], "wrong": ["nobody"]},
        "steps": {"prepare": {"timeout": 5}, "clean": {"timeout": 5}, "f*": {"timeout": 5},
                  "nothing": {"timeout": 5}},
        "unordered": ["raw"],
        "external": ["table"],
        "overrides": {"jobs": {"prepare": {"description": "a"}, "else": {"description": "b"}}},
    }  # fmt: skip
    small_project.settings_of({"j": job})
    asked = NodeFilters(node_names=("fit", "tell"))
    for filters in (NodeFilters(), asked):
        found = small_project.found("pattern-matches-nothing", filters=filters)
        assert [finding.where for finding in found] == [
            "jobs.j.grouping", "jobs.j.steps.nothing", "jobs.j.overrides.jobs.else",
        ]  # fmt: skip
        for code in ("external-dataset", "unordered-dataset"):
            assert not small_project.found(code, filters=filters)


def test_steps_that_memory_joins_have_the_names_of_the_whole_job_in_its_settings(small_project):
    small_project.nodes(("a", None, "x"), ("b", "x", "y"), ("c", "t", "z"), ("d", "z", None))
    small_project.catalog("t: {type: pandas.CSVDataset, filepath: s3://b/t.csv}\n")
    names = {"a and 1 more": {"timeout": 5}, "c and 1 more": {"timeout": 5}}
    small_project.settings_of({"j": {"grouping": "memory", "steps": names}})
    for filters in (NodeFilters(), NodeFilters(node_names=("c", "d"))):
        assert not small_project.found("pattern-matches-nothing", filters=filters)
    # Its step has another name now, and would lose the setting.
    finding = small_project.only("pattern-matches-nothing", filters=NodeFilters(to_nodes=("a",)))
    assert finding.where == "jobs.j.steps.a and 1 more"


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
