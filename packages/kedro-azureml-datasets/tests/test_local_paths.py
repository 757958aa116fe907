"""Where data lies in a local run, and which paths are refused."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from kedro_azureml_datasets import (
    AzureMLAssetDataset,
    AzureMLDatasetError,
    AzureMLPipelineDataset,
    MountableDataset,
)

if TYPE_CHECKING:
    from conftest import KedroProject


def text_at(filepath: str) -> AzureMLPipelineDataset:
    return AzureMLPipelineDataset({"type": "text.TextDataset", "filepath": filepath})


def test_the_file_lies_below_root_dir_in_the_project(project: KedroProject) -> None:
    dataset = AzureMLPipelineDataset(
        {"type": "text.TextDataset", "filepath": "a/b.txt"}, root_dir="data/02"
    )
    dataset.save("hello")
    assert dataset.path == project.folder / "data/02/a/b.txt"
    assert project.read("data/02/a/b.txt") == "hello"


def test_root_dir_is_data_unless_said_otherwise(project: KedroProject) -> None:
    assert text_at("x.txt").path == project.folder / "data/x.txt"


@pytest.mark.parametrize("folder", ["notebooks", "src/shop", "data/deep/er"])
def test_a_subdirectory_as_working_directory_changes_nothing(
    project: KedroProject, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    (project.folder / folder).mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(project.folder / folder)
    assert text_at("x.txt").path == project.folder / "data/x.txt"


def test_without_a_project_paths_are_relative_to_the_working_directory(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(elsewhere)
    assert text_at("x.txt").path == elsewhere / "data/x.txt"


def test_the_absolute_path_that_kedro_makes_is_taken_back(project: KedroProject) -> None:
    dataset = text_at((project.folder / "a/b.txt").as_posix())
    assert dataset.path == project.folder / "data/a/b.txt"
    assert dataset.at("/mnt").path == Path("/mnt/a/b.txt")


def test_an_absolute_root_dir_is_taken_as_it_is(project: KedroProject, elsewhere: Path) -> None:
    dataset = AzureMLPipelineDataset(
        {"type": "text.TextDataset", "filepath": "x.txt"}, root_dir=str(elsewhere)
    )
    assert dataset.path == elsewhere / "x.txt"


def test_backslashes_part_folders(project: KedroProject) -> None:
    assert text_at("a\\b.txt").path == project.folder / "data/a/b.txt"


@pytest.mark.parametrize(
    ("filepath", "reason"),
    [
        ("/etc/passwd", "not inside the project"),
        ("C:\\data\\x.txt", "not inside the project"),
        ("C:/data/x.txt", "not inside the project"),
        ("C:x.txt", "not inside the project"),
        ("\\\\server\\share\\x.txt", "not inside the project"),
        ("//server/share/x.txt", "not inside the project"),
        ("../x.txt", "contains"),
        ("a/../../x.txt", "contains"),
        ("a\\..\\..\\x.txt", "contains"),
        ("s3://bucket/x.txt", "is a URL"),
        ("abfs://container/x.txt", "is a URL"),
        ("file:///x.txt", "is a URL"),
        ("", "is empty"),
        (".", "is empty"),
    ],
)
def test_a_path_that_cannot_follow_a_mount_is_refused_with_a_hint(
    project: KedroProject, filepath: str, reason: str
) -> None:
    with pytest.raises(AzureMLDatasetError, match=reason) as caught:
        text_at(filepath)
    assert caught.value.hint


def test_a_neighbour_whose_name_begins_like_the_project_is_outside(project: KedroProject) -> None:
    with pytest.raises(AzureMLDatasetError, match="not inside the project"):
        text_at(f"{project.folder}-old/x.txt")


@pytest.mark.parametrize("root_dir", ["abfs://container/data", None, 5])
def test_a_root_dir_that_is_not_a_folder_is_refused_with_a_hint(
    project: KedroProject, root_dir: str
) -> None:
    with pytest.raises(AzureMLDatasetError, match="root_dir") as caught:
        AzureMLPipelineDataset({"type": "text.TextDataset", "filepath": "x.txt"}, root_dir)
    assert caught.value.hint


def both_kinds() -> list[MountableDataset]:
    nested = {"type": "text.TextDataset", "filepath": "a/x.txt"}
    return [
        AzureMLPipelineDataset(nested),
        AzureMLAssetDataset("texts", nested, azureml_version="1"),
    ]


@pytest.mark.parametrize("kind", [0, 1])
def test_a_mount_gives_a_new_dataset_and_leaves_the_first_as_it_was(
    project: KedroProject, elsewhere: Path, kind: int
) -> None:
    dataset = both_kinds()[kind]
    before = dataset.path
    dataset.save("in the project")
    mounted = dataset.at(elsewhere)
    mounted.save("on the mount")

    assert type(mounted) is type(dataset)
    assert mounted is not dataset
    assert (dataset.path, mounted.path) == (before, elsewhere / "a/x.txt")
    assert before.read_text() == "in the project"
    assert mounted.load() == "on the mount"


def test_a_mount_can_be_replaced_by_another(project: KedroProject) -> None:
    mounted = text_at("x.txt").at("/mnt/first")
    assert mounted.at("/mnt/second").path == Path("/mnt/second/x.txt")
    assert mounted.path == Path("/mnt/first/x.txt")


SESSION_FROM_ELSEWHERE = """
import sys
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project

bootstrap_project(sys.argv[1])
with KedroSession.create(project_path=sys.argv[1]) as session:
    catalog = session.load_context().catalog
    print(catalog["notes"].path)
    print(catalog["notes"].at("/mnt").path)
    print(catalog["asset"].path)
"""

ENTRIES = """
notes:
  type: kedro_azureml_datasets.AzureMLPipelineDataset
  root_dir: data/02
  dataset: {type: text.TextDataset, filepath: a/notes.txt}
asset:
  type: kedro_azureml_datasets.AzureMLAssetDataset
  azureml_dataset: asset
  dataset: {type: text.TextDataset, filepath: asset.txt}
"""


def found_paths(output: str) -> list[str]:
    return [line for line in output.splitlines() if line.startswith("/") and "Warning" not in line]


@pytest.mark.parametrize("place", ["root", "notebooks", "elsewhere", "another project"])
def test_a_session_finds_the_project_from_any_working_directory(
    project: KedroProject, elsewhere: Path, place: str
) -> None:
    project.catalog(ENTRIES)
    (project.folder / "notebooks").mkdir()
    if place == "another project":
        pyproject = project.read("pyproject.toml")
        (elsewhere / "pyproject.toml").write_text(pyproject)
    cwd = {"root": project.folder, "notebooks": project.folder / "notebooks"}.get(place, elsewhere)

    finished = project.python(SESSION_FROM_ELSEWHERE, str(project.folder), cwd=cwd)
    assert finished.returncode == 0, finished.output
    assert found_paths(finished.output) == [
        f"{project.folder}/data/02/a/notes.txt",
        "/mnt/a/notes.txt",
        f"{project.folder}/data/asset/local/asset.txt",
    ]


def test_a_path_that_kedro_leaves_relative_is_of_the_sessions_project(
    project: KedroProject, elsewhere: Path
) -> None:
    project.write(
        "src/shop/datasets.py",
        """
        from kedro_datasets.text import TextDataset

        class TargetDataset(TextDataset):
            def __init__(self, target):
                super().__init__(filepath=target)
        """,
    )
    project.catalog(
        ENTRIES.replace(
            "text.TextDataset, filepath: a/", "shop.datasets.TargetDataset, target: a/"
        ).replace("  root_dir", "  filepath_arg: target\n  root_dir")
    )
    (elsewhere / "pyproject.toml").write_text(project.read("pyproject.toml"))
    finished = project.python(SESSION_FROM_ELSEWHERE, str(project.folder), cwd=elsewhere)
    assert finished.returncode == 0, finished.output
    assert found_paths(finished.output)[:2] == [
        f"{project.folder}/data/02/a/notes.txt",
        "/mnt/a/notes.txt",
    ]


def test_a_second_session_of_another_project_has_its_own_paths(
    project: KedroProject, elsewhere: Path
) -> None:
    project.catalog(ENTRIES)
    second = elsewhere / "second"
    shutil.copytree(project.folder, second)

    both = SESSION_FROM_ELSEWHERE + "\nsys.argv[1] = sys.argv[2]\n" + SESSION_FROM_ELSEWHERE
    finished = project.python(both, str(project.folder), str(second), cwd=elsewhere)
    assert finished.returncode == 0, finished.output
    first, _, _, third, _, _ = found_paths(finished.output)
    assert first == f"{project.folder}/data/02/a/notes.txt"
    assert third == f"{second}/data/02/a/notes.txt"


def test_a_projects_own_hook_that_reads_the_catalog_first_finds_the_project_too(
    project: KedroProject, elsewhere: Path
) -> None:
    project.catalog(ENTRIES)
    project.write(
        "src/shop/settings.py",
        """
        from kedro.framework.hooks import hook_impl

        class Early:
            @hook_impl
            def after_context_created(self, context):
                print("early", context.catalog["notes"].path)

        HOOKS = (Early(),)
        """,
    )
    finished = project.python(SESSION_FROM_ELSEWHERE, str(project.folder), cwd=elsewhere)
    assert f"early {project.folder}/data/02/a/notes.txt" in finished.output
