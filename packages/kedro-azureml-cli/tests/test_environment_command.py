"""`kedro azureml environment`, called as `kedro` calls it."""

import json
from importlib.metadata import version

import pytest
import yaml
from checked_project import CheckedProject
from click.testing import CliRunner, Result
from kedro.framework.startup import bootstrap_project
from kedro_azureml_cli.commands import azureml
from written_project import isolate_imports


@pytest.fixture
def project(tmp_path, monkeypatch) -> CheckedProject:
    isolate_imports(monkeypatch)
    project = CheckedProject(tmp_path / "farm")
    project.write("requirements.txt", "kedro>=1.2\nclick\nkedro-azureml-cli\n-e ./near\n")
    monkeypatch.chdir(project.root)
    return project


def environment(project: CheckedProject, *args: str) -> Result:
    metadata = bootstrap_project(project.root)
    result = CliRunner().invoke(azureml, ("environment", *args), obj=metadata)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def document(done: Result) -> dict:
    return json.loads(done.output[done.output.index("{\n") :])


def test_what_an_image_needs_is_shown_with_its_source(project):
    done = environment(project, "show", "--python", "3.11")
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    head = "From requirements.txt (the project has no lock file), for Python 3.11 on linux/amd64:"
    assert head in lines
    rows = [line.split() for line in lines]
    assert ["kedro>=1.2", "requirements.txt:1"] in rows
    assert "Not needed in an image: kedro-azureml-cli" in lines
    assert any(line.startswith("  -e ./near (requirements.txt:4): ") for line in lines)
    shown = document(environment(project, "show", "--format", "json"))
    assert [one["requirement"] for one in shown["requirements"]] == ["click", "kedro>=1.2"]
    assert shown["left_to_decide"][0]["where"] == "requirements.txt:4"


def test_files_are_exported_once_and_the_job_that_uses_them_is_checked(project):
    done = environment(project, "export", "--format", "json")
    assert done.exit_code == 0, done.output
    exported = document(done)
    assert f"click=={version('click')}" in exported["packages"]
    assert not any(line.startswith("azure") for line in exported["packages"])
    folder = project.root / "environment"
    assert sorted(map(str, folder.iterdir())) == sorted(exported["files"])
    before = {path.name: path.read_text() for path in folder.iterdir()}
    done = environment(project, "export", "--python", "3.12")
    assert done.exit_code == 1
    assert "already has Dockerfile, conda.yml, requirements.txt" in done.output
    assert {path.name: path.read_text() for path in folder.iterdir()} == before

    project.settings_of({"j": {}}, execution={"environment": {"build": {"path": "environment"}}})
    done = environment(project, "check")
    assert done.exit_code == 0, done.output
    assert "The job gets the versions that are installed here." in done.output
    conda = yaml.safe_load(before["conda.yml"])
    conda["dependencies"][-1]["pip"] = ["click==0.1", "kedro-azureml-datasets"]
    conda["dependencies"].append("numpy=1.26")
    described = {"image": "ubuntu", "conda_file": conda}
    project.settings_of({"j": {}}, execution={"environment": described})
    done = environment(project, "check", "--format", "json")
    assert done.exit_code == 1
    (one,) = document(done)["environments"]
    packages = {row["name"]: row for row in one["packages"]}
    assert (packages["click"]["in_job"], packages["click"]["here"]) == ("0.1", version("click"))
    assert packages["click"]["state"] == "different"
    assert packages["numpy"]["in_job"] == "1.26.*"
    # The datasets bring Kedro along, so that it need not be listed.
    assert "kedro" not in packages


@pytest.mark.parametrize(
    "described", ["env@latest", {"image": "ubuntu"}, {"build": {"path": "docker"}}]
)
def test_of_an_environment_without_a_list_the_versions_are_unknown(project, described):
    project.write("docker/Dockerfile", "FROM python:3.11\n# requirements.txt\n")
    project.settings_of({"j": {}}, execution={"environment": described})
    done = environment(project, "check")
    assert done.exit_code == 0, done.output
    assert "What it installs is unknown" in done.output
    assert ["click", "unknown", version("click"), "unknown"] in [
        line.split() for line in done.output.splitlines()
    ]


@pytest.mark.parametrize(
    ("args", "code", "told"),
    [
        (("show", "--python", "3.9"), 2, "steps need Python 3.10 or newer"),
        (("show", "--from", "none.txt"), 1, "'none.txt' is not a file."),
        (("export", "--from", "bad.txt"), 1, "bad.txt:2: 'a b'"),
        (("exprot",), 2, "did you mean 'export'?"),
    ],
)
def test_a_mistake_is_one_message_and_leaves_no_file(project, args, code, told):
    project.write("bad.txt", "kedro\na b\n")
    done = environment(project, *args)
    assert done.exit_code == code
    assert told in done.output
    assert not (project.root / "environment").exists()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"- a\n- b\n", "Error: conda.yml: 'dependencies' is missing or not a list."),
        (b"dependencies: {a: b}\n", "Error: conda.yml: 'dependencies' is missing or not a list."),
        (b"name: x\nchannels: [\n", "Error: conda.yml:3: expected the node content"),
        (b"name: !!python/object x\n", "Error: conda.yml:1: could not determine a constructor"),
        (b"name: caf\xe9\n", "Error: 'conda.yml' cannot be read: it is not UTF-8."),
    ],
)
def test_a_conda_file_that_cannot_be_read_is_named_with_its_line(project, content, told):
    (project.root / "conda.yml").write_bytes(content)
    described = {"image": "ubuntu", "conda_file": "conda.yml"}
    project.settings_of({"j": {}}, execution={"environment": described})
    done = environment(project, "check")
    assert done.exit_code == 1
    assert told in done.output
    assert "<unicode string>" not in done.output
