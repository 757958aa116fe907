"""What entries need of a step's environment and of a key vault, judged where a job is compiled."""

from __future__ import annotations

import pytest
import yaml
from kedro_azureml_compiler.azureml.rendering import render
from kedro_azureml_compiler.examination import examine_job
from kedro_azureml_compiler.job_changes import JobChanges
from kedro_azureml_compiler.project.request import ProjectRequest
from kedro_azureml_compiler.settings.parsing import ConfigError

TABLE = "{name}: {{type: pandas.SQLTableDataset, table_name: t, credentials: {credentials}}}\n"
PLACE = {"subscription_id": "s", "resource_group": "r", "name": "w"}
URL = "postgresql://me:{reference}@db.example.org/shop"


@pytest.fixture
def project(small_project):
    """Two steps of which each reads a table of a server; the second writes one, too."""
    small_project.catalog(
        TABLE.format(name="x", credentials="db")
        + TABLE.format(name='"{name}_table"', credentials="lake")
        + TABLE.format(name="unused", credentials="none")
    )
    small_project.nodes(("a", "x", None), ("b", ["x", "big_table"], "new_table"))
    return small_project


def credentials(project, **references: str) -> None:
    texts = {name: {"con": URL.format(reference=text)} for name, text in references.items()}
    project.write("conf/base/credentials.yml", yaml.safe_dump(texts))


def examined(project, **changes):
    return examine_job(ProjectRequest(project.root), "j", changes=JobChanges(**changes))


def told(project, **changes) -> set[str]:
    found = examined(project, **changes).findings
    return {f"{f.where}: {f.message}" for f in found if f.code == "variable-not-given"}


def test_each_step_that_lacks_a_variable_of_a_used_entry_is_named(project, monkeypatch):
    credentials(project, db="${oc.env:DB_URL}", lake="${oc.env:LAKE_KEY}", none="${oc.env:UNUSED}")
    monkeypatch.setenv("DB_URL", "set here, and in no step")
    assert told(project) == {
        "x: it needs the environment variable DB_URL, which the steps 'a', 'b' do not get.",
        "big_table: it needs the environment variable LAKE_KEY, which the step 'b' does not get.",
        "new_table: it needs the environment variable LAKE_KEY, which the step 'b' does not get.",
    }


def test_a_step_that_is_given_the_variable_is_not_named(project):
    credentials(project, db="${oc.env:DB_URL}", lake="x", none="x")
    project.settings_of({"j": {"steps": {"a": {"environment_variables": {"DB_URL": "u"}}}}})
    (found,) = (f for f in examined(project).findings if f.code == "variable-not-given")
    assert found.message.endswith("which the step 'b' does not get.")
    assert "steps: {b: {environment_variables: {DB_URL: ...}}}" in found.hint
    given = examined(project, environment_variables={"DB_URL": "u"}).findings
    assert "variable-not-given" not in {finding.code for finding in given}


@pytest.mark.parametrize(
    "reference",
    ["${oc.env:DB_URL,none}", "${oc.env:AZUREML_ARM_WORKSPACE_NAME}", "${azureml.secret:db-url}"],
)
def test_a_variable_that_a_step_has_or_does_not_need_is_not_reported(project, reference):
    credentials(project, db=reference, lake=reference, none=reference)
    assert told(project) == set()


def test_a_variable_inside_another_resolver_is_found_if_that_takes_any_text(project):
    credentials(project, db="${oc.decode:${oc.env:DB_URL}}", lake="x", none="x")
    codes = {finding.code for finding in examined(project).findings}
    assert "credential-stays" not in codes


@pytest.mark.parametrize("reference", ["${oc.env:DB_PW}", "${azureml.secret:db-pw}"])
@pytest.mark.parametrize("resolver", ["quote", "upper", "oc.decode", "int"])
@pytest.mark.parametrize("here", [None, "1"])
def test_what_another_resolver_needs_when_it_is_read_is_a_variable(
    project, monkeypatch, resolver, reference, here
):
    if here:  # what this machine has, a step has not
        monkeypatch.setenv("DB_PW", here)
    project.write(
        f"src/{project.package}/settings.py",
        "from urllib.parse import quote\n"
        'CONFIG_LOADER_ARGS = {"base_env": "base", "default_run_env": "local", '
        '"custom_resolvers": {"quote": quote, "upper": str.upper, "int": lambda t: int(t)}}\n',
    )
    db = f"${{{resolver}:{reference}}}"
    lake = "${azureml.secret:lake}"
    project.write(
        "conf/base/credentials.yml", f"db: {{con: '{db}'}}\nlake: {{con: '{lake}'}}\nnone: {{}}"
    )
    assert told(project) == {
        "x: it needs the environment variable DB_PW, which the steps 'a', 'b' do not get."
    }
    assert told(project, environment_variables={"DB_PW": "1"}) == set()
    secrets = {secret for step in examined(project).plan.steps for secret in step.secrets}
    assert secrets == ({"lake", "db-pw"} if "secret" in reference else {"lake"})


def test_variables_of_the_catalog_itself_count_where_the_project_resolves_them(project):
    project.write(
        f"src/{project.package}/settings.py",
        "from omegaconf.resolvers import oc\n"
        'CONFIG_LOADER_ARGS = {"base_env": "base", "default_run_env": "local", '
        '"custom_resolvers": {"oc.env": oc.env}}\n',
    )
    project.catalog("x: {type: pandas.CSVDataset, filepath: 's3://${oc.env:BUCKET}/x.csv'}")
    project.nodes(("a", "x", None))
    assert told(project) == {
        "x: it needs the environment variable BUCKET, which the step 'a' does not get."
    }


def steps_of(project, **changes):
    job = yaml.safe_load(render(examined(project, **changes).pipeline_job))
    return {name: step["component"]["command"] for name, step in job["jobs"].items()}


def test_steps_that_need_a_secret_get_the_vault_of_the_settings(project):
    project.nodes(("a", "x", None), ("c", None, "free"))
    credentials(project, db="${azureml.secret:db-url}", lake="x", none="x")
    assert not any("--key-vault" in command for command in steps_of(project).values())
    own = {**PLACE, "key_vault": "https://other.vault.azure.net/"}
    project.settings_of(
        {"j": {}}, workspace={"__default__": {**PLACE, "key_vault": "sales"}, "o": own}
    )
    commands = steps_of(project)
    assert "--key-vault sales" in commands["a"]
    assert "--key-vault" not in commands["c"]
    assert "--key-vault https://other.vault.azure.net/" in steps_of(project, workspace="o")["a"]


def test_the_value_of_a_secret_that_is_set_here_is_in_no_part_of_the_job(project, monkeypatch):
    monkeypatch.setenv("DB_URL", "s3cret-of-this-machine")
    credentials(project, db="${azureml.secret:db-url}", lake="x", none="x")
    found = examined(project)
    assert [step.secrets for step in found.plan.steps] == [("db-url",), ("db-url",)]
    assert "s3cret-of-this-machine" not in f"{found.plan} {found.facts} {found.pipeline_job}"


@pytest.mark.parametrize(
    "vault",
    [
        "https://sales.vault.azure.net.example.org/",
        "http://sales.vault.azure.net/",
        "https://me@sales.vault.azure.net/",
        "https://sales.vault.azure.net:8443/",
        "https://sales.vault.azure.net/secrets/x",
        "https://sales.vault.azure.cn/",
        "sales.example.org",
        "a_b",
    ],
)
def test_a_vault_that_is_none_of_the_cloud_is_refused(project, vault):
    project.settings_of({"j": {}}, workspace={"__default__": {**PLACE, "key_vault": vault}})
    with pytest.raises(ConfigError, match="is not a key vault of 'AzureCloud'") as caught:
        examined(project)
    assert "https://NAME.vault.azure.net/" in str(caught.value)


@pytest.mark.parametrize("value", [None, "set"])
def test_a_secret_in_the_settings_is_refused_with_its_line(project, monkeypatch, value):
    if value:
        monkeypatch.setenv("PW", value)
    project.settings_of(
        {"j": {"steps": {"a": {"environment_variables": {"PW": "${azureml.secret:pw}"}}}}}
    )
    with pytest.raises(ConfigError) as caught:
        examined(project)
    message = str(caught.value)
    assert "jobs.j.steps.a.environment_variables.PW: '${azureml.secret:...}'" in message
    assert caught.value.file == "conf/base/azureml.yml"
    text = (project.root / caught.value.file).read_text().splitlines()
    assert "azureml.secret" in text[caught.value.line - 1]


@pytest.mark.parametrize("key", ["channel", "webhook_env", "token_env", "payload"])
@pytest.mark.parametrize("value", [None, "s3cret-of-this-machine"])
def test_each_string_of_notifications_may_be_a_secret_which_the_job_does_not_hold(
    project, monkeypatch, key, value
):
    if value:
        monkeypatch.setenv("HOOK", value)
    credentials(project, db="x", lake="x", none="x")
    chat = {key: "to ${azureml.secret:hook}", "events": ["failure"]}
    project.settings_of({"j": {"notifications": "chat"}}, notifications={"chat": chat})
    found = examined(project)
    assert "secret-outside-credentials" not in {finding.code for finding in found.findings}
    job = f"{found.plan} {found.facts} {found.pipeline_job}"
    assert "s3cret" not in f"{job} {found.findings}"
    assert "azureml.secret" not in job


@pytest.mark.parametrize(
    ("notifications", "place"),
    [
        ({"chat": {"events": ["${azureml.secret:hook}"]}}, "notifications.chat.events[0]"),
        ({"chat": {"wait_timeout": "${azureml.secret:hook}"}}, "notifications.chat.wait_timeout"),
        ({"chat": {"channel": ["${azureml.secret:hook}"]}}, "notifications.chat.channel[0]"),
        ({"chat": "${azureml.secret:hook}"}, "notifications.chat"),
        ("${azureml.secret:hook}", "notifications"),
    ],
)
def test_a_secret_where_notifications_need_something_else_is_refused_without_its_value(
    project, monkeypatch, notifications, place
):
    monkeypatch.setenv("HOOK", "s3cret-of-this-machine")
    project.settings_of({"j": {}}, notifications=notifications)
    with pytest.raises(ConfigError) as caught:
        examined(project)
    assert f" {place}: '${{azureml.secret:...}}' is a string" in str(caught.value)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("name", ["db_password", "a,b", "''", "a b"])
def test_a_reference_to_no_secret_names_the_file_and_what_to_write(project, name):
    credentials(project, db=f"${{azureml.secret:{name}}}", lake="x", none="x")
    from kedro_azureml_datasets import KedroAzureMLError

    with pytest.raises(KedroAzureMLError) as caught:
        examined(project)
    assert "conf/base/credentials.yml" in str(caught.value)
    assert "write ${azureml.secret:NAME}" in str(caught.value)
