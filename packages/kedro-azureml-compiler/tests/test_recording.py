"""What nodes are made from is the same, read from the project or from the code that was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from kedro_azureml_compiler import (
    EarlierJob,
    JobRecord,
    ProjectRequest,
    Recording,
    Resumption,
    SentPipeline,
    SentStep,
    compile_recorded,
    load_yaml,
    record_sent_pipeline,
)

if TYPE_CHECKING:
    from written_project import WrittenProject

PIPELINES = """
def register_pipelines():
    return {"__default__": Pipeline([
        node(abs, "params:double", "table", name="make"),
        node(abs, "table", "sizes", name="measure"),
        node(abs, "params:seed", "other", name="other"),
    ])}
"""
AZUREML = """
workspace:
  __default__: {subscription_id: s, resource_group: r, name: w}
compute:
  __default__: {cluster_name: cpu}
execution: {environment: "env:1"}
jobs:
  job: {inputs: {rate: "params:rate"}}
"""
CATALOG = """
table:
  type: kedro_azureml_datasets.AzureMLPipelineDataset
  dataset: {type: pickle.PickleDataset, filepath: table.pkl}
"""
PARAMETERS = "rate: 2\ndouble: ${rate}\nseed: 1\n"


@pytest.fixture
def written(project: WrittenProject) -> WrittenProject:
    project.pipelines(PIPELINES)
    project.azureml(AZUREML)
    project.write("conf/base/parameters.yml", PARAMETERS)
    project.write("conf/base/catalog.yml", CATALOG)
    return project


def compile_now(
    project: WrittenProject,
    earlier: JobRecord | None = None,
    failed: tuple[str, ...] = (),
    **values: str,
):
    """Compile the job, or what has to run again if all of it but some nodes has completed."""
    resumption = None
    if earlier is not None:
        names = frozenset(node.name for node in earlier.nodes if node.name not in failed)
        written = {dataset for node in earlier.nodes for dataset in node.writes}
        stored = {name: f"azureml://{name}" for name in written.difference(earlier.external)}
        resumption = Resumption(EarlierJob("the job", earlier, names, stored, {}))
    recording = Recording(lambda _, __: {}, values=values, with_modes=False)
    return compile_recorded(ProjectRequest(project.root), "job", recording, resumption=resumption)


def running(project: WrittenProject, earlier: JobRecord, **values: str) -> list[str]:
    choices = compile_now(project, earlier, **values).choices
    return [choice.name for choice in choices if choice.runs]


def test_nothing_runs_again_in_an_unchanged_project(written):
    made = compile_now(written)

    assert running(written, made.record) == []


def test_an_input_of_the_job_changes_the_parameters_that_refer_to_it(written):
    record = compile_now(written).record

    assert running(written, record, rate="3") == ["make", "measure"]
    assert running(written, record, rate="2") == []
    changed = compile_now(written, rate="3").record
    assert running(written, changed) == ["make", "measure"]
    assert running(written, changed, rate="3") == []


def test_an_entry_that_changes_lets_those_run_that_use_it(written):
    record = compile_now(written).record
    written.write("conf/base/catalog.yml", CATALOG.replace("table.pkl", "tables.pkl"))

    assert running(written, record) == ["make", "measure"]


def test_the_code_that_was_sent_gives_the_same_record(written):
    made = compile_now(written)
    env = "'azureml:env:1'"
    sent = SentPipeline(
        "job",
        made.compiled.bundle / "code",
        tuple(SentStep(name, (name,), env) for name in ("make", "measure", "other")),
        promoted={"rate": 2},
        salt=made.record.salt,
    )
    read = record_sent_pipeline(sent)

    assert {n.name: n.facts for n in read.nodes} == {n.name: n.facts for n in made.record.nodes}
    assert read.code == made.record.code
    changed = SentPipeline(**{**sent.__dict__, "promoted": {"rate": 3}})
    differing = [
        before.name
        for before, after in zip(read.nodes, record_sent_pipeline(changed).nodes, strict=True)
        if before != after
    ]
    assert differing == ["make"]


def test_a_record_holds_no_password(written, monkeypatch):
    monkeypatch.setenv("SHOP_PASSWORD", "hunter2")
    written.write("conf/base/catalog.yml", CATALOG + "raw: {type: pandas.SQLTableDataset, "
                  "table_name: t, credentials: shop}\n")  # fmt: skip
    written.write(
        "conf/base/credentials.yml",
        "shop: {con: 'postgresql://u:${oc.env:SHOP_PASSWORD}@db.example.org/shop'}\n",
    )
    written.pipelines(PIPELINES.replace('"params:seed"', '"raw"'))
    record = compile_now(written).record

    assert "hunter2" not in record.to_json()
    monkeypatch.setenv("SHOP_PASSWORD", "hunter3")
    assert running(written, record) == ["other"]
    monkeypatch.setenv("SHOP_PASSWORD", "hunter2")
    assert running(written, record) == []


def test_a_table_that_a_taken_over_node_wrote_is_waited_for_no_more_and_named(written):
    table = "{type: pandas.CSVDataset, filepath: 's3://bucket/table.csv'}"
    written.write("conf/base/catalog.yml", f"table: {table}\n")
    made = compile_now(written)
    steps = load_yaml((made.compiled.bundle / "pipeline.yml").read_text())["jobs"]
    assert "_after_make" in steps["measure"]["inputs"]

    rest = compile_now(written, made.record, failed=("measure",))
    steps = load_yaml((rest.compiled.bundle / "pipeline.yml").read_text())["jobs"]
    assert set(steps) == {"measure"}
    assert set(steps["measure"]["inputs"]) == {"_param_rate"}
    assert rest.external == ("table",)


def test_what_was_stored_is_an_input_of_the_job(written):
    made = compile_now(written)
    rest = compile_now(written, made.record, failed=("measure",))

    document = load_yaml((rest.compiled.bundle / "pipeline.yml").read_text())
    assert document["inputs"]["table"] == {"type": "uri_folder", "path": "azureml://table"}
    assert document["jobs"]["measure"]["inputs"]["table"] == "${{parent.inputs.table}}"
