"""What a copy of a project holds, and that nothing leads from it to the project."""

import os
from pathlib import Path, PurePosixPath

import pytest
from kedro_azureml_cli.verification.project_copy import copy_project
from kedro_azureml_simulator import MachineError


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in (
        "pyproject.toml", "src/p/nodes.py", "conf/local/credentials.yml", "data/raw/a.csv",
        "data/raw/b.csv", ".git/HEAD", "src/p/__pycache__/x.pyc", "env/pyvenv.cfg",
        "env/bin/python", "sim/.azureml-simulation", "sim/run.json",
        "build/azureml/j/pipeline.yml",
    ):  # fmt: skip
        path = tmp_path / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (tmp_path / "project/conf/test").mkdir()
    return tmp_path / "project"


def files(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_all_that_a_run_may_read_is_copied(project: Path, tmp_path: Path):
    copy = tmp_path / "copy"
    copy_project(project, copy, left_out=[PurePosixPath("build/azureml")])
    assert files(copy) == [
        "conf/local/credentials.yml", "data/raw/a.csv", "data/raw/b.csv", "pyproject.toml",
        "src/p/nodes.py",
    ]  # fmt: skip
    assert (copy / "conf/test").is_dir()  # Kedro asks for the folder of an environment
    assert (copy / "data/raw/a.csv").read_text() == "data/raw/a.csv"


def test_what_nobody_reads_is_left_out(project: Path, tmp_path: Path):
    copy_project(project, tmp_path / "copy", wanted=lambda path: path.name not in {"a.csv", "env"})
    assert "data/raw/b.csv" in files(tmp_path / "copy")
    assert "data/raw/a.csv" not in files(tmp_path / "copy")


def test_writing_into_the_copy_changes_nothing_behind_a_link(project: Path, tmp_path: Path):
    big = tmp_path / "big"
    big.mkdir()
    (big / "table.csv").write_text("kept")
    (project / "data/big").symlink_to(big, target_is_directory=True)
    (project / "data/one.csv").symlink_to(big / "table.csv")
    os.link(big / "table.csv", project / "data/hard.csv")
    copy = tmp_path / "copy"
    copy_project(project, copy)
    for name in ("data/big/table.csv", "data/one.csv", "data/hard.csv", "data/raw/a.csv"):
        with (copy / name).open("a") as file:
            file.write(" and changed")
    assert (big / "table.csv").read_text() == "kept"
    assert (project / "data/raw/a.csv").read_text() == "data/raw/a.csv"
    assert (copy / "data/big/table.csv").read_text() == "kept and changed"


def test_links_in_a_circle_and_into_nothing_end(project: Path, tmp_path: Path):
    (project / "data/up").symlink_to(project, target_is_directory=True)
    (project / "data/gone").symlink_to(project / "nowhere")
    os.mkfifo(project / "data/pipe")
    copy_project(project, tmp_path / "copy")
    assert not [name for name in files(tmp_path / "copy") if "up" in name or "gone" in name]


def test_the_mode_of_a_script_stays(project: Path, tmp_path: Path):
    (project / "run.sh").write_text("#!/bin/sh\n")
    (project / "run.sh").chmod(0o755)
    copy_project(project, tmp_path / "copy")
    assert (tmp_path / "copy/run.sh").stat().st_mode & 0o777 == 0o755


def test_too_little_space_is_reported_before_anything_is_copied(project: Path, tmp_path: Path):
    with (project / "data/huge.bin").open("wb") as huge:
        huge.truncate(1 << 42)  # of which nothing is on the disk
    copy = tmp_path / "copy"
    told = ""
    try:
        copy_project(project, copy)
    except MachineError as error:
        told = error.message
    if told:
        assert told.startswith("a copy of the project takes 4,398,")
        assert files(copy) == []
    else:  # the file system shares blocks
        assert (copy / "data/huge.bin").stat().st_size == 1 << 42


def test_a_place_that_cannot_be_written_is_an_error_of_the_machine(project: Path, tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(MachineError, match="the project cannot be copied to"):
        copy_project(project, tmp_path / "file" / "copy")
