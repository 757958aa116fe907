"""Each kind of finding, raised by a small project through `check`, at the place that it names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
from kedro_azureml_compiler.checks.limits import MAX_STEPS
from kedro_azureml_compiler.examination import examine_facts, examine_job
from kedro_azureml_compiler.finding_registry import collect_finding_kinds
from kedro_azureml_compiler.findings import About, Finding
from kedro_azureml_compiler.job_changes import JobChanges
from kedro_azureml_compiler.project.azureml_yml import read_settings
from kedro_azureml_compiler.project.reading import read_project
from kedro_azureml_compiler.project.request import ProjectRequest

if TYPE_CHECKING:
    from checked_project import CheckedProject

CATALOG = "conf/base/catalog.yml"
SETTINGS = "conf/base/azureml.yml"
CHAIN = (("a", None, "x"), ("b", "x", None))


@dataclass(frozen=True)
class Mistake:
    """A project with one mistake.

    Args:
        write: Writes it into a sound project.
        where: What the finding names.
        file: The file that it names, where there is one.
        text: What stands in the line of the file that it names.
        request: How the project is checked.
    """

    write: Callable[[CheckedProject], None]
    where: str
    file: str | None
    text: str
    request: dict[str, object]


MISTAKES: dict[str, list[Mistake]] = {}


def mistake(code: str, where: str, file: str | None = None, text: str = "", **request):
    """Let a function write a mistake for which a kind of finding stands."""

    def add(write):
        MISTAKES.setdefault(code, []).append(Mistake(write, where, file, text, request))
        return write

    return add


def pipeline_dataset(name: str, path: str = "x.csv", **more: str) -> str:
    lines = "".join(f"  {key}: {value}\n" for key, value in more.items())
    return (
        f"{name}:\n  type: kedro_azureml_datasets.AzureMLPipelineDataset\n{lines}"
        f"  dataset: {{type: pandas.CSVDataset, filepath: {path}}}\n"
    )


def asset(name: str, asset_name: str, **more: str) -> str:
    lines = "".join(f'  {key}: "{value}"\n' for key, value in more.items())
    return (
        f"{name}:\n  type: kedro_azureml_datasets.AzureMLAssetDataset\n"
        f"  azureml_dataset: {asset_name}\n{lines}"
        "  dataset: {type: pandas.CSVDataset, filepath: x.csv}\n"
    )


def job(project: CheckedProject, **settings: object) -> None:
    project.settings_of({"j": settings})


# What an entry says, and how data flows


@mistake("asset-registered-twice", "y", CATALOG, "y:")
def two_entries_register_one_asset(project):
    project.catalog(asset("x", "things") + asset("y", "things"))
    project.nodes(("a", None, "x"), ("b", None, "y"))


@mistake("asset-versions-differ", "x", CATALOG, "x:")
def two_entries_read_two_versions_of_one_asset(project):
    project.catalog(asset("x", "things", azureml_version="1") + asset("new", "things"))
    project.nodes(("a", ["x", "new"], None))


@mistake("asset-read-and-registered", "x", CATALOG, "x:")
def one_entry_reads_what_another_registers(project):
    project.catalog(asset("new", "things") + asset("x", "things"))
    project.nodes(("a", None, "new"), ("b", "x", None))


@mistake("keeps-earlier-data", "x", CATALOG, "x:")
def a_wrapped_file_is_appended_to(project):
    nested = "{type: pandas.CSVDataset, filepath: x.csv, fs_args: {open_args_save: {mode: a}}}"
    project.catalog(
        f"x:\n  type: kedro_azureml_datasets.AzureMLPipelineDataset\n  dataset: {nested}\n"
    )
    project.nodes(*CHAIN)


@mistake("asset-folder-shared", "x", CATALOG, "x:")
def two_entries_keep_the_assets_of_two_workspaces_in_one_folder(project):
    project.catalog(asset("other", "things", workspace="two") + asset("x", "things"))
    project.nodes(("a", ["other", "x"], None))
    place = {"subscription_id": "s", "resource_group": "r", "name": "w"}
    project.settings_of({"j": {}}, workspace={"__default__": place, "two": {**place, "name": "v"}})


@mistake("frozen-by-schedule", "x", CATALOG, "x:")
def a_scheduled_job_reads_the_latest_version(project):
    project.catalog(asset("x", "things"))
    project.nodes(("a", "x", None))
    job(project, schedule={"cron": {"expression": "0 3 * * *"}})


@mistake("frozen-by-schedule", "x", CATALOG, "x:")
def a_scheduled_job_uploads_a_file(project):
    project.catalog(pipeline_dataset("x"))
    project.write("data/x.csv", "a\n1\n")
    project.nodes(("a", "x", None))
    job(project, schedule={"cron": {"expression": "0 3 * * *"}})


@mistake("catalog-entry", "x", CATALOG, "x:")
def the_type_of_an_entry_is_a_number(project):
    project.catalog("x: {type: 3, filepath: data/x.csv}")


@mistake("catalog-entry", "x", CATALOG, "x:")
@mistake("catalog-entry", "x", CATALOG, "x:", use_hooks=False)
def a_version_without_quotes_is_another_number_to_yaml(project):
    project.catalog(asset("x", "things", azureml_version="010").replace('"010"', "010"))
    project.nodes(("a", "x", None))


@mistake("catalog-entry", "x", CATALOG, "x:", load_versions={"x": "a/b"})
def a_version_is_asked_for_that_no_asset_can_have(project):
    project.catalog(asset("x", "things"))
    project.nodes(("a", "x", None))


@mistake("local-version", "x", CATALOG, "x:")
def the_local_version_of_an_asset_is_asked_for(project):
    project.catalog(asset("x", "things", azureml_version="local"))
    project.nodes(("a", "x", None))


@mistake("local-data-between-steps", "x", CATALOG, "x:")
def a_local_file_crosses_steps(project):
    project.catalog("x: {type: pandas.CSVDataset, filepath: data/x.csv}")
    project.nodes(*CHAIN)


@mistake("local-input-outside", "x", CATALOG, "x:")
def a_file_outside_the_project_is_read(project):
    project.catalog("x: {type: pandas.CSVDataset, filepath: /elsewhere/x.csv}")
    project.nodes(("a", "x", None))


@mistake("local-output-vanishes", "x", CATALOG, "x:")
def a_local_file_is_written_and_read_by_none(project):
    project.catalog("x: {type: pandas.CSVDataset, filepath: data/x.csv}")


@mistake("memory-assign", "x", CATALOG, "x:")
def an_object_crosses_steps_as_it_is(project):
    project.catalog("x: {type: MemoryDataset, copy_mode: assign}")
    project.nodes(*CHAIN)


@mistake("memory-between-steps", "x")
def memory_crosses_steps(project):
    project.nodes(*CHAIN)


@mistake("mixed-entries", "x", CATALOG, "x@a:")
def one_of_two_transcoded_entries_is_wrapped(project):
    project.catalog(
        pipeline_dataset("x@a") + "x@b: {type: text.TextDataset, filepath: data/x.csv}\n"
    )
    project.nodes(("a", None, "x@a"), ("b", "x@b", None))


@mistake("nothing-produces", "x", CATALOG, "x:")
def nothing_produces_an_input(project):
    project.catalog(pipeline_dataset("x"))
    project.nodes(("a", "x", None))


@mistake("unregistered-name", "x")
def a_name_is_in_no_catalog(project):
    project.nodes(("a", "x", None))


@mistake("shared-address", "y", CATALOG, "y:")
def two_entries_name_one_address(project):
    entry = "{{type: pandas.CSVDataset, filepath: '{}://bucket/x.csv'}}"
    project.catalog(f"x: {entry.format('s3')}\ny: {entry.format('s3a')}\n")
    project.nodes(("a", None, "x"), ("b", "y", None))


@mistake("shared-local-file", "y", CATALOG, "y:")
def two_wrapped_entries_write_one_file(project):
    project.catalog(pipeline_dataset("x") + pipeline_dataset("y"))
    project.nodes(("a", None, ["x", "y"]), ("b", ["x", "y"], None))


@mistake("shared-local-file", "y", CATALOG, "y:")
def two_entries_share_a_file(project):
    project.catalog(pipeline_dataset("x") + "y: {type: text.TextDataset, filepath: data/x.csv}\n")
    project.write("data/x.csv", "a\n1\n")
    project.nodes(("a", None, "x"), ("b", "y", None))


@mistake("transcoded-apart", "x", CATALOG, "x@a:")
def transcoded_pipeline_datasets_have_two_paths(project):
    project.catalog(pipeline_dataset("x@a", "one.csv") + pipeline_dataset("x@b", "two.csv"))
    project.nodes(("a", None, "x@a"), ("b", "x@b", None))


@mistake("transcoded-apart", "x", CATALOG, "x@a:")
def transcoded_pipeline_datasets_have_two_folders(project):
    project.catalog(pipeline_dataset("x@a") + pipeline_dataset("x@b", root_dir="elsewhere"))
    project.nodes(("a", None, "x@a"), ("b", "x@b", None))


@mistake("transcoded-apart", "x", CATALOG, "x@a:")
def transcoded_assets_have_two_versions(project):
    project.catalog(asset("x@a", "things", azureml_version="1") + asset("x@b", "things"))
    project.nodes(("a", "x@a", None), ("b", "x@b", None))


VERSIONED = "{type: pickle.PickleDataset, filepath: 's3://b/%s.pkl', versioned: true}"


@mistake("versioned-per-step", "x", CATALOG, "x:")
def a_versioned_dataset_crosses_steps(project):
    project.catalog(f"x: {VERSIONED % 'x'}")
    project.nodes(*CHAIN)


@mistake("versioned-per-step", "x", CATALOG, "x:")
def a_step_and_another_read_back_what_the_first_has_written(project):
    project.catalog(f"x: {VERSIONED % 'x'}")
    project.nodes(("a", None, "x"), ("a2", "x", None), ("b", "x", None))
    job(project, grouping={"first": ["a", "a2"]})


@mistake("unknown-parameter", "params:rate")
def a_parameter_is_missing(project):
    project.nodes(("a", "params:rate", "x"))


@mistake("unordered-dataset", "jobs.j.unordered", SETTINGS, "unordered:")
def an_order_is_left_out_of_which_there_is_none(project):
    project.catalog(pipeline_dataset("x"))
    project.nodes(*CHAIN)
    job(project, unordered=["x"])


@mistake("unordered-dataset", "jobs.j.unordered", SETTINGS, "unordered:")
def an_order_is_left_out_of_a_dataset_that_nobody_uses(project):
    job(project, unordered=["other"])


@mistake("unknown-reachability", "x", CATALOG, "x:")
def nothing_says_where_a_table_is(project):
    project.catalog("x: {type: spark.SparkHiveDataset, database: d, table: t}")
    project.nodes(*CHAIN)


@mistake("unresolved-address", "x", CATALOG, "x:")
def only_the_step_knows_where_a_table_is(project):
    project.catalog("x: {type: pandas.SQLTableDataset, table_name: t, credentials: db}")
    project.write("conf/base/credentials.yml", 'db: {con: "${oc.env:NO_SUCH_URL}"}\n')
    project.nodes(*CHAIN)


@mistake("loopback-address", "x", CATALOG, "x:")
def a_server_on_the_machine_itself_is_read(project):
    project.catalog("x: {type: redis.PickleDataset, key: k}")
    project.nodes(("a", "x", None))


@mistake("mlflow-between-steps", "x", CATALOG, "x:")
def a_metric_is_read_back_from_mlflow(project):
    project.catalog("x: {type: kedro_mlflow.io.metrics.MlflowMetricDataset, key: k}")
    project.nodes(*CHAIN)


@mistake("cached-between-steps", "x", CATALOG, "x:")
def a_cached_dataset_crosses_steps(project):
    nested = "{type: CachedDataset, dataset: {type: pandas.CSVDataset, filepath: x.csv}}"
    project.catalog(
        f"x: {{type: kedro_azureml_datasets.AzureMLPipelineDataset, dataset: {nested}}}"
    )
    project.nodes(*CHAIN)


@mistake("external-dataset", "jobs.j.external", SETTINGS, "external:")
def a_dataset_that_nobody_uses_is_external(project):
    job(project, external=["other"])


@mistake("unknown-dataset-type", "x", CATALOG, "x:")
def a_type_is_misspelt(project):
    project.catalog("x: {type: pandas.CSVDatset, filepath: 's3://b/x.csv'}")


@mistake("unknown-dataset-argument", "x", CATALOG, "x:")
def an_argument_is_misspelt(project):
    project.catalog("x: {type: pandas.CSVDataset, filepath: 's3://b/x.csv', savee_args: {}}")


@mistake("dataset-library-missing", "x", CATALOG, "x:")
def a_library_is_not_here(project):
    project.catalog("x: {type: no_such_library.Table, url: 'https://example.com'}")


@mistake("variable-not-given", "x", CATALOG, "x:")
def a_step_does_not_get_the_variable_of_its_credentials(project):
    project.catalog("x: {type: pandas.SQLTableDataset, table_name: t, credentials: db}")
    project.write("conf/base/credentials.yml", 'db: {con: "${oc.env:HOME_URL}"}\n')
    project.nodes(("a", "x", None))


@mistake("secret-outside-credentials", "the catalog", CATALOG, "${azureml.secret:")
def a_secret_is_referred_to_in_the_catalog(project):
    project.catalog("x:\n  type: pandas.CSVDataset\n  filepath: s3://b/${azureml.secret:x-path}\n")
    project.nodes(("a", "x", None))


@mistake("secret-outside-credentials", "the parameters", "conf/base/parameters.yml", "password")
def a_secret_is_referred_to_in_the_parameters(project):
    project.write("conf/base/parameters.yml", "db:\n  password: ${azureml.secret:db-password}\n")


@mistake("credential-stays", "x", CATALOG, "x:")
def credentials_stay_at_home(project):
    project.catalog("x: {type: pandas.CSVDataset, filepath: 's3://b/x.csv', credentials: away}")
    project.nodes(("a", "x", None))


# Steps


@mistake("circular-groups", "jobs.j.grouping", SETTINGS, "grouping:")
def two_groups_wait_for_each_other(project):
    project.nodes(("a", None, "x"), ("b", "x", "y"), ("c", "y", None))
    job(project, grouping={"outer": ["a", "c"]})


@mistake("node-in-two-groups", "jobs.j.grouping", SETTINGS, "grouping:")
def a_node_is_in_two_groups(project):
    job(project, grouping={"one": ["a"], "two": ["*"]})


@mistake("pattern-matches-nothing", "jobs.j.grouping", SETTINGS, "grouping:")
def a_pattern_of_a_group_matches_nothing(project):
    job(project, grouping={"one": ["nobody"]})


@mistake("pattern-matches-nothing", "jobs.j.steps.nobody", SETTINGS, "nobody:")
def a_pattern_of_steps_matches_nothing(project):
    job(project, steps={"nobody": {"timeout": 5}})


@mistake("pattern-matches-nothing", "jobs.j.overrides.jobs.nobody", SETTINGS, "nobody:")
def an_override_names_no_step(project):
    job(project, overrides={"jobs": {"nobody": {"comment": "c"}}})


@mistake("step-name-twice", "jobs.j.grouping", SETTINGS, "grouping:")
def a_group_has_the_name_of_another_node(project):
    project.nodes(("a", None, "x"), ("b", "x", None))
    job(project, grouping={"a": ["b"]})


@mistake("settings-contradict", "a")
def two_patterns_contradict_each_other(project):
    job(project, steps={"a*": {"timeout": 5}, "*a": {"timeout": 6}})


@mistake("reuse-refused", "a")
def a_step_is_reused_that_reads_a_table(project):
    project.catalog("x: {type: pandas.CSVDataset, filepath: 's3://b/x.csv'}")
    project.nodes(("a", "x", None))
    job(project, deterministic=True)


OUTPUTS = pipeline_dataset("x", "x.csv") + pipeline_dataset("y", "y.csv")


def outputs_at(project, path: str) -> None:
    project.catalog(OUTPUTS)
    project.nodes(("a", None, ["x", "y"]), ("b", ["x", "y"], None))
    job(project, steps={"a": {"output": {"path": path}}})


@mistake("fixed-output-path", "a")
def each_job_writes_to_one_place(project):
    outputs_at(project, r"models/\${{output_name}}")


@mistake("one-output-path", "a")
def two_outputs_are_written_to_one_place(project):
    outputs_at(project, r"models/\${{name}}")


@mistake("one-output-path", "b")
def outputs_of_two_steps_are_written_to_one_place(project):
    project.catalog(OUTPUTS)
    project.nodes(("a", None, "x"), ("b", "x", "y"), ("c", "y", None))
    job(project, steps={"*": {"output": {"path": r"models/\${{name}}"}}})


@mistake("step-name-too-long", "a" * 257)
def the_name_of_a_step_is_too_long(project):
    project.nodes(("a" * 257, None, "x"))


@mistake("too-many-ports", "a")
def a_step_has_too_many_outputs(project):
    names = [f"x{i}" for i in range(21)]
    project.nodes(("a", None, names), ("b", names, None))


@mistake("too-many-ports", "a")
def a_step_has_too_many_inputs(project):
    names = [f"x{i}" for i in range(201)]
    project.catalog("'x{i}':\n  " + pipeline_dataset("", "'{i}.csv'").partition("\n  ")[2])
    for name in names:
        project.write(f"data/{name[1:]}.csv", "a\n")
    project.nodes(("a", names, None))


# Settings


def setting(code: str, key: str, where: str = "", **settings: object) -> None:
    def write(project):
        job(project, **settings)

    mistake(code, where or f"jobs.j.{key}", SETTINGS, f"{key.rpartition('.')[2]}:")(write)


setting("text-too-long", "display_name", display_name="x" * 257)
setting("text-too-long", "description", description="x" * 5001)
setting("text-too-long", "experiment_name", experiment_name="x" * 257)
setting("experiment-name", "experiment_name", experiment_name="my experiment")
setting("environment-reference", "steps.a.environment", steps={"a": {"environment": "env"}})
setting("environment-file", "steps.a.environment",
        steps={"a": {"environment": {"build": {"path": "../image"}}}})  # fmt: skip
setting("environment-file", "steps.a.environment",
        steps={"a": {"environment": {"image": "i", "conda_file": "no.yml"}}})  # fmt: skip
setting("unknown-entry", "compute", compute="gpu")
setting("unknown-entry", "workspace", workspace="other")
setting("unknown-entry", "schedule", schedule="nightly")
setting("unknown-entry", "steps.a.compute", steps={"a": {"compute": "gpu"}})
setting("unknown-check", "checks.large-inptu", checks={"large-inptu": "error"})
setting("fixed-check", "checks.nothing-produces", checks={"nothing-produces": "info"})
setting("promoted-parameter", "inputs.rate", inputs={"rate": "params:rate"})
setting("schedule-refused", "schedule.cron.expression",
        schedule={"cron": {"expression": "0 3 * *"}})  # fmt: skip
setting("schedule-refused", "schedule.recurrence.interval",
        schedule={"recurrence": {"frequency": "day", "interval": 0}})  # fmt: skip
setting("settings-mistake", "computer", computer="x")
setting("param-not-json", "params.rate", params={"rate": float("nan")})
setting("secret-value-in-job", "params.db", params={"db": "postgresql://me:hunter2x@db.org/shop"})
setting("secret-in-job", "params.password", params={"password": "hunter2"})


def of_all_jobs(code: str, where: str, text: str, **sections: object) -> None:
    def write(project):
        project.settings_of({"j": {}}, **sections)

    mistake(code, where, SETTINGS, text)(write)


of_all_jobs("no-environment", "execution.environment", "execution:", execution={})
of_all_jobs("code-directory", "execution.code_directory", "code_directory:",
            execution={"environment": "env:1", "code_directory": "src"})  # fmt: skip
of_all_jobs("no-effect", "execution.working_directory", "working_directory:",
            execution={"environment": "env:1", "working_directory": "/home"})  # fmt: skip
of_all_jobs("environment-reference", "execution.environment", "environment:",
            execution={"environment": "env"})  # fmt: skip
of_all_jobs("compute-local", "compute.__default__.cluster_name", "cluster_name:",
            compute={"__default__": {"cluster_name": "local"}})  # fmt: skip


def of_notifications(code: str, where: str, text: str, **entry: object) -> None:
    def write(project):
        chat = {"webhook_env": "HOOK", "events": ["failure"], **entry}
        project.settings_of({"j": {"notifications": "chat"}}, notifications={"chat": chat})

    mistake(code, where, SETTINGS, text)(write)


of_notifications("notification-value", "notifications.chat.webhook_env", "webhook_env:",
                 webhook_env="my hook")  # fmt: skip
of_notifications("notification-value", "notifications.chat.token_env", "token_env:",
                 token_env="xoxb-1")  # fmt: skip
of_notifications("notification-value", "notifications.chat.payload", "payload:", payload="make")
of_notifications("no-effect", "notifications.chat.wait_timeout", "wait_timeout:", wait_timeout=9)
of_notifications(
    "no-effect",
    "notifications.chat.warning_repeat_hours",
    "warning_repeat_hours:",
    warning_repeat_hours=4,
)
of_notifications("notification-step", "jobs.j.notifications", "notifications: chat",
                 events=["success"])  # fmt: skip


@mistake("unknown-entry", "jobs.j.notifications", SETTINGS, "notifications: chat")
def notifications_are_named_that_do_not_exist(project):
    job(project, notifications="chat")


@mistake("promoted-parameter", "jobs.j.inputs.rate", SETTINGS, "rate:")
def two_inputs_set_one_parameter(project):
    project.write("conf/base/parameters.yml", "rate: 1")
    job(project, inputs={"rate": "params:rate", "again": "params:rate"})


@mistake("promoted-parameter", "jobs.j.inputs.x", SETTINGS, "x:")
def an_input_has_the_name_of_a_dataset(project):
    project.catalog(asset("x", "things"))
    project.write("conf/base/parameters.yml", "rate: 1")
    project.nodes(("a", "x", None))
    job(project, inputs={"x": "params:rate"})


@mistake("unknown-tag", "jobs.j.pipeline.tags", SETTINGS, "tags:")
def a_tag_is_one_of_no_node(project):
    project.pipelines(
        "def register_pipelines():\n"
        "    fit = node(lambda: None, None, 'x', name='a', tags=['big'])\n"
        '    return {"__default__": Pipeline([fit])}\n'
    )
    job(project, pipeline={"tags": ["big", "bgi"]})


@mistake("project-error", "the job 'j'")
def a_pipeline_does_not_exist(project):
    job(project, pipeline={"pipeline_name": "nothing"})


@mistake("project-error", "the project", CATALOG, "y: z")
def the_catalog_is_no_yaml(project):
    project.catalog("\nx: y: z")


# What travels


@mistake("code-ignored", "pyproject.toml", "pyproject.toml")
def the_project_itself_stays(project):
    project.write(".amlignore", "*.toml\n")


@mistake("credential-travels", "conf/base/credentials.yml", "conf/base/credentials.yml")
def a_literal_credential_travels(project):
    project.write("conf/base/credentials.yml", "db: {password: hunter2}\n")


@mistake("secret-travels", "id_rsa", "id_rsa")
def a_private_key_travels(project):
    project.write("id_rsa", "x")


@mistake("secret-travels", "prod.env", "prod.env")
def a_file_of_variables_travels(project):
    project.write("prod.env", "TOKEN=abc\n")


@mistake("secret-in-parameters", "params:db.password", "conf/base/parameters.yml", "password")
def a_parameter_is_a_secret(project):
    project.write("conf/base/parameters.yml", "db:\n  password: hunter2\n")


@mistake("secret-in-configuration", "x.fs_args.key", CATALOG, "fs_args:")
def an_entry_holds_a_key(project):
    project.catalog(
        "x: {type: pandas.CSVDataset, filepath: 's3://b/x.csv',\n"
        "    fs_args: {key: AKIAABCDEFGHIJKLMNOP}}"
    )


@mistake("empty-environment", "conf/prod", env="prod")
def an_environment_is_empty(project):
    (project.root / "conf/prod").mkdir()


@mistake("local-configuration", "conf/local/parameters.yml", "conf/local/parameters.yml")
def a_local_file_changes_a_parameter(project):
    project.write("conf/local/parameters.yml", "k: 1\n")
    project.write("conf/base/parameters.yml", "k: 2\n")
    project.nodes(("a", "params:k", None))


@mistake("file-stays", "names.txt", "names.txt")
def an_ignored_file_is_named_by_nobody_but_opened(project):
    project.write("names.txt", "x")
    project.write(".amlignore", "names.txt\n")
    project.pipelines(
        f"open({str(project.root / 'names.txt')!r}).close()\n"
        "def register_pipelines():\n"
        "    return {'__default__': Pipeline([node(lambda: 1, None, 'x', name='a')])}\n"
    )


@mistake(
    "import-ignored", "src/{package}/vault_credentials.py", "src/{package}/vault_credentials.py"
)
def an_imported_module_is_ignored(project):
    project.write(f"src/{project.package}/vault_credentials.py", "")
    project.write(f"src/{project.package}/nodes.py", "from . import vault_credentials\n")
    project.write(".amlignore", "**/*credentials*\n")


def reads_a_file(project) -> None:
    project.catalog("x: {type: pandas.CSVDataset, filepath: data/x.csv}")
    project.nodes(("a", "x", None))


@mistake("input-missing", "x", CATALOG, "x:")
def a_file_is_missing(project):
    reads_a_file(project)


@mistake("input-ignored", "x", CATALOG, "x:")
def a_file_is_ignored(project):
    reads_a_file(project)
    project.write("data/x.csv", "a\n1\n")
    project.write(".amlignore", "data/\n")


@mistake("input-ignored", "x", CATALOG, "x:")
def a_file_lies_among_mounted_data(project):
    project.catalog(
        "x: {type: pandas.CSVDataset, filepath: data/parts/x.csv}\n"
        "parts:\n"
        "  type: kedro_azureml_datasets.AzureMLPipelineDataset\n"
        "  dataset: {type: partitions.PartitionedDataset, path: parts, dataset: pandas.CSVDataset}"
    )
    project.write("data/parts/x.csv", "a\n1\n")
    project.nodes(("a", "x", None))


@mistake("large-input", "x", CATALOG, "x:")
def a_file_is_large(project):
    reads_a_file(project)
    project.large_file("data/x.csv", 10_000_001)


@mistake("large-snapshot", "the snapshot")
def the_snapshot_is_large(project):
    project.large_file("src/large.bin", 100_100_000)


@mistake("secret-in-configuration", "dsn", "conf/base/globals.yml", "dsn:")
def an_address_has_a_password(project):
    project.write("conf/base/globals.yml", "dsn: postgres://me:hunter2@host/db\n")


@mistake("secret-value-in-job", "jobs.j.description", SETTINGS, "description:")
def a_description_has_a_password(project):
    job(project, description="see https://me:hunter2@host")


@mistake("conda-file", "execution.environment", "env.yml")
def a_conda_file_names_the_project(project):
    project.write("env.yml", "dependencies: [pip, {pip: ['-e .']}]\n")
    environment = {"image": "ubuntu:22.04", "conda_file": "env.yml"}
    project.settings_of({"j": {}}, execution={"environment": environment})


@mistake("placeholder", "compute.__default__", SETTINGS, "__default__:")
def a_cluster_is_a_placeholder(project):
    project.settings_of({"j": {}}, compute={"__default__": {"cluster_name": "<cluster>"}})


@mistake("other-workspace", "x", CATALOG, "x:")
def an_asset_belongs_to_another_workspace(project):
    project.catalog(asset("x", "x", workspace="two"))
    project.nodes(("a", "x", None))
    place = {"subscription_id": "s", "resource_group": "r", "name": "w"}
    project.settings_of({"j": {}}, workspace={"__default__": place, "two": {**place, "name": "v"}})


@mistake("unreadable-file", "data/loop", "data/loop")
def a_link_leads_back_to_itself(project):
    (project.root / "data").mkdir()
    (project.root / "data/loop").symlink_to("loop")


@mistake("unknown-runtime-parameter", "params:sed", params={"sed": 2})
def a_runtime_parameter_is_typed_wrong(project):
    project.write("conf/base/parameters.yml", "seed: 1")


@mistake("code-outside", "src/uses_shared.py", "src/uses_shared.py")
def code_lies_beside_the_project(project):
    (project.root.parent / "shared_beside.py").write_text("def tidy():\n    return 1\n")
    head = f"import sys\nsys.path.insert(0, {str(project.root.parent)!r})\n"
    project.write("src/uses_shared.py", f"{head}from shared_beside import tidy\n")
    project.pipelines(
        "from uses_shared import tidy\n"
        'def register_pipelines():\n    return {"__default__": Pipeline([node(tidy, None, "x")])}\n'
    )


def line_of(project: CheckedProject, finding: Finding) -> str:
    if finding.file is None or finding.line is None:
        return ""
    return (project.root / finding.file).read_text().splitlines()[finding.line - 1]


def name_of(value) -> str:
    return value.write.__name__ if isinstance(value, Mistake) else value


@pytest.mark.parametrize(
    ("code", "made"),
    [(code, made) for code, all_made in MISTAKES.items() for made in all_made],
    ids=name_of,
)
def test_a_mistake_is_one_finding_of_its_kind_at_its_place(small_project, code, made):
    made.write(small_project)
    (findings,) = small_project.check(**made.request).values()
    (finding,) = (found for found in findings if found.code == code)
    kind = collect_finding_kinds()[code]
    assert finding.kind is kind
    assert finding.severity is kind.severity
    named = {"package": small_project.package}
    assert finding.where == made.where.format_map(named)
    assert finding.file == (made.file and made.file.format_map(named))
    assert made.text in line_of(small_project, finding)
    assert bool(finding.line) is bool(made.text)
    assert finding.message.endswith((".", "?", ")"))
    assert kind.about is not About.FILE or finding.where == finding.file
    others = {found.code for found in findings if found.severity.value == "error"} - {code}
    # Of two workspaces in one job, one is not the job's.
    allowed = {"local-version", *(["other-workspace"] if code == "asset-folder-shared" else [])}
    assert others <= allowed, findings


def test_a_project_without_a_mistake_has_no_findings(small_project):
    assert small_project.check() == {"j": ()}


def test_more_steps_than_azure_ml_takes_are_refused(small_project):
    config = read_settings(ProjectRequest(small_project.root))
    facts = read_project(ProjectRequest(small_project.root), config.jobs["j"])
    (node,) = facts.nodes
    nodes = tuple(node._replace(name=f"a{i}", outputs=()) for i in range(MAX_STEPS + 1))
    many = replace(facts, nodes=nodes, datasets={})
    (finding,) = examine_facts("j", config, config.jobs["j"], many).findings
    assert (finding.code, finding.where) == ("too-many-steps", "the job")


def test_more_tags_than_azure_ml_takes_are_refused(small_project):
    for count, codes in ((40, []), (50, ["too-many-tags"])):
        changes = JobChanges(tags={f"t{i}": "x" for i in range(count)})
        found = examine_job(ProjectRequest(small_project.root), "j", changes=changes).findings
        assert [finding.code for finding in found] == codes


def test_every_kind_is_raised_by_a_mistake():
    assert sorted({*MISTAKES, "too-many-steps", "too-many-tags"}) == list(collect_finding_kinds())
