"""What is found wrong with settings, and how `checks` changes what is found, in real projects."""

import pytest
import yaml
from kedro_azureml_compiler.compilation import compile_job
from kedro_azureml_compiler.findings import FindingsError, Severity

pytestmark = pytest.mark.once

MEMORY = (("a", None, "x"), ("b", "x", None))


def line_of(project, text: str) -> int:
    """Return the last line of azureml.yml that holds the text."""
    lines = (project.root / "conf/base/azureml.yml").read_text().splitlines()
    return max(number for number, line in enumerate(lines, 1) if text in line)


@pytest.mark.parametrize(
    ("job", "code", "where"),
    [
        ({"display_name": "x" * 257}, "text-too-long", "jobs.j.display_name"),
        ({"description": "x" * 5001}, "text-too-long", "jobs.j.description"),
        ({"experiment_name": "x" * 257}, "text-too-long", "jobs.j.experiment_name"),
        ({"experiment_name": "my experiment"}, "experiment-name", "jobs.j.experiment_name"),
        (
            {"steps": {"a": {"environment": "env"}}},
            "environment-reference",
            "jobs.j.steps.a.environment",
        ),
        ({"compute": "gpu"}, "unknown-entry", "jobs.j.compute"),
        ({"workspace": "other"}, "unknown-entry", "jobs.j.workspace"),
        ({"schedule": "nightly"}, "unknown-entry", "jobs.j.schedule"),
        ({"checks": {"large-inptu": "error"}}, "unknown-check", "jobs.j.checks.large-inptu"),
        ({"checks": {"nothing-produces": "info"}}, "fixed-check", "jobs.j.checks.nothing-produces"),
    ],
)
def test_a_setting_that_azure_ml_would_refuse_is_an_error_at_its_line(
    small_project, job, code, where
):
    small_project.settings_of({"other": {}, "j": job})
    (finding,) = (f for f in small_project.check("j")["j"] if f.code == code)
    assert (finding.where, finding.severity) == (where, Severity.ERROR)
    assert finding.file == "conf/base/azureml.yml"
    key = where.rpartition(".")[2]
    assert finding.line == line_of(small_project, f"{key}:")


@pytest.mark.parametrize(
    "environment",
    [
        "env@latest", "my-env:3", "azureml:my.env:3", "AzureML-sklearn-1.0", "env:2024-01-01",
        "azureml://registries/azureml/environments/sklearn-1.5/labels/latest",
    ],
)  # fmt: skip
def test_every_form_of_an_environment_that_azure_ml_resolves_is_taken(small_project, environment):
    small_project.settings_of({"j": {}}, execution={"environment": environment})
    assert small_project.check() == {"j": ()}


@pytest.mark.parametrize("environment", ["env", "mcr.microsoft.com/x/y:latest", "my env:1"])
def test_a_text_that_names_no_environment_is_refused(small_project, environment):
    small_project.settings_of({"j": {}}, execution={"environment": environment})
    finding = small_project.only("environment-reference")
    assert finding.line == line_of(small_project, "environment:")


def test_a_cluster_that_is_called_local_is_refused(small_project):
    small_project.settings_of({"j": {}}, compute={"__default__": {"cluster_name": "local"}})
    assert small_project.only("compute-local").line == line_of(small_project, "cluster_name: local")


def test_more_outputs_than_azure_ml_takes_are_refused(small_project):
    names = [f"x{i}" for i in range(21)]
    small_project.nodes(("a", None, names), ("b", names, None))
    assert "21 outputs" in small_project.only("too-many-ports").message


def test_the_name_of_a_step_may_be_too_long(small_project):
    small_project.nodes(("a" * 257, None, "x"))
    assert small_project.only("step-name-too-long").severity is Severity.ERROR


def test_a_mistake_in_the_file_is_a_finding_at_its_line(small_project):
    small_project.settings_of({"j": {"computer": "x", "limits": {"timeout": 0}}})
    (findings,) = small_project.check().values()
    assert {f.code for f in findings} == {"settings-mistake"}
    assert {f.where: f.line for f in findings} == {
        "jobs.j.computer": line_of(small_project, "computer:"),
        "jobs.j.limits.timeout": line_of(small_project, "timeout:"),
    }


def test_a_file_that_is_missing_is_a_finding(small_project):
    (small_project.root / "conf/base/azureml.yml").unlink()
    found = small_project.check()
    assert [f.code for f in found[None]] == ["settings-mistake"]
    assert "kedro azureml init" in found[None][0].hint


def test_a_file_without_jobs_is_a_finding(small_project):
    small_project.settings_of({})
    assert [f.code for f in small_project.check()[None]] == ["settings-mistake"]


def test_all_jobs_are_checked_and_one_that_cannot_be_read_stops_no_other(small_project):
    small_project.settings_of(
        {
            "good": {},
            "bad": {"pipeline": {"pipeline_name": "nothing"}},
            "long": {"display_name": "x" * 257},
        }
    )
    found = small_project.check()
    assert {job: [f.code for f in findings] for job, findings in found.items()} == {
        "good": [],
        "bad": ["project-error"],
        "long": ["text-too-long"],
    }
    assert list(small_project.check("long", "good", "long")) == ["long", "good"]
    (finding,) = small_project.check("goood")["goood"]
    assert "did you mean 'good'?" in finding.message


def test_a_job_of_a_factory_has_the_place_of_the_factory(small_project):
    small_project.nodes(("eu.a", None, "x"))
    small_project.write(
        f"src/{small_project.package}/pipeline_registry.py",
        """
        from kedro.pipeline import node, pipeline

        def register_pipelines():
            nodes = [node(lambda: 1, None, "x", name="a")]
            return {"__default__": pipeline(nodes, namespace="eu")}
        """,
    )
    factory = {"pipeline": {"node_namespaces": ["{region}"]}, "experiment_name": "no name"}
    small_project.settings_of({"{region}-train": factory})
    (finding,) = small_project.check()["eu-train"]
    assert (finding.code, finding.line) == (
        "experiment-name",
        line_of(small_project, "experiment_name:"),
    )


@pytest.mark.parametrize(
    ("severity", "shown"), [("error", True), ("warning", True), ("ignore", False)]
)
def test_a_job_can_say_how_bad_a_finding_is(small_project, severity, shown):
    small_project.nodes(*MEMORY)
    small_project.settings_of({"j": {"checks": {"memory-between-steps": severity}}})
    found = small_project.found("memory-between-steps")
    assert [f.severity.value for f in found] == ([severity] if shown else [])


def test_a_note_that_a_job_makes_an_error_stops_compile(small_project):
    small_project.nodes(*MEMORY)
    compile_job(small_project.root, "j")
    small_project.settings_of({"j": {"checks": {"memory-between-steps": "error"}}})
    with pytest.raises(FindingsError) as raised:
        compile_job(small_project.root, "j")
    assert [f.code for f in raised.value.findings] == ["memory-between-steps"]


def test_an_error_that_a_job_lowers_does_not_stop_compile(small_project):
    small_project.settings_of({"j": {"experiment_name": "my experiment"}})
    with pytest.raises(FindingsError):
        compile_job(small_project.root, "j")
    small_project.settings_of(
        {"j": {"experiment_name": "my experiment", "checks": {"experiment-name": "warning"}}}
    )
    assert [f.severity for f in compile_job(small_project.root, "j").findings] == [Severity.WARNING]


def test_compile_and_check_find_the_same(small_project):
    small_project.catalog("x: {type: pandas.CSVDataset, filepath: data/x.csv}")
    small_project.nodes(*MEMORY)
    small_project.write("id_rsa", "x")
    small_project.settings_of({"j": {"experiment_name": "my experiment"}})
    with pytest.raises(FindingsError) as raised:
        compile_job(small_project.root, "j")
    assert raised.value.findings == small_project.check()["j"]
    assert len(raised.value.findings) == 3


def test_a_setting_without_effect_is_a_warning_at_its_line(small_project):
    execution = {"environment": "env@latest", "working_directory": "/home/kedro"}
    small_project.settings_of({"j": {}}, execution=execution)
    finding = small_project.only("no-effect")
    assert (finding.severity, finding.line) == (
        Severity.WARNING,
        line_of(small_project, "working_directory:"),
    )
    small_project.settings_of({"j": {}}, execution={**execution, "code_directory": None})
    assert small_project.check() == {"j": ()}


@pytest.mark.parametrize(
    ("execution", "code", "key"),
    [
        ({}, "no-environment", "execution:"),
        ({"environment": "e:1", "code_directory": "src"}, "code-directory", "code_directory:"),
    ],
)
def test_a_setting_with_which_no_job_can_be_built_is_an_error_at_its_line(
    small_project, execution, code, key
):
    small_project.settings_of({"j": {"checks": {code: "warning"}}}, execution=execution)
    finding = small_project.only(code)
    assert (finding.severity, finding.line) == (Severity.ERROR, line_of(small_project, key))
    assert small_project.only("fixed-check").severity is Severity.ERROR


def test_a_factory_that_gives_no_jobs_stops_no_other_job(small_project):
    small_project.settings_of({"{x}": {}, "plain": {}})
    found = small_project.check()
    assert [f.code for f in found[None]] == ["project-error"]
    assert found["plain"] == ()


@pytest.mark.parametrize("env", ["local", "prod"])
def test_a_folder_that_kedro_wants_to_exist_is_named(small_project, env):
    small_project.settings(
        f'CONFIG_LOADER_ARGS = {{"base_env": "base", "default_run_env": "{env}"}}'
    )
    (small_project.root / "conf/local").rmdir()
    (finding,) = small_project.check()[None]
    assert finding.code == "project-error"
    assert f"mkdir conf/{env}" in finding.hint
    (small_project.root / f"conf/{env}").mkdir()
    assert {f.severity.value for f in small_project.check()["j"]} <= {"info"}


def test_where_a_job_vouches_for_a_shared_disk_the_order_is_kept(small_project):
    small_project.catalog("x: {type: pandas.CSVDataset, filepath: /mnt/shared/x.csv}")
    small_project.nodes(*MEMORY)
    small_project.settings_of({"j": {"checks": {"local-data-between-steps": "warning"}}})
    compiled = compile_job(small_project.root, "j")
    assert [f.code for f in compiled.findings] == ["local-data-between-steps"]
    job = yaml.safe_load((compiled.bundle / "pipeline.yml").read_text())
    assert list(job["jobs"]["b"]["inputs"].values()) == ["${{parent.jobs.a.outputs._finished}}"]


PLACE = {"subscription_id": "s", "resource_group": "r", "name": "w"}


def test_placeholders_are_one_warning_for_each_entry(small_project):
    empty = {"subscription_id": "<subscription id>", "resource_group": "r", "name": "<name>"}
    small_project.settings_of(
        {"j": {"compute": "big"}, "other": {"workspace": "mine"}},
        workspace={"__default__": empty, "mine": PLACE},
        compute={"__default__": {"cluster_name": "<cluster>"}, "big": {"cluster_name": "big"}},
        execution={"environment": "<environment>@latest"},
    )
    checked = small_project.check()
    found = {job: [f.where for f in fs if f.code == "placeholder"] for job, fs in checked.items()}
    assert found == {
        "j": ["workspace.__default__", "execution", "compute.__default__"],
        "other": ["execution", "compute.__default__"],
    }
    first = checked["j"][0]
    assert first.severity is Severity.WARNING
    assert "subscription_id: <subscription id>, name: <name>" in first.message
    assert first.line == line_of(small_project, "__default__:") or first.line


ASSET = """
x:
  type: kedro_azureml_datasets.AzureMLAssetDataset
  azureml_dataset: x
  workspace: {}
  dataset: {{type: pandas.CSVDataset, filepath: x.csv}}
"""


@pytest.mark.parametrize(
    ("entry", "job", "message"),
    [
        ("two", {}, "belongs to the workspace 'two', and the job runs in '__default__'"),
        ("__default__", {"workspace": "two"}, "the job runs in 'two'"),
        ("twoo", {}, "there is no workspace 'twoo' in azureml.yml (did you mean 'two'?)"),
        ("two", {"workspace": "two"}, None),
        ("same", {}, None),
        ("null", {"workspace": "two"}, None),
    ],
)
@pytest.mark.parametrize("node", [("a", "x", None), ("a", None, "x")])
def test_a_data_asset_of_another_workspace_than_the_jobs_is_an_error(
    small_project, entry, job, message, node
):
    small_project.catalog(ASSET.format(entry))
    small_project.nodes(node)
    workspaces = {
        "__default__": PLACE,
        "two": {**PLACE, "name": "w2"},
        "same": {**PLACE, "name": "W"},
    }
    small_project.settings_of({"j": job}, workspace=workspaces)
    found = small_project.found("other-workspace")
    assert len(found) == (message is not None)
    for finding in found:
        assert message in finding.message
        assert (finding.severity, finding.file) == (Severity.ERROR, "conf/base/catalog.yml")


@pytest.mark.parametrize(
    ("key", "value", "message", "hint"),
    [
        ("azureml_version", "latest", "Azure ML knows it as a label", "Leave azureml_version out"),
        ("azureml_version", "'@latest'", "Azure ML knows it as a label", "Leave azureml_version"),
        ("azureml_type", "mltable", "not supported", "uri_folder"),
        (
            "azureml_dataset",
            "azureml://registries/shared/data/x/versions/1",
            "assets of a registry are not supported",
            "in the workspace",
        ),
        ("azureml_dataset", "azureml:x:1", "not supported", "name alone"),
    ],
)
def test_an_asset_that_azure_ml_would_not_resolve_is_refused_when_compiling(
    small_project, key, value, message, hint
):
    entry = {"azureml_dataset": "x", key: value}
    lines = "\n".join(f"  {name}: {text}" for name, text in entry.items())
    small_project.catalog(
        f"x:\n  type: kedro_azureml_datasets.AzureMLAssetDataset\n{lines}\n"
        "  dataset: {type: pandas.CSVDataset, filepath: x.csv}\n"
    )
    small_project.nodes(("a", "x", None))
    finding = small_project.only("catalog-entry")
    assert message in finding.message
    assert hint in finding.hint
