"""What becomes of every dataset: one row of the binding table after the other."""

from pathlib import Path

import pytest
from kedro_azureml_compiler.findings import Severity
from kedro_azureml_compiler.planning.facts import (
    AssetFacts,
    DatasetFacts,
    DatasetKind,
    NodeFacts,
    ProjectFacts,
)
from kedro_azureml_compiler.planning.grouping import group_nodes
from kedro_azureml_compiler.planning.plan import Flow
from kedro_azureml_compiler.planning.plan_job import plan_job
from kedro_azureml_compiler.project.catalog.standard_entries import read_standard_facts


def facts(*nodes: NodeFacts, **more: object) -> ProjectFacts:
    known = {dataset.name: dataset for dataset in more.pop("datasets", ())}
    for node in nodes:
        for name in (*node.inputs, *node.outputs):
            known.setdefault(name, DatasetFacts(name, DatasetKind.UNDECLARED))
    return ProjectFacts(Path("/project"), ("__default__",), nodes, known, **more)


def node(name: str, inputs: str = "", outputs: str = "", tags: tuple[str, ...] = ()) -> NodeFacts:
    return NodeFacts(name, tuple(inputs.split()), tuple(outputs.split()), tags)


def plan(project: ProjectFacts, *there: str, grouping: object = "node", **more: object):
    groups, found = group_nodes("job", project, grouping)
    assert not found
    return plan_job("job", project, groups, exists=set(there).__contains__, **more)


def asset(name: str, version: str | None = None) -> DatasetFacts:
    return DatasetFacts(
        name,
        DatasetKind.ASSET,
        asset=AssetFacts(f"{name}_asset", version, is_file=False, root_dir="data", file="x"),
    )


def pipeline_dataset(name: str) -> DatasetFacts:
    return DatasetFacts(name, DatasetKind.PIPELINE, local_path=f"data/{name}.pq", root_dir="data")


def standard(name: str, path: str = "s3://bucket/x.csv") -> DatasetFacts:
    return read_standard_facts(name, "pandas.CSVDataset", {"filepath": path}, Path("/farm"))


def test_undeclared_data_that_crosses_steps_is_an_output_of_its_producer():
    made, found = plan(facts(node("a", "", "x"), node("b", "x")))
    assert found == ()
    assert made.dataset("x").flow is Flow.STEP_OUTPUT
    assert (made.steps[0].writes, made.steps[1].reads) == (("x",), ("x",))


@pytest.mark.parametrize("kind", [DatasetKind.UNDECLARED, DatasetKind.MEMORY])
def test_memory_data_that_nobody_else_reads_is_not_mounted(kind: DatasetKind):
    made, found = plan(facts(node("a", "", "x"), datasets=[DatasetFacts("x", kind)]))
    assert found == ()
    assert made.dataset("x").flow is Flow.IN_STEP
    assert made.steps[0].writes == ()


def test_a_pipeline_dataset_is_an_output_even_when_nobody_reads_it():
    made, _ = plan(facts(node("a", "", "x"), datasets=[pipeline_dataset("x")]))
    assert made.steps[0].writes == ("x",)


def test_a_pipeline_dataset_that_nothing_produces_is_uploaded_if_it_exists():
    made, found = plan(facts(node("a", "x"), datasets=[pipeline_dataset("x")]), "data/x.pq")
    assert found == ()
    dataset = made.dataset("x")
    assert (dataset.flow, dataset.source, dataset.source_root) == (
        Flow.UPLOAD,
        "data/x.pq",
        "data",
    )


def test_a_pipeline_dataset_that_is_nowhere_is_an_error_that_names_who_could_produce_it():
    project = facts(node("a", "x"), datasets=[pipeline_dataset("x")], producers={"x": ("maker",)})
    _, (finding,) = plan(project)
    assert (finding.code, finding.severity) == ("nothing-produces", Severity.ERROR)
    assert "'maker'" in finding.hint
    assert "data/x.pq" in finding.message


def test_a_free_input_in_no_catalog_is_an_error():
    _, (finding,) = plan(facts(node("a", "x")))
    assert (finding.code, finding.where) == ("unregistered-name", "x")


def test_an_asset_that_nothing_produces_is_read_at_its_pinned_version():
    made, _ = plan(facts(node("a", "x"), datasets=[asset("x", "3")]))
    dataset = made.dataset("x")
    assert dataset.flow is Flow.VERSION
    assert dataset.asset is not None
    assert dataset.asset.version == "3"


def test_load_versions_win_over_the_pinned_version():
    project = facts(node("a", "x"), datasets=[asset("x", "3")], load_versions={"x": "5"})
    dataset = plan(project)[0].dataset("x")
    assert dataset.asset is not None
    assert dataset.asset.version == "5"


def test_an_asset_that_a_step_produces_is_read_from_that_step():
    made, _ = plan(facts(node("a", "", "x"), node("b", "x"), datasets=[asset("x", "3")]))
    dataset = made.dataset("x")
    assert (dataset.flow, dataset.written_by) == (Flow.STEP_OUTPUT, "a")
    assert dataset.asset is not None
    assert dataset.asset.version is None  # pins are for reading


def test_the_local_version_of_an_asset_is_refused():
    _, (finding,) = plan(facts(node("a", "x"), datasets=[asset("x", "local")]))
    assert finding.code == "local-version"


def test_a_version_that_is_a_path_is_refused():
    project = facts(node("a", "x"), datasets=[asset("x", "3")], load_versions={"x": "9/../y"})
    _, (finding,) = plan(project)
    assert (finding.code, finding.severity) == ("catalog-entry", Severity.ERROR)


def test_transcoded_names_are_one_dataset():
    project = facts(
        node("a", "", "x@pandas"),
        node("b", "x@text"),
        datasets=[pipeline_dataset("x@pandas"), pipeline_dataset("x@text")],
    )
    made, found = plan(project)
    assert found == ()
    assert made.dataset("x").written_by == "a"
    assert made.steps[1].reads == ("x",)


def test_a_local_file_written_in_one_step_and_read_in_the_next_is_an_error():
    project = facts(node("a", "", "x"), node("b", "x"), datasets=[standard("x", "data/x.csv")])
    _, (finding,) = plan(project)
    assert (finding.code, finding.severity) == ("local-data-between-steps", Severity.ERROR)
    assert "AzureMLPipelineDataset" in finding.hint
    assert "root_dir: .\n" in finding.hint
    assert "filepath: data/x.csv" in finding.hint


def test_a_local_file_that_only_its_writer_knows_is_a_warning():
    _, (finding,) = plan(facts(node("a", "", "x"), datasets=[standard("x", "data/x.csv")]))
    assert (finding.code, finding.severity) == ("local-output-vanishes", Severity.WARNING)


def test_a_local_file_that_is_only_read_travels_with_the_code():
    made, found = plan(facts(node("a", "x"), datasets=[standard("x", "data/x.csv")]))
    assert found == ()
    assert made.steps[0].reads == ()


def test_a_local_file_outside_the_project_is_an_error():
    _, (finding,) = plan(facts(node("a", "x"), datasets=[standard("x", "/mnt/x.csv")]))
    assert finding.code == "local-input-outside"


def test_a_reader_of_a_database_table_waits_for_its_writer():
    made, found = plan(facts(node("a", "", "t"), node("b", "t"), datasets=[standard("t")]))
    assert found == ()
    assert made.steps[1].waits_for == ("a",)
    assert made.awaited_steps == {"a"}
    assert made.steps[1].reads == made.steps[0].writes == ()


def test_no_step_waits_for_one_whose_data_it_reads_anyway():
    project = facts(node("a", "", "t x"), node("b", "t x"), datasets=[standard("t")])
    made, _ = plan(project)
    assert made.steps[1].waits_for == ()
    assert made.steps[1].reads == ("x",)


def test_parameters_are_mounted_nowhere():
    project = facts(
        node("a", "params:p parameters"),
        datasets=[
            DatasetFacts("params:p", DatasetKind.PARAMETER),
            DatasetFacts("parameters", DatasetKind.PARAMETER),
        ],
    )
    made, found = plan(project)
    assert found == ()
    assert made.steps[0].reads == ()
    assert made.dataset("params:p").flow is Flow.PARAMETER


def test_all_mistakes_are_found_together():
    project = facts(
        node("a", "nowhere", "x"), node("b", "x gone"), datasets=[standard("x", "data/x.csv")]
    )
    _, found = plan(project)
    assert sorted(finding.where for finding in found) == ["gone", "nowhere", "x"]


def test_every_dataset_says_why():
    project = facts(
        node("a", "p q params:r", "x y"),
        node("b", "x", "t"),
        node("c", "t"),
        datasets=[
            asset("p", "1"),
            standard("q", "q.csv"),
            DatasetFacts("params:r", DatasetKind.PARAMETER),
            asset("y"),
            standard("t"),
        ],
    )
    made, _ = plan(project)
    assert all(dataset.why for dataset in made.datasets)


TOGETHER = {"both": ["a", "b"]}


@pytest.mark.parametrize("made", [pipeline_dataset("x"), DatasetFacts("x", DatasetKind.MEMORY)])
def test_data_that_only_one_step_uses_touches_no_mount(made: DatasetFacts):
    project = facts(node("a", "", "x"), node("b", "x"), datasets=[made])
    planned, found = plan(project, grouping=TOGETHER)
    assert found == ()
    assert planned.dataset("x").flow is Flow.IN_STEP
    assert (planned.steps[0].reads, planned.steps[0].writes) == ((), ())


def test_data_that_another_step_needs_too_is_mounted_once_as_an_output():
    project = facts(node("a", "", "x"), node("b", "x", "y"), node("c", "x"))
    planned, found = plan(project, grouping=TOGETHER)
    assert found == ()
    both, other = planned.steps
    assert (both.reads, both.writes, other.reads) == ((), ("x",), ("x",))


def test_an_asset_is_registered_by_the_step_that_also_reads_it():
    project = facts(node("a", "", "x"), node("b", "x"), datasets=[asset("x")])
    planned, _ = plan(project, grouping=TOGETHER)
    assert (planned.dataset("x").flow, planned.steps[0].writes) == (Flow.STEP_OUTPUT, ("x",))


def test_a_local_file_that_only_one_step_uses_is_not_a_finding():
    project = facts(node("a", "", "x"), node("b", "x"), datasets=[standard("x", "data/x.csv")])
    planned, found = plan(project, grouping=TOGETHER)
    assert found == ()
    assert planned.dataset("x").why == "'data/x.csv' on the disk of the only step that uses it"


def test_a_memory_dataset_with_its_value_in_the_catalog_needs_no_producer():
    constant = DatasetFacts("x", DatasetKind.MEMORY, has_value=True)
    planned, found = plan(facts(node("a", "x"), datasets=[constant]))
    assert found == ()
    assert planned.dataset("x").flow is Flow.NOT_MOUNTED
    assert planned.steps[0].reads == ()


def test_entries_of_one_dataset_of_which_one_is_mounted_and_one_not_are_an_error():
    entries = [pipeline_dataset("x@a"), standard("x@b")]
    _, (finding,) = plan(facts(node("a", "", "x@a"), node("b", "x@b"), datasets=entries))
    assert (finding.code, finding.where) == ("mixed-entries", "x")


def test_nodes_are_reused_when_all_of_the_step_say_so():
    tagged = ("deterministic",)
    project = facts(node("a", "", "x", tagged), node("b", "x", "", tagged), node("c", "x"))
    assert [step.deterministic for step in plan(project)[0].steps] == [True, True, False]
    planned, _ = plan(project, grouping={"mixed": ["b", "c"]})
    assert [step.deterministic for step in planned.steps] == [True, False]
    planned, _ = plan(project, deterministic=True)
    assert all(step.deterministic for step in planned.steps)


@pytest.mark.parametrize("table", [standard("t"), standard("t", "data/t.csv")])
def test_a_step_that_touches_a_standard_dataset_is_not_reused(table: DatasetFacts):
    project = facts(node("a", "t", "x", ("deterministic",)), datasets=[table])
    _, (finding,) = plan(project)
    assert (finding.code, finding.where) == ("reuse-refused", "a")
    assert "'t'" in finding.message


def test_readers_of_an_unordered_dataset_do_not_wait():
    project = facts(node("a", "", "t"), node("b", "t"), datasets=[standard("t")])
    planned, found = plan(project, unordered=["t"])
    assert found == ()
    assert planned.steps[1].waits_for == ()


@pytest.mark.parametrize(("name", "told"), [("tt", "did you mean 't'?"), ("x", "get its data")])
def test_a_dataset_that_has_no_such_order_cannot_be_unordered(name: str, told: str):
    project = facts(
        node("a", "", "t x"), node("b", "t x"), datasets=[standard("t"), pipeline_dataset("x")]
    )
    _, (finding,) = plan(project, unordered=[name])
    assert (finding.code, finding.where) == ("unordered-dataset", "jobs.job.unordered")
    assert told in finding.message


def test_what_is_known_of_a_dataset_is_shown_without_its_entry():
    facts = DatasetFacts("t", DatasetKind.STANDARD, entry={"con": "postgresql://me:hunter2@db"})
    assert "hunter2" not in repr(facts)
    assert repr(facts).startswith("DatasetFacts(name='t', kind=<DatasetKind.STANDARD: 'standard'>")
