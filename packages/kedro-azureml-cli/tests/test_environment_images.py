"""What an image gets, the files that are written for it, and how it compares with this machine."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from kedro_azureml_cli.azure_ml.environments import EnvironmentVersion
from kedro_azureml_cli.environments.comparing import State, compare_environment
from kedro_azureml_cli.environments.image_files import (
    OccupiedFilesError,
    UnwritableError,
    render_files,
    write_files,
)
from kedro_azureml_cli.environments.image_target import ImageTarget
from kedro_azureml_cli.environments.pinning import PinnedEnvironment, pin_environment
from kedro_azureml_cli.environments.registering import (
    DIGEST_TAG,
    PYTHON_TAG,
    SOURCE_TAG,
    digest_content,
    find_changed_source,
)
from kedro_azureml_cli.environments.sources.source_choice import read_project_needs
from kedro_azureml_cli.environments.step_environments import StepEnvironment

if TYPE_CHECKING:
    from kedro_azureml_cli.environments.needs import ProjectNeeds

PY311 = ImageTarget("3.11")


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A function that installs packages, as far as their metadata goes."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))

    def install(name, version, *requires, python=">=3.8", origin=None):
        folder = site / f"{name.replace('-', '_')}-{version}.dist-info"
        folder.mkdir()
        lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
        lines += [f"Requires-Python: {python}", *(f"Requires-Dist: {r}" for r in requires)]
        (folder / "METADATA").write_text("\n".join(lines) + "\n")
        if origin:
            (folder / "direct_url.json").write_text(json.dumps(origin))

    install("kedro-azureml-datasets", "0.2.0", "cloudpickle>=2", 'azure-ai-ml; extra == "azure"')
    install("cloudpickle", "3.1.0")
    return install


def pinned(tmp_path: Path, requirements: str, target: ImageTarget = PY311) -> PinnedEnvironment:
    project = tmp_path / "project"
    project.mkdir(exist_ok=True)
    (project / "requirements.txt").write_text(requirements, "utf-8")
    return pin_environment(read_project_needs(project, target), target)


def reasons(environment: PinnedEnvironment) -> dict[str, str]:
    return {one.text: one.reason for one in environment.undecided}


OURS = ("cloudpickle==3.1.0", "kedro-azureml-datasets==0.2.0")


def test_versions_are_those_here_with_all_that_they_bring_along_on_linux(tmp_path, machine):
    machine(
        "tables-x",
        "2.3.0",
        "core-x>=1",
        'win-x; sys_platform == "win32"',
        'old-x; python_version < "3.11"',
        'sheets-x>=1; extra == "excel"',
        'plots-x; extra == "plots"',
    )
    machine("core-x", "1.5", "tables-x")  # a cycle
    machine("sheets-x", "3.0")
    found = pinned(tmp_path, "tables-x[excel]>=2\n")
    assert found.undecided == ()
    assert found.lines == (*OURS[:1], "core-x==1.5", OURS[1], "sheets-x==3.0", "tables-x==2.3.0")


def test_what_only_our_command_line_needs_stays_out(tmp_path, machine):
    machine("only-x", "1.0")
    found = pinned(tmp_path, "kedro-azureml-cli\nkedro-azureml-simulator\n")
    assert found.lines == OURS
    assert "azure" not in str(found.lines).replace("kedro-azureml", "")


def test_an_image_with_the_projects_code_needs_our_runner_too(tmp_path, machine):
    machine("kedro-azureml-runner", "0.2.0", "kedro-azureml-datasets<0.3,>=0.2")
    project = tmp_path / "project"
    project.mkdir()
    (project / "requirements.txt").write_text("kedro-azureml-cli\n")
    for has_code, more in ((False, ()), (True, ("kedro-azureml-runner==0.2.0",))):
        found = pin_environment(read_project_needs(project, PY311, has_code=has_code), PY311)
        assert found.lines == (*OURS, *more)


def test_what_has_no_sure_version_is_left_to_decide_with_the_reason(tmp_path, machine):
    machine("torch-x", "2.3.0+cu118", "core-x")
    machine("core-x", "1.5")
    machine("new-x", "4.0", python=">=3.12")
    machine("low-x", "1.0")
    found = pinned(tmp_path, "torch-x>=2\nnew-x\nlow-x[all]>=2\nabsent-x<3\nlocal-x==1.0+mine\n")
    assert set(reasons(found)) == {
        "torch-x==2.3.0+cu118", "new-x", "low-x[all]>=2", "absent-x<3", "local-x==1.0+mine",
    }  # fmt: skip
    assert "local version" in reasons(found)["torch-x==2.3.0+cu118"]
    assert "not for Python 3.11" in reasons(found)["new-x"]
    assert "1.0 is installed here" in reasons(found)["low-x[all]>=2"]
    assert "not installed here" in reasons(found)["absent-x<3"]
    # What an index may have stands in the list until then; a local version no index has.
    others = [line for line in found.lines if line not in OURS]
    assert others == ["absent-x<3", "core-x==1.5", "low-x[all]>=2", "new-x"]


def test_a_constraint_that_the_version_here_breaks_is_told(tmp_path, machine):
    machine("low-x", "1.0")
    (tmp_path / "project").mkdir()
    (tmp_path / "project/limits.txt").write_text("low-x>=2\nother-x<1\n")
    found = pinned(tmp_path, "-c limits.txt\nlow-x\n")
    assert list(reasons(found)) == ["low-x>=2"]
    assert "other-x" not in str(found.lines)


def test_a_repository_is_pinned_to_the_commit_that_is_installed(tmp_path, machine):
    commit = "0123456789" * 4
    origin = {"url": "https://h/f.git", "vcs_info": {"vcs": "git", "commit_id": commit}}
    machine("forked-x", "1.0", origin=origin)
    found = pinned(tmp_path, "forked-x @ git+https://h/f.git@main#subdirectory=lib\n")
    assert f"forked-x @ git+https://h/f.git@{commit}#subdirectory=lib" in found.lines
    assert found.undecided == ()
    files = render_files(found)
    assert "install --yes --no-install-recommends git" in files["Dockerfile"]
    assert "git" in yaml.safe_load(files["conda.yml"])["dependencies"]
    found = pinned(tmp_path, "gone-x @ git+ssh://git@h/f.git@main\n")
    assert "may move" in reasons(found)["gone-x @ git+ssh://git@h/f.git@main"]
    found = pinned(tmp_path, f"kept-x @ git+https://h/f.git@{commit}\n")
    assert found.undecided == ()


def test_a_lock_is_taken_as_it_is_and_the_datasets_are_added(tmp_path, machine):
    project = tmp_path / "project"
    project.mkdir()
    lock = 'lock-version = "1.0"\ncreated-by = "hand"\n'
    for name, version in (("cloudpickle", "2.2.1"), ("torch-x", "2.3.0+cu118")):
        file = f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
        lock += f'[[packages]]\nname = "{name}"\nversion = "{version}"\n'
        lock += (
            f'wheels = [{{name = "{file}", url = "https://h/{file}", hashes = {{md5 = "0"}}}}]\n'
        )
    (project / "pylock.toml").write_text(lock)
    found = pin_environment(read_project_needs(project, PY311), PY311)
    assert found.lines == ("cloudpickle==2.2.1", "kedro-azureml-datasets==0.2.0")
    assert list(reasons(found)) == ["torch-x==2.3.0+cu118"]


def test_the_files_name_the_image_the_versions_and_what_is_left_to_decide(tmp_path, machine):
    machine("core-x", "1.5")
    found = pinned(tmp_path, "core-x\n-e ./near\n--extra-index-url https://h/simple\n")
    files = render_files(found)
    assert "FROM --platform=linux/amd64 python:3.11-slim\n" in files["Dockerfile"]
    assert "apt-get" not in files["Dockerfile"]
    listed = ["--extra-index-url https://h/simple", OURS[0], "core-x==1.5", OURS[1]]
    requirements = files["requirements.txt"].splitlines()
    assert [line for line in requirements if not line.startswith("#")] == listed
    conda = yaml.safe_load(files["conda.yml"])
    assert conda["dependencies"] == ["python=3.11", "pip", {"pip": listed}]
    for text in files.values():
        assert "# Left to decide:\n#   -e ./near (requirements.txt:2): " in text
    again = pinned(tmp_path, "core-x\n-e ./near\n--extra-index-url https://h/simple\n")
    assert render_files(again) == files


def test_files_that_are_there_are_never_replaced_without_force(tmp_path):
    (tmp_path / "conda.yml").write_text("mine")
    (tmp_path / "other").write_text("mine")
    files = {"Dockerfile": "a", "conda.yml": "b"}
    with pytest.raises(OccupiedFilesError, match=r"already has conda\.yml") as caught:
        write_files(tmp_path, files, force=False)
    assert "--force" in caught.value.hint
    assert not (tmp_path / "Dockerfile").exists()
    write_files(tmp_path, files, force=True)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "Dockerfile": "a", "conda.yml": "b", "other": "mine",
    }  # fmt: skip


def test_the_file_with_the_requirements_is_not_replaced_even_with_force(tmp_path):
    source = tmp_path / "requirements.txt"
    source.write_text("pandas\n")
    with pytest.raises(OccupiedFilesError, match=r"read from; nothing was written"):
        write_files(
            tmp_path, {"Dockerfile": "a", "requirements.txt": "b"}, force=True, source=source
        )
    assert [path.read_text() for path in tmp_path.iterdir()] == ["pandas\n"]


def test_where_one_file_cannot_be_written_none_is(tmp_path):
    (tmp_path / "conda.yml").mkdir()
    with pytest.raises(UnwritableError, match=r"conda\.yml"):
        write_files(tmp_path, {"Dockerfile": "a", "conda.yml": "b"}, force=True)
    assert [path.name for path in tmp_path.iterdir()] == ["conda.yml"]
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(UnwritableError):
        write_files(file / "below", {"Dockerfile": "a"}, force=True)


@pytest.mark.parametrize("there", ["a file", "a link to nothing", "a device"])
def test_what_is_not_a_folder_is_named_as_such(tmp_path, there):
    target = tmp_path / "image"
    if there == "a file":
        target.write_text("mine")
    elif there == "a link to nothing":
        target.symlink_to("nowhere")
    else:
        target = Path(os.devnull)
    with pytest.raises(OccupiedFilesError, match=f"'{target}' is not a folder; nothing was"):
        write_files(target, {"Dockerfile": "a"}, force=True)


def test_new_files_may_be_read_as_others_of_the_user(tmp_path):
    before = os.umask(0o022)
    try:
        write_files(tmp_path / "new/folder", {"Dockerfile": "a"}, force=False)
    finally:
        os.umask(before)
    assert (tmp_path / "new/folder/Dockerfile").stat().st_mode & 0o777 == 0o644


def needs(tmp_path: Path, requirements: str) -> ProjectNeeds:
    folder = tmp_path / "of-content"
    folder.mkdir(exist_ok=True)
    (folder / "requirements.txt").write_text(requirements)
    return read_project_needs(folder, PY311)


def test_versions_stand_side_by_side(tmp_path, machine):
    machine("same-x", "1.5")
    machine("other-x", "2.0", "brought-x")
    machine("brought-x", "1.0")
    machine("range-x", "3.1")
    machine("lost-x", "1.0")
    project = needs(tmp_path, "same-x\nother-x\nbrought-x\nrange-x\nlost-x\nnew-x\n")
    listed = needs(
        tmp_path, "same-x==1.5\nother-x==1.9\nrange-x>=3,<4\nnew-x==1\nextra-x\n"
        "kedro-azureml-datasets==0.2.0\n",
    )  # fmt: skip
    compared = compare_environment(
        StepEnvironment("e", ("s",), listed.content.needs), project, PY311
    )
    assert {row.name: (row.in_job, row.here, row.state) for row in compared.rows} == {
        "extra-x": ("any version", None, State.NOT_HERE),
        "kedro-azureml-datasets": ("0.2.0", "0.2.0", State.SAME),
        "lost-x": ("missing", "1.0", State.MISSING),
        "new-x": ("1", None, State.NOT_HERE),
        "other-x": ("1.9", "2.0", State.DIFFERENT),
        "range-x": ("<4,>=3", "3.1", State.SAME),
        "same-x": ("1.5", "1.5", State.SAME),
    }
    wrong = {row.name for row in compared.rows if row.is_wrong}
    assert wrong == {"lost-x", "new-x", "other-x"}


def test_of_an_image_without_a_list_everything_is_unknown_and_nothing_is_wrong(tmp_path, machine):
    machine("same-x", "1.5")
    unknown = StepEnvironment("env@latest", ("s",), None, "it is registered in Azure ML")
    compared = compare_environment(unknown, needs(tmp_path, "same-x\n"), PY311)
    assert {row.in_job for row in compared.rows} == {"unknown"}
    assert not compared.is_wrong


def test_the_digest_changes_with_the_requirements_alone(tmp_path, machine):
    first = digest_content(needs(tmp_path, "# note\nb>=2\na\n").content)
    machine("a", "9.9")
    assert digest_content(needs(tmp_path, "a\n\nb >= 2  # why\n").content) == first
    for changed in ("a\nb>=3\n", "a\n", "a\nb>=2\n-e ./near\n", "a\nb>=2\n--pre\n"):
        assert digest_content(needs(tmp_path, changed).content) != first


@pytest.mark.parametrize("python", ["latest", "3", "", "2.7"])
def test_an_environment_whose_tags_somebody_has_changed_is_not_judged(tmp_path, python):
    (tmp_path / "requirements.txt").write_text("pandas\n")
    tags = {DIGEST_TAG: "other", SOURCE_TAG: "requirements.txt", PYTHON_TAG: "3.11"}
    assert find_changed_source(tmp_path, EnvironmentVersion("e", "1", tags)) == "requirements.txt"
    changed = EnvironmentVersion("e", "1", {**tags, PYTHON_TAG: python})
    assert find_changed_source(tmp_path, changed) is None
