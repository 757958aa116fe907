"""What stops a command that sends jobs, though it does not stop `compile`."""

import pytest
from checked_project import CheckedProject
from kedro_azureml_cli.azure_ml.override_validation import OverridesRefusedError
from kedro_azureml_cli.bundles.compiling import compile_jobs
from kedro_azureml_cli.terminal.exit_codes import UserError
from kedro_azureml_compiler import FindingsError, JobChanges, ProjectRequest
from written_project import isolate_imports

FROM_THE_SDK = pytest.mark.filterwarnings("ignore")  # marshmallow's and pydash's own


@pytest.fixture
def project(tmp_path, monkeypatch) -> CheckedProject:
    isolate_imports(monkeypatch)
    return CheckedProject(tmp_path / "farm")


def test_a_placeholder_is_an_error_before_anything_is_sent(project):
    workspace = {"subscription_id": "s", "resource_group": "r", "name": "<workspace>"}
    project.settings_of({"j": {}}, workspace={"__default__": workspace})
    with pytest.raises(FindingsError) as caught:
        compile_jobs(ProjectRequest(project.root), ["j"], JobChanges())
    (error,) = [f for f in caught.value.findings if f.severity.value == "error"]
    assert (error.code, error.where) == ("placeholder", "workspace.__default__")
    project.settings_of({"j": {}})
    assert list(compile_jobs(ProjectRequest(project.root), ["j"], JobChanges())) == ["j"]


def test_which_of_several_jobs_is_wrong_is_said_and_none_is_sent(project, capsys):
    project.nodes(("load", None, "x"), ("train", "x", None))
    bad = {"steps": {"train": {"environment": "env"}}}
    project.settings_of({"good": {}, "bad": bad, "worse": bad})
    with pytest.raises(UserError, match="2 of 3 jobs could not be compiled: bad, worse"):
        compile_jobs(ProjectRequest(project.root), ["good", "bad", "worse"], JobChanges())
    said = capsys.readouterr().err
    assert "[bad]" in said
    assert "[worse]" in said


def compiled(project: CheckedProject, overrides: dict):
    project.nodes(("load", None, "x"), ("eu.train", "x", None))
    project.settings_of({"j": {"overrides": overrides}})
    return compile_jobs(ProjectRequest(project.root), ["j"], JobChanges())


@FROM_THE_SDK
def test_overrides_that_the_sdk_knows_are_sent(project):
    step = {
        "queue_settings": {"job_tier": "spot"},
        "services": {"code": {"type": "vs_code"}},
        "properties": {"owner": "us"},
        "resources": {"locations": ["westeurope"]},
        "tags": {"team": "a"},
        "comment": "by hand",
        "identity": {"type": "managed"},
        "limits": {"timeout": 60},
        "compute": "azureml:spot",
        "environment_variables": {"A": 1},
    }
    overrides = {"settings": {"continue_on_step_failure": True}, "jobs": {"eu.train": step}}
    assert list(compiled(project, overrides)) == ["j"]


@FROM_THE_SDK
@pytest.mark.parametrize(
    ("overrides", "problem"),
    [
        (
            {"jobs": {"eu.train": {"queue_settings": {"job_tier": "spott"}}}},
            "jobs.eu.train.queue_settings.job_tier: Value 'spott' passed is not in set",
        ),
        (
            {"jobs": {"eu.train": {"queue_settings": {"job_teer": "spot"}}}},
            "jobs.eu.train.queue_settings.job_teer: unknown field",
        ),
        (
            {"jobs": {"eu.train": {"queue_settingz": {"job_tier": "spot"}}}},
            "jobs.eu.train.queue_settingz: unknown key 'queue_settingz' (did you mean",
        ),
        (
            {"jobs": {"load": {"services": {"code": {"type": "vscodee"}}}}},
            "jobs.load.services.code.type: Azure ML does not know it",
        ),
        ({"settings": {"continue": True}}, "settings.continue: Azure ML does not know it"),
        ({"queue_settings": {"job_tier": "spot"}}, "queue_settings: unknown field"),
    ],
)
def test_overrides_that_the_sdk_refuses_or_drops_stop_every_command_that_sends(
    project, overrides, problem
):
    with pytest.raises(OverridesRefusedError) as caught:
        compiled(project, overrides)
    assert any(one.startswith(problem) for one in caught.value.problems), caught.value.problems
    assert "jobs.j.overrides" in caught.value.hint
