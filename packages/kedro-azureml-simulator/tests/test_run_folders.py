"""Where a run is kept, and what is found there."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from kedro_azureml_simulator import (
    RunFolderError,
    RunResult,
    show_result,
    simulate,
)
from kedro_azureml_simulator.running.discarding import Discarded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Project

FOLDER = {"type": "uri_folder"}


def from_step(step: str, port: str = "y") -> str:
    return f"${{{{parent.jobs.{step}.outputs.{port}}}}}"


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    """Return a folder on another file system than the one for temporary files."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        yield Path(folder)


@pytest.mark.skipif(not os.access("/dev/shm", os.W_OK), reason="needs a second file system")
def test_data_on_another_file_system_arrives(project: Project) -> None:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as elsewhere:
        Path(elsewhere, "f").write_text("far")
        step = project.command(
            "cat ${{inputs.x}}/f", inputs={"x": {**FOLDER, "path": "azureml:far:1"}}
        )
        result = project.run({"a": step}, assets={"far:1": Path(elsewhere)})

    assert project.log(result.steps[0]) == "far"


@pytest.mark.skipif(not os.access("/dev/shm", os.W_OK), reason="needs a second file system")
def test_a_run_folder_on_another_file_system_holds_nothing_discarded(
    project: Project, elsewhere: Path
) -> None:
    step = project.command(
        "for n in $(seq 2000); do echo > ${{outputs.y}}/$n; done; chmod 500 ${{outputs.y}} .",
        outputs={"y": FOLDER},
    )
    (elsewhere / "run").mkdir()

    for options in ({}, {}, {"only": "a"}):
        result = project.run({"a": step}, run_dir=elsewhere / "run", **options)
        assert result.status == "completed"
        assert result.undeleted == ()
        assert not list((elsewhere / "run").glob(".discarded*"))
        # As a run leaves it that was killed.
        (elsewhere / "run/.discarded-0/folder").mkdir(parents=True)


@pytest.mark.skipif(not os.access("/dev/shm", os.W_OK), reason="needs a second file system")
def test_what_cannot_be_deleted_is_named(
    tmp_path: Path,
    elsewhere: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    discarded = Discarded(elsewhere, tmp_path)
    (elsewhere / "code").mkdir()
    discarded.add(elsewhere / "code")
    # Nowhere is there an `rm`.
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(os, "defpath", str(tmp_path))

    left = discarded.finish()
    show_result(RunResult("completed", (), {}, {}, elsewhere, 1.0, undeleted=tuple(left)))

    assert left == [elsewhere / ".discarded-1"]
    assert f"warning: {left[0]} could not be deleted; remove it" in capsys.readouterr().out


def test_an_earlier_simulation_is_replaced(project: Project) -> None:
    project.run({"old": project.command("true")})
    (project.run_dir / "run.json").unlink()

    project.run({"new": project.command("true")})

    assert [path.name for path in (project.run_dir / "steps").iterdir()] == ["new"]


def test_a_folder_that_holds_something_else_is_refused_and_left_untouched(
    project: Project,
) -> None:
    precious = project.write("run/precious.txt", "mine")
    project.write("run/run.json", "{}")

    with pytest.raises(RunFolderError) as caught:
        project.run({"a": project.command("true")})

    assert "untouched" in str(caught.value)
    assert sorted(path.name for path in project.run_dir.iterdir()) == ["precious.txt", "run.json"]
    assert precious.read_text() == "mine"


def test_a_run_folder_that_is_a_file_is_refused(project: Project) -> None:
    project.write("run", "mine")

    with pytest.raises(RunFolderError):
        project.run({"a": project.command("true")})

    assert project.run_dir.read_text() == "mine"


@pytest.mark.parametrize(
    "make",
    [lambda path: path.symlink_to(path.name), lambda path: path.symlink_to("gone/too"), Path.touch],
    ids=["loop", "broken link", "file"],
)
@pytest.mark.parametrize("is_above", [False, True])
def test_what_stands_where_runs_are_kept_is_named(
    project: Project, make: Callable[[Path], None], is_above: bool
) -> None:
    place = project.run_dir
    make(place)
    run_dir = place / "t" if is_above else place
    with pytest.raises(RunFolderError) as caught:
        project.run({"a": project.command("true")}, run_dir=run_dir)
    assert str(place) in str(caught.value)
    assert "run folder" in str(caught.value)
    assert not place.is_dir()


def test_data_in_the_run_folder_is_not_deleted_before_it_is_read(project: Project) -> None:
    first = project.run(
        {"a": project.command("echo 1 > ${{outputs.y}}/f",
                              outputs={"y": {**FOLDER, "name": "m", "version": "1"}})}
    )  # fmt: skip
    reader = project.command("true", inputs={"x": {**FOLDER, "path": "azureml:m:1"}})

    with pytest.raises(RunFolderError, match="lies in the run folder"):
        project.run({"a": reader}, assets=first.registered)

    assert (first.registered["m:1"] / "f").exists()


def test_two_simulations_cannot_share_a_run_folder(project: Project) -> None:
    project.pipeline({"a": project.command("true")})
    errors: list[RunFolderError] = []

    def second(event: Any) -> None:
        try:
            simulate(project.folder / "pipeline.yml", run_dir=project.run_dir)
        except RunFolderError as error:
            errors.append(error)

    assert project.run(on_event=second).status == "completed"
    assert len(errors) == 3
    assert "another simulation" in str(errors[0])


def test_a_run_folder_with_spaces_does_not_break_unquoted_commands(project: Project) -> None:
    project.write("src/main.txt", "main")
    run_dir = project.folder / "my 'own' $runs"
    result = project.run(
        {
            "make": project.command(
                "cp main.txt ${{outputs.y}}/f", code="src", outputs={"y": FOLDER}
            ),
            "use": project.command("cat ${{inputs.x}}/f", inputs={"x": from_step("make")}),
        },
        run_dir=run_dir,
    )

    assert result.status == "completed"
    assert project.log(result.steps[1]) == "main"
    assert result.steps[0].outputs["y"].is_relative_to(run_dir)


def test_folders_that_a_step_locked_are_replaced_all_the_same(project: Project) -> None:
    step = project.command(
        "mkdir ${{outputs.y}}/d; touch ${{outputs.y}}/d/f; chmod 0 ${{outputs.y}}/d/f;"
        " chmod 500 ${{outputs.y}}/d",
        outputs={"y": {**FOLDER, "name": "m", "version": "1"}},
    )

    for _ in range(2):
        result = project.run({"a": step})
        if os.getuid() == 0:
            assert result.status == "completed"
