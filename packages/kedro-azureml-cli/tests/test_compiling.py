"""What stops a command that sends jobs, though it does not stop `compile`."""

import pytest
from checked_project import CheckedProject
from kedro_azureml_cli.bundles.compiling import compile_jobs
from kedro_azureml_compiler import FindingsError, JobChanges, ProjectRequest
from written_project import isolate_imports


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
