"""Files and folders come into their places, all of them or none."""

import pytest
from kedro_azureml_cli.jobs.placing import (
    Move,
    OccupiedPlaceError,
    PlacingError,
    place_all,
    refuse_occupied,
)


@pytest.fixture
def staged(tmp_path):
    """A file and a folder that have come, and a project into which they belong."""
    for path, content in {
        "new/report.txt": "new", "new/parts/a": "A", "data/report.txt": "old", "data/parts/b": "B",
    }.items():  # fmt: skip
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(content)
    return tmp_path


def content(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_files_and_folders_replace_what_was_there_as_a_whole(staged):
    moves = [
        Move(staged / "new" / name, staged / "data" / name) for name in ("report.txt", "parts")
    ]
    place_all(moves)
    assert content(staged / "data") == {"report.txt": "new", "parts/a": "A"}


def test_where_one_cannot_come_into_its_place_all_is_as_it_was(staged):
    (staged / "data/blocked").write_text("a file where a folder is needed")
    before = content(staged)
    moves = [
        Move(staged / "new/report.txt", staged / "data/report.txt"),
        Move(staged / "new/parts", staged / "data/blocked/parts"),
    ]
    with pytest.raises(PlacingError, match=r"cannot be written: .*Nothing was changed\."):
        place_all(moves)
    assert content(staged) == before


def test_what_is_there_is_named_relative_to_the_project(staged):
    refuse_occupied([staged / "data/none"], staged)
    targets = [staged / "data/report.txt", staged / "data/none", staged / "data/parts"]
    with pytest.raises(OccupiedPlaceError) as caught:
        refuse_occupied(targets, staged)
    message = "'data/report.txt', 'data/parts' already exist; nothing was changed."
    assert caught.value.message == message
    assert "--force" in caught.value.hint
