"""Conda files: what they name is put into them, or refused where Azure ML could not follow it."""

import pytest
import yaml
from kedro_azureml_compiler import compile_job
from kedro_azureml_compiler.findings import Severity

pytestmark = pytest.mark.once

SECRET = "hunter2hunter2"


@pytest.fixture
def conda(small_project):
    """Describe the job's environment by env/conda.yml with these lines for pip."""

    def write(*lines):
        content = {"dependencies": ["python=3.11", "pip", {"pip": list(lines)}]}
        small_project.write("env/conda.yml", yaml.safe_dump(content))
        environment = {"image": "ubuntu:22.04", "conda_file": "env/conda.yml"}
        small_project.settings_of({"j": {}}, execution={"environment": environment})
        return small_project

    return write


def test_requirements_files_stand_in_the_conda_file_of_the_bundle(conda):
    project = conda("-r ../requirements.txt", "--requirement=more.txt", "kedro")
    project.write(
        "requirements.txt",
        "# of the project\npandas>=2  # tables\n--extra-index-url https://host/simple\n"
        "scikit-learn \\\n  ==1.5\n-r env/nested.txt\n",
    )
    project.write("env/nested.txt", "joblib; python_version > '3.9'\n")
    project.write("env/more.txt", "rich\n")
    assert project.check() == {"j": ()}
    bundle = compile_job(project.root, "j").bundle
    content = yaml.safe_load((bundle / "environments/env/conda.yml").read_text(encoding="utf-8"))
    assert content["dependencies"][:2] == ["python=3.11", "pip"]
    lines = [" ".join(line.split()) for line in content["dependencies"][2]["pip"]]
    assert lines == [
        "pandas>=2",
        "--extra-index-url https://host/simple",
        "scikit-learn ==1.5",
        "joblib; python_version > '3.9'",
        "rich",
        "kedro",
    ]


def test_a_conda_file_that_names_no_file_is_copied_byte_for_byte(conda):
    project = conda("kedro", "-e git+https://host/a.git#egg=a", "a @ https://host/a-1.whl")
    written = project.root / "env/conda.yml"
    written.write_text("# kept\n" + written.read_text())
    bundle = compile_job(project.root, "j").bundle
    assert (bundle / "environments/env/conda.yml").read_bytes() == written.read_bytes()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("-e .", "installs a folder"),
        ("--editable ../", "installs a folder"),
        ("-e ./libs/a[extra]", "installs a folder"),
        (".", "names a local file"),
        ("./wheels/a-1-py3-none-any.whl", "names a local file"),
        ("wheels/a-1.tar.gz", "names a local file"),
        ("a @ file:///wheels/a.whl", "names a local file"),
        ("/opt/wheels/a", "names a local file"),
        ("--find-links ./wheels", "names a local file"),
        ("-c constraints.txt", "names a file"),
        ("--constraint=constraints.txt", "names a file"),
        ("-r missing.txt", "'env/missing.txt' cannot be read"),
        ("-r ../../elsewhere.txt", "outside the project"),
        ("-r loop.txt", "includes itself"),
    ],
)
def test_a_line_that_the_build_cannot_follow_is_an_error_with_the_way_out(conda, line, told):
    project = conda("kedro", line)
    project.write("env/loop.txt", "-r loop.txt\n")
    finding = project.only("conda-file")
    assert told in finding.message
    assert (finding.severity, finding.file) == (Severity.ERROR, "env/conda.yml")
    assert finding.hint


def test_a_line_of_an_included_file_is_judged_as_well(conda):
    project = conda("-r ../requirements.txt")
    project.write("requirements.txt", f"-e .\n--extra-index-url https://u:{SECRET}@host/simple\n")
    assert "'-e .' installs a folder" in project.only("conda-file").message
    assert project.only("secret-travels").where == "requirements.txt"
    project.write(".amlignore", "requirements.txt\n")
    assert project.only("secret-travels").where == "requirements.txt"


def test_a_description_in_the_settings_cannot_name_a_file(small_project):
    small_project.write("requirements.txt", "kedro\n")
    described = {"dependencies": ["pip", {"pip": ["-r requirements.txt"]}]}
    environment = {"image": "ubuntu:22.04", "conda_file": described}
    small_project.settings_of({"j": {}}, execution={"environment": environment})
    assert small_project.only("conda-file").file == "conf/base/azureml.yml"


def test_a_conda_file_that_is_not_yaml_is_an_error(conda):
    project = conda("kedro")
    project.write("env/conda.yml", "a: b: c\n")
    assert "cannot be read" in project.only("conda-file").message


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "is not a mapping"),
        ("- kedro\n", "is not a mapping"),
        ("channels: [conda-forge, 'file:///home/me/channel']\n", "is on this machine"),
        ("channels: [./channel]\ndependencies: [python=3.11]\n", "is on this machine"),
    ],
)
def test_a_conda_file_that_no_build_can_use_is_an_error(conda, content, told):
    project = conda("kedro")
    project.write("env/conda.yml", content)
    assert told in project.only("conda-file").message
