"""Whatever `azureml.yml` holds: a message in words, or an examined job; never a traceback."""

import pytest
import yaml
from hypothesis import HealthCheck, example, given
from kedro_azureml_compiler.azureml.rendering import render
from kedro_azureml_compiler.examination import examine_facts
from kedro_azureml_compiler.finding_registry import collect_finding_kinds
from kedro_azureml_compiler.project.azureml_yml import read_settings
from kedro_azureml_compiler.project.jobs import list_jobs
from kedro_azureml_compiler.project.project_errors import ProjectError
from kedro_azureml_compiler.project.reading import read_project
from kedro_azureml_compiler.project.request import ProjectRequest
from kedro_azureml_compiler.settings.job_factories import is_factory, make_factory_jobs
from kedro_azureml_compiler.settings.models import Workspace
from kedro_azureml_compiler.settings.parsing import ConfigError, read_config
from kedro_azureml_datasets import KedroAzureMLError
from settings_mutations import RICH, mutations
from stress import examples
from written_project import WrittenProject

PIPELINES = """
def register_pipelines():
    part = Pipeline([node(abs, "params:seed", "a", name="one"), node(abs, "a", "b", name="two")])
    eu = Pipeline(part, namespace="eu", parameters={"params:seed"})
    make = node(abs, "params:seed", "made", name="make", tags=["big"])
    return {"__default__": eu + Pipeline([make, node(abs, "made", "table", name="use")])}
"""

CATALOG = """
table: {type: pandas.SQLTableDataset, table_name: t, credentials: {con: "sqlite://"}}
made: {type: kedro_azureml_datasets.AzureMLPipelineDataset,
  dataset: {type: json.JSONDataset, filepath: made.json}}
"""


@pytest.fixture(scope="module")
def facts(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KEDRO_DISABLE_TELEMETRY", "1")
        patch.delenv("KEDRO_ENV", raising=False)
        project = rich_project(WrittenProject(tmp_path_factory.mktemp("any") / "farm"))
        request = ProjectRequest(project.root)
        jobs = list_jobs(read_settings(request), request)
        return {name: read_project(request, job) for name, job in jobs.items()}


def rich_project(project: WrittenProject) -> WrittenProject:
    project.pipelines(PIPELINES)
    project.write("conf/base/catalog.yml", CATALOG)
    project.write("conf/base/parameters.yml", "seed: 1\nmodel: {rate: 0.1}\n")
    project.azureml(yaml.safe_dump(RICH, width=1000).replace("${{", "\\${{"))
    return project


def in_words(error: KedroAzureMLError) -> None:
    text = str(error)
    assert text.strip()
    assert "Traceback" not in text
    for word in ("pydantic", "constrained", "function-", "[type=", "NoneType", "discriminator"):
        assert word not in text


@examples(250, suppress_health_check=list(HealthCheck))
@given(content=mutations())
@example(content={key: value for key, value in RICH.items() if key != "workspace"})
def test_any_change_is_a_message_in_words_or_a_job_that_is_examined(content, facts):
    try:
        config = read_config(content)
        made = make_factory_jobs(config.jobs, lambda job: ["eu", "us.north"])
    except ConfigError as error:
        in_words(error)
        for place, text in error.mistakes:
            assert "\n" not in place + text
        return
    if not config.workspace:  # commands use the machine's default workspace
        names = {"subscription_id": "s", "resource_group": "r", "name": "w"}
        config = config.with_workspace(Workspace(**names), "config.json")
    jobs = {name: job for name, job in config.jobs.items() if not is_factory(name)}
    for name, job in {**jobs, **made.jobs}.items():
        examined = examine_facts(name, config, job, facts.get(name, facts["plain"]))
        if not any(finding.severity.value == "error" for finding in examined.findings):
            yaml.safe_load(render(examined.pipeline_job))


@examples(5, suppress_health_check=list(HealthCheck))
@given(content=mutations())
def test_any_change_of_the_file_itself_too(content, tmp_path_factory):
    project = rich_project(WrittenProject(tmp_path_factory.mktemp("any") / "farm"))
    try:
        text = yaml.safe_dump(content, allow_unicode=True, width=1000)
        project.azureml(text.replace("${{", "\\${{"))
    except (ValueError, RecursionError):
        return  # what YAML cannot write, no file holds
    request = ProjectRequest(project.root)
    try:
        config = read_settings(request)
        for name, job in list_jobs(config, request).items():
            examined = examine_facts(name, config, job, read_project(request, job))
            assert {finding.code for finding in examined.findings} <= set(collect_finding_kinds())
    except (ConfigError, ProjectError) as error:
        in_words(error)


IN_FILE = "conf/base/azureml.yml"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("jobs: [", f"{IN_FILE}:1: expected the node content"),
        ("- workspace\n- compute\n", f"{IN_FILE}: expected a mapping with"),
        ("3", f"{IN_FILE}: expected a mapping with"),
        ("just words", "'just words': unknown key 'just words'"),
        ("null", "azureml.yml in 'conf' of 'farm' is missing or empty"),
        ("", "azureml.yml in 'conf' of 'farm' is missing or empty"),
        (
            "workspace: {__default__: '${x.y}'}",
            "workspace.__default__: Interpolation key 'x.y' not",
        ),
        ("workspace: {__default__: '${oc.env:HOME}'}", "workspace.__default__: Unsupported"),
        ("jobs: {a: {description: '${{name}}'}}", "jobs.a.description: token recognition error"),
        ("? [a, b]\n: c\n", f"{IN_FILE}:1: found unhashable key"),
        ("null: {}\n", f"{IN_FILE}: the key null is not a string; quote it"),
        ("1: {}\n", f"{IN_FILE}: the key 1 is not a string; quote it"),
        ("jobs: {null: {}}\n", "jobs: a key is not a string"),
        ("workspace: &w {__default__: *w}\n", f"{IN_FILE}:1: YAML recursive aliases"),
        ("jobs: &j {x: {y: *j}}\n", f"{IN_FILE}:1: YAML recursive aliases"),
        ("jobs: {n: " + "9" * 5000 + "}\n", f"{IN_FILE}: a number has too many digits"),
        ("jobs: !!python/object:os.system {}\n", f"{IN_FILE}:1: could not"),
        (
            "a: 1\n---\nb: 2\n",
            f"{IN_FILE}:2: expected a single document in the stream, but",
        ),
        ("a: 1\na: 2\n", f"{IN_FILE}:2: found duplicate key a"),
        ("{" * 500, f"{IN_FILE}: mappings are nested too deeply"),
        ("\tjobs: {}", "azureml.yml has a mistake"),
    ],
)
def test_a_file_that_does_not_hold_settings_is_reported_in_words(project, text, told):
    project.azureml(text)
    with pytest.raises(ConfigError) as caught:
        read_settings(ProjectRequest(project.root))
    in_words(caught.value)
    assert told in caught.value.message
    assert str(project.root) not in str(caught.value)


def test_bytes_that_are_not_utf_8_are_reported(project):
    (project.root / "conf/base/azureml.yml").write_bytes(b"jobs: \xff\xfe")
    with pytest.raises(ConfigError, match=r"azureml\.yml:1: byte 0xff is not UTF-8"):
        read_settings(ProjectRequest(project.root))
