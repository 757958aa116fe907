"""The filters of `kedro run` as options of the commands that compile a job."""

import json

import click
import pytest
import yaml
from checked_project import CheckedProject
from click.testing import CliRunner, Result
from hypothesis import example, given
from hypothesis import strategies as st
from kedro.framework.cli.project import run as kedro_run
from kedro.framework.startup import bootstrap_project
from kedro_azureml_cli.commands import azureml
from kedro_azureml_cli.terminal.options import ReadingOptions, reading_options
from written_project import isolate_imports

SAME = {
    "--pipelines": "pipeline_names",
    "--nodes": "node_names",
    "--tags": "tags",
    "--namespaces": "node_namespaces",
    "--from-nodes": "from_nodes",
    "--to-nodes": "to_nodes",
    "--from-inputs": "from_inputs",
    "--to-outputs": "to_outputs",
}
COMPILING = ["check", "compile", "plan", "run", "schedule", "simulate", "verify"]


@click.command()
@reading_options
def read(reading: ReadingOptions) -> None:
    click.echo(json.dumps(dict(reading.filters)))


def filters_of(*args: str) -> dict[str, list[str]]:
    result = CliRunner().invoke(read, args)
    assert result.exit_code == 0, result.output
    found: dict[str, list[str]] = json.loads(result.output)
    return found


@pytest.fixture
def project(tmp_path, monkeypatch) -> CheckedProject:
    isolate_imports(monkeypatch)
    project = CheckedProject(tmp_path / "farm")
    project.nodes(
        ("load", None, "raw"), ("clean", "raw", "table"), ("fit", "table", "model"),
        ("tell", "model", None),
    )  # fmt: skip
    project.settings_of({"short": {"pipeline": {"to_nodes": ["fit"]}}})
    return project


def call(project: CheckedProject, *args: str) -> Result:
    return CliRunner().invoke(azureml, args, obj=bootstrap_project(project.root))


@pytest.mark.parametrize("option", [*SAME, "--pipeline", "--load-versions"])
def test_an_option_is_spelled_as_in_kedro_run(option):
    ours = next(one for one in read.params if option in one.opts)
    theirs = next(one for one in kedro_run.params if option in one.opts)
    assert sorted(ours.opts) == sorted(theirs.opts)


NAMES = st.lists(
    st.one_of(
        st.from_regex(r"[a-z][a-z_.]{0,5}( [a-z]+)?", fullmatch=True),
        st.sampled_from(["f([a,b]) -> [c]", "f([x;y]) -> [z]", "f(None) -> [c,d@pandas]"]),
    ),
    max_size=4,
)


@pytest.mark.parametrize("option", SAME)
@given(names=NAMES, comma=st.sampled_from([",", ", "]))
@example(names=[], comma=",")
@example(names=["a"], comma=",")
def test_names_are_split_as_in_kedro_run(option, names, comma):
    text = comma.join(names)
    theirs = next(one for one in kedro_run.params if option in one.opts)
    expected = theirs.callback(click.Context(kedro_run), theirs, text)
    found = filters_of(option, text)
    assert found == ({SAME[option]: [*dict.fromkeys(expected)]} if expected else {}) or (
        option != "--pipelines" and found == {SAME[option]: expected}
    )


def test_short_forms_and_the_older_option_for_a_pipeline_are_taken():
    found = filters_of("-n", "a,b", "-t", "x", "-ns", "eu", "-p", "training")
    assert found == {
        "pipeline_names": ["training"],
        "node_names": ["a", "b"],
        "tags": ["x"],
        "node_namespaces": ["eu"],
    }


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["--pipeline", "a", "--pipelines", "b"], "--pipeline and --pipelines cannot be used"),
        (["--nodes", "f([a,b -> c"], "a bracket without its other half"),
        (["-n", "a", "--nodes", "b"], "given twice; write all names in one: --nodes 'a,b'"),
        (["-t", "a", "-t", "b", "-t", "c"], "given 3 times; write all names in one: --tags"),
        (["-p", "a", "--pipeline", "b"], "names one pipeline; write: --pipelines 'a,b'"),
    ],
)
def test_a_filter_that_would_be_lost_is_refused(args, told):
    result = CliRunner().invoke(read, args)
    assert result.exit_code == 2
    assert told in " ".join(result.output.split())


@pytest.mark.parametrize("option", SAME)
@pytest.mark.parametrize("value", [",", " ", ", ,"])
def test_a_filter_that_names_nothing_does_not_run_everything(option, value):
    result = CliRunner().invoke(read, [option, value])
    assert result.exit_code == 2
    assert f"'{value}' names nothing." in result.output


def test_stray_commas_name_no_node():
    assert filters_of("--nodes", "a,,b, ") == {"node_names": ["a", "b"]}


def test_a_bundle_holds_the_nodes_that_job_and_command_select(project):
    result = call(project, "compile", "--from-nodes", "clean")
    assert result.exit_code == 1
    assert "raw: " in result.output
    assert "'load'" in result.output  # which could make it
    assert not (project.root / "build").exists()
    project.catalog(
        "raw: {type: kedro_azureml_datasets.AzureMLPipelineDataset, "
        "dataset: {type: pandas.CSVDataset, filepath: raw.csv}}\n"
    )
    project.write("data/raw.csv", "a\n1\n")  # as an earlier run has left it
    result = call(project, "compile", "--from-nodes", "clean")
    assert result.exit_code == 0, result.output
    assert "Compiled the job 'short': 2 steps." in result.output
    bundle = project.root / "build/azureml/short"
    job = yaml.safe_load((bundle / "pipeline.yml").read_text("utf-8"))
    assert sorted(job["jobs"]) == ["clean", "fit"]
    assert job["tags"]["kedro_filters"] == "--from-nodes clean"
    plan = json.loads((bundle / "plan.json").read_text("utf-8"))
    assert plan["filters"] == {"--from-nodes": ["clean"]}
    assert "filtered by <code>--from-nodes clean</code>" in (bundle / "plan.html").read_text(
        "utf-8"
    )
    preview = call(project, "run", "--dry-run", "--from-nodes", "clean")
    assert "kedro_filters: --from-nodes clean" in preview.output
    assert "  load:" not in preview.output


def test_the_plan_shows_the_filters_of_the_command(project):
    shown = call(project, "plan", "--tags", "", "--nodes", "load,clean").output
    assert "2 steps on cpu\n  filtered by --nodes load,clean\n" in shown
    assert "filtered" not in call(project, "plan").output


@pytest.mark.parametrize("command", [one for one in COMPILING if one != "schedule"])
def test_filters_that_leave_nothing_are_one_message_of_each_command(project, command):
    result = call(project, command, "--nodes", "tell")
    assert result.exit_code == 1
    assert "No node passes both the job's filters (the pipeline '__default__'; to_nodes: fit)" in (
        result.output
    )
    assert "--nodes tell" in result.output
    assert not (project.root / "build").exists()


def test_a_schedule_takes_no_filters(project):
    result = call(project, "schedule", "--nodes", "load", "--dry-run")
    assert result.exit_code == 2
    assert "a schedule runs the job as azureml.yml has it" in " ".join(result.output.split())
