"""What nodes are made from is the same, read from the project or from the code that was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from kedro_azureml_compiler import (
    CodeChangedError,
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
JOB = '{inputs: {rate: "params:rate"}}'
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
    assert rest.unknown == (("table",), (), ())


def test_what_was_stored_is_an_input_of_the_job(written):
    made = compile_now(written)
    rest = compile_now(written, made.record, failed=("measure",))

    document = load_yaml((rest.compiled.bundle / "pipeline.yml").read_text())
    assert document["inputs"]["table"] == {"type": "uri_folder", "path": "azureml://table"}
    assert document["jobs"]["measure"]["inputs"]["table"] == "${{parent.inputs.table}}"


PARTIAL = """
from functools import partial
from pathlib import Path
from kedro.config import OmegaConfigLoader

def scaled(seed, rate): return seed

def register_pipelines():
    folder = str(Path(__file__).parents[2] / "conf")
    conf = OmegaConfigLoader(folder, base_env="base", default_run_env="base")
    return {"__default__": Pipeline([
        node(partial(scaled, rate=conf["parameters"]["rate"]), "params:seed", "table", name="make"),
        node(abs, "table", "sizes", name="measure"),
    ])}
"""

TWO = """
def clean(x): return x
def dirty(x): return x

def register_pipelines():
    first = Pipeline([node(clean, "params:seed", "table", name="make")])
    second = Pipeline([node(dirty, "params:seed", "table", name="make")])
    return {"__default__": first, "second": second}
"""


def test_a_parameter_that_the_function_of_a_pipeline_reads_makes_another_function(written):
    written.pipelines(PARTIAL)
    written.write("conf/base/azureml.yml", AZUREML.replace('{inputs: {rate: "params:rate"}}', "{}"))
    record = compile_now(written).record
    assert running(written, record) == []
    written.write("conf/base/parameters.yml", PARAMETERS.replace("rate: 2", "rate: 4"))

    choices = compile_now(written, record).choices
    assert choices[0].why == "its function differs"


def test_a_node_of_another_pipeline_with_the_same_name_is_another_node(written):
    written.pipelines(TWO)
    record = compile_now(written).record
    settings = AZUREML.replace(
        '{inputs: {rate: "params:rate"}}', "{pipeline: {pipeline_name: second}}"
    )
    written.write("conf/base/azureml.yml", settings)

    assert [choice.why for choice in compile_now(written, record).choices] == [
        "its function differs"
    ]


@pytest.mark.parametrize(
    ("file", "before", "after", "running_again"),
    [
        ("globals.yml", "base: data\n", "base: other\n", ["make", "measure"]),
        ("catalog.yml", "pickle.Pickle", "json.JSON", ["make", "measure"]),
        ("parameters.yml", "seed: 1", "seed: 1.0", ["other"]),
        ("parameters.yml", "seed: 1", "seed: '1'", ["other"]),
        ("catalog.yml", "root_dir: ", "metadata: {x: 1}\n  root_dir: ", ["make", "measure"]),
        ("../local/parameters.yml", "x: 1", "seed: 7\nx: 1", []),  # which no step has
    ],
)
def test_what_configuration_resolves_to_counts_wherever_it_is_written(
    written, file, before, after, running_again
):
    factory = CATALOG.replace("table:", '"t{rest}":').replace("table.pkl", '"t{rest}.pkl"')
    contents = {
        "globals.yml": "base: data\n",
        "catalog.yml": factory + '  root_dir: "${globals:base}"\n',
        "parameters.yml": PARAMETERS,
        "../local/parameters.yml": "x: 1",
    }
    for name, text in contents.items():
        written.write(f"conf/base/{name}", text)
    record = compile_now(written).record
    written.write(f"conf/base/{file}", contents[file].replace(before, after))

    assert running(written, record) == running_again


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("rates.2020", "rates: {2020: 1}"),
        ("model.rate", "model.rate: 1"),
        ("a.b.c", "a: {b.c: 1}"),
        ("flags.True", "flags: {true: 1}"),
    ],
)
def test_a_parameter_counts_whatever_its_keys_are(written, name, text):
    written.pipelines(PIPELINES.replace("params:seed", f"params:{name}"))
    written.write("conf/base/parameters.yml", f"{PARAMETERS}{text}\n")
    record = compile_now(written).record
    assert running(written, record) == []
    written.write("conf/base/parameters.yml", f"{PARAMETERS}{text.replace(': 1', ': 2')}\n")

    choices = compile_now(written, record).choices
    assert [choice.why for choice in choices if choice.runs] == [f"the parameter '{name}' differs"]


def test_an_environment_variable_in_the_catalog_counts_with_the_value_of_the_job(written):
    written.settings(
        """
        from omegaconf.resolvers import oc
        CONFIG_LOADER_ARGS = {
            "base_env": "base", "default_run_env": "local", "custom_resolvers": {"oc.env": oc.env}
        }
        """
    )
    written.write("conf/base/catalog.yml", CATALOG + "  metadata: {at: '${oc.env:PLACE}'}\n")
    steps = "{steps: {'*': {environment_variables: {PLACE: a}}}, inputs:"
    settings = AZUREML.replace("{inputs:", steps)
    written.azureml(settings)
    record = compile_now(written).record
    assert running(written, record) == []
    written.azureml(settings.replace("PLACE: a", "PLACE: b"))

    assert sorted(running(written, record)) == ["make", "measure", "other"]


@pytest.mark.parametrize(
    "node",
    [
        'node(abs, "table", "sizes", name="renamed")',
        'node(abs, "table", "sizes", name="measure", tags="big")',
        'node(abs, "table", "sizes", name="measure", namespace="eu")',
        'node(divmod, ["table", "params:seed"], ["sizes", "rest"], name="measure")',
    ],
)
def test_a_node_that_is_written_anew_is_changed_code(written, node):
    record = compile_now(written).record
    written.pipelines(PIPELINES.replace('node(abs, "table", "sizes", name="measure")', node))

    with pytest.raises(CodeChangedError, match=r"changed: src/.*/pipeline_registry[.]py"):
        compile_now(written, record)


def test_code_counts_wherever_it_lies_also_behind_a_link_or_left_out_of_the_snapshot(written):
    beside = written.root.parent / "beside"
    beside.mkdir()
    (beside / "deep.py").write_text("x = 1")
    linked = written.root / "src/linked"
    linked.symlink_to(beside)
    written.write("src/more.py", "import linked.deep")
    record = compile_now(written).record
    assert running(written, record) == []

    (beside / "deep.py").write_text("x = 2")
    with pytest.raises(CodeChangedError) as caught:
        compile_now(written, record)
    assert [tuple(c) for c in caught.value.changes] == [("src/linked/deep.py", "changed")]
    (beside / "deep.py").write_text("x = 1")
    written.write(".amlignore", "src/more.py\n")
    with pytest.raises(CodeChangedError) as caught:
        compile_now(written, record)
    assert ("src/more.py", "removed") in [tuple(c) for c in caught.value.changes]


def test_what_nobody_can_tell_of_nodes_that_are_taken_over_is_named(written):
    raw = "raw: {type: pandas.CSVDataset, filepath: 's3://bucket/raw.csv'}\n"
    written.write("conf/base/catalog.yml", CATALOG + raw)
    written.pipelines(PIPELINES.replace('"params:seed"', '"raw"'))
    written.write("conf/base/parameters.yml", PARAMETERS + "hook: {level: 1, other: 1}\n")
    record = compile_now(written).record
    assert compile_now(written, record).unknown == ((), ("raw",), ())
    assert compile_now(written, record, failed=("make", "other")).unknown == ((), (), ())
    written.write("conf/base/parameters.yml", PARAMETERS + "hook: {level: 2, other: 1}\nnew: 1\n")

    made = compile_now(written, record)
    assert [choice.runs for choice in made.choices] == [False] * 3
    assert made.unknown.parameters == ("hook.level", "new")


def test_arguments_of_the_container_count_and_the_number_of_machines_does_not(written):
    record = compile_now(written).record
    steps = "{steps: {make: {docker_args: -e MODE=b}, measure: {instance_count: 2}}, inputs:"
    written.azureml(AZUREML.replace("{inputs:", steps))

    choices = {choice.name: choice.why for choice in compile_now(written, record).choices}
    assert choices["make"] == "its environment differs"
    assert choices["measure"].startswith("'make' runs")
    assert not compile_now(written, record).record.overwritten


def test_an_output_at_a_fixed_place_is_known_to_be_overwritten(written):
    steps = "{steps: {make: {output: {path: all/table}}}, inputs:"
    written.azureml(AZUREML.replace("{inputs:", steps))

    assert compile_now(written).record.overwritten == ("table",)
