"""A step finds a fresh copy of its code, whatever an earlier step of the same code has done."""

from __future__ import annotations

import os
import re
import shutil
import signal
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from kedro_azureml_simulator import StepFinished, simulate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Project

LOOK = (
    "find . -printf '%p %y %m %n %l %U %G %TY\\n' | sort; find . -type f -exec cksum {} + | sort;"
    " ls outputs | wc -l"
)
MUTATIONS = {
    "nothing": "true",
    "append": "echo more >> a.txt",
    "same size and time": "echo x > t; touch -r a.txt t; cat t > a.txt; touch -r t a.txt; rm t",
    "another file of the same size and time": "echo x > t; touch -r a.txt t; mv t a.txt",
    "a larger file": "printf x | dd of=large.bin bs=1 seek=5 conv=notrunc",
    "removed": "rm a.txt src/pkg/b.py",
    "removed folder": "rm -r src",
    "added": "echo x > new; mkdir -p deep/er/still; echo x > deep/er/still/x; mkdir empty",
    "added in folders of the code": "echo x > src/new; mkdir -p src/pkg/__pycache__/y",
    "hidden": "echo x > .hidden; mkdir .git; echo x > .git/HEAD",
    "artifacts": "echo x > outputs/x; mkdir logs; echo y > logs/y",
    "the artifact folder removed": "rmdir outputs",
    "rights of a file": "chmod 400 a.txt; chmod 755 src/pkg/b.py",
    "rights of a folder": "chmod 555 src/pkg",
    "rights of the directory": "chmod 700 .",
    "time of a folder": "touch -d 1979-06-01 src src/pkg .",
    "time of a file": "touch -d 1979-06-01 a.txt",
    "the directory removed": 'rm -r "$PWD"',
    "a file for the directory": "cd ..; rm -r code; echo x > code",
    "no rights at all": "chmod 000 src",
    "a link for a file": "cp a.txt ../a; ln -sf ../a a.txt",
    "a link for a folder": "mv src ../src; ln -s ../src src",
    "a folder for a file": "rm a.txt; mkdir a.txt; echo x > a.txt/x",
    "a file for a folder": "rm -r src; echo x > src",
    "a pipe": "rm a.txt; mkfifo a.txt pipe",
    "a second name": 'ln a.txt "$TMPDIR/again"; ln a.txt beside',
    "names exchanged": "mv a.txt t; mv same.txt a.txt; mv t same.txt",
}


@pytest.fixture(params=["disk", "tmpfs"])
def run_dir(request: pytest.FixtureRequest, project: Project) -> Iterator[Path]:
    """Yield a run folder on each kind of file system; they differ in what they record."""
    if request.param == "disk":
        yield project.run_dir
        return
    memory = Path("/dev/shm")
    if not memory.is_dir():
        pytest.skip("this system has no /dev/shm")
    folder = Path(tempfile.mkdtemp(dir=memory))
    yield folder / "run"
    shutil.rmtree(folder)


def write_code(project: Project) -> None:
    project.write("code/a.txt", "a\n")
    project.write("code/same.txt", "b\n")
    project.write("code/src/pkg/b.py", "b = 1\n")
    project.write("code/large.bin", b"\0" * (3 << 20))


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_what_a_step_did_to_its_directory_is_not_seen_by_the_next(
    project: Project, mutation: str
) -> None:
    write_code(project)
    steps = {
        "before": project.command(LOOK, code="./code"),
        "does": project.command(f"{{ {MUTATIONS[mutation]}; }} && sleep 0.02", code="./code"),
        "after": project.command(LOOK, code="./code"),
    }
    result = project.run(steps, max_workers=1)

    assert result.status == "completed"
    before, after = (project.log(result[name]) for name in ("before", "after"))
    assert "src/pkg/b.py" in before
    assert after == before
    assert sorted(path.name for path in project.run_dir.glob(".*")) == [".azureml-simulation"]
    assert not list(project.run_dir.glob("steps/*/code"))


def test_what_a_link_in_place_of_the_directory_leads_to_is_left_alone(
    project: Project, run_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    write_code(project)
    precious = tmp_path_factory.mktemp("precious")
    (precious / "below").mkdir()
    (precious / "below/file.txt").write_text("precious")
    shutil.copy(project.folder / "code/a.txt", precious)
    precious.chmod(0o755)
    steps = {
        "first": project.command(f"cd ..; rm -r code; ln -s {precious} code", code="./code"),
        "second": project.command("ls -A; echo x > a.txt", code="./code"),
    }
    result = project.run(steps, run_dir=run_dir, max_workers=1)

    assert project.log(result["second"]).split() == [
        "a.txt",
        "large.bin",
        "outputs",
        "same.txt",
        "src",
    ]
    assert {path.relative_to(precious).as_posix() for path in precious.rglob("*")} == {
        "a.txt",
        "below",
        "below/file.txt",
    }
    assert (precious / "a.txt").read_text() == "a\n"


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="this system has no such attributes")
@pytest.mark.parametrize("name", [".", "src/pkg", "a.txt"])
def test_attributes_that_a_step_has_set_are_not_seen_by_the_next(
    project: Project, python: Path, name: str
) -> None:
    write_code(project)
    project.write(
        "code/mark.py",
        f"""
        import os
        print(os.listxattr({name!r}))
        os.setxattr({name!r}, "user.mark", b"x")
        """,
    )
    step = project.command("python mark.py", code="./code")
    result = project.run({"first": step, "second": step}, max_workers=1, python=python)

    assert [project.log(step) for step in result.steps] == ["[]\n", "[]\n"]


def test_the_times_of_files_are_in_the_order_of_a_fresh_copy(
    project: Project, run_dir: Path
) -> None:
    """A file that is copied again must not be newer than those that are not: make compares."""
    write_code(project)
    steps = {
        "first": project.command("sleep 0.05; echo x >> a.txt", code="./code"),
        "second": project.command(
            "for file in same.txt src/pkg/b.py; do test a.txt -nt $file && echo $file; done; true",
            code="./code",
        ),
    }
    result = project.run(steps, run_dir=run_dir, max_workers=1)

    assert project.log(result["second"]) == ""


def test_a_step_that_is_ended_before_its_directory_is_clean_has_nothing_of_another(
    project: Project,
) -> None:
    """Interrupt the run while the second step compares what the first has left, a long list."""
    write_code(project)
    line = "seq 20000 | (cd outputs && xargs touch)"
    project.pipeline({name: project.command(line, code="./code") for name in ("a", "b")})

    def interrupt() -> None:
        if project.wait_for((project.run_dir / "steps/b/mounts/outputs").is_dir, limit_s=60):
            os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        simulate(project.folder / "pipeline.yml", run_dir=project.run_dir, max_workers=1)
    thread.join()

    assert not list(project.run_dir.glob("steps/b/artifacts"))
    assert not list(project.run_dir.glob("steps/b/code/outputs/*"))


def test_code_with_a_file_where_artifacts_go_runs(project: Project) -> None:
    write_code(project)
    project.write("code/outputs", "a file\n")
    step = project.command("cat outputs", code="./code")
    result = project.run({"first": step, "second": step}, max_workers=1)

    assert [project.log(step) for step in result.steps] == ["a file\n"] * 2


def test_a_step_that_removes_its_directory_leaves_no_inputs(project: Project) -> None:
    write_code(project)
    project.write("data/x.txt", "x\n")
    data = {"type": "uri_folder", "path": "./data", "mode": "download"}
    step = project.command(
        'ls ${{inputs.data}}; rm -r "$PWD"', code="./code", inputs={"data": data}
    )
    result = project.run({"first": step, "second": step}, max_workers=1)

    assert [project.log(step) for step in result.steps] == ["x.txt\n"] * 2
    assert not list(project.run_dir.glob("steps/*/mounts/inputs"))


def test_a_directory_that_a_step_leaves_as_it_was_serves_the_next_step(
    project: Project, run_dir: Path
) -> None:
    """Hold the tests above to their subject: the second step has the files of the first."""
    write_code(project)
    line = "stat -c %i a.txt src/pkg/b.py; stat -c %i large.bin; echo x > new; rm -f same.txt"
    steps = {name: project.command(line, code="./code") for name in ("first", "second")}
    result = project.run(steps, run_dir=run_dir, max_workers=1)

    first, second = (project.log(result[name]).split() for name in ("first", "second"))
    assert first[:2] == second[:2]


def test_a_write_through_a_memory_map_is_not_seen_by_the_next_step(
    project: Project, run_dir: Path, python: Path
) -> None:
    write_code(project)
    project.write(
        "code/change.py",
        """
        import mmap
        with open("a.txt", "r+b") as file, mmap.mmap(file.fileno(), 0) as view:
            view[0:1] = b"X"
        """,
    )
    steps = {
        "first": project.command("python change.py; cat a.txt", code="./code"),
        "second": project.command("cat a.txt", code="./code"),
    }
    result = project.run(steps, run_dir=run_dir, max_workers=1, python=python)

    assert project.log(result["first"]) == "X\n"
    assert project.log(result["second"]) == "a\n"


def test_an_output_that_shares_a_file_with_the_code_keeps_its_content(project: Project) -> None:
    write_code(project)
    steps = {
        "first": project.command(
            "ln a.txt ${{outputs.y}}/a.txt", code="./code", outputs={"y": {"type": "uri_folder"}}
        ),
        "second": project.command("echo changed > a.txt", code="./code"),
    }
    result = project.run(steps, max_workers=1)

    assert (result["first"].outputs["y"] / "a.txt").read_text() == "a\n"


def test_code_that_changes_during_a_run_is_what_later_steps_find(project: Project) -> None:
    write_code(project)

    def change(event: object) -> None:
        if isinstance(event, StepFinished) and event.result.name == "first":
            project.write("code/a.txt", "z\n")
            project.write("code/new.txt", "new\n")
            (project.folder / "code/same.txt").unlink()
            (project.folder / "code/src/pkg/b.py").chmod(0o755)

    line = "ls; cat a.txt; stat -c %a src/pkg/b.py"
    steps = {name: project.command(line, code="./code") for name in ("first", "second", "third")}
    result = project.run(steps, max_workers=1, on_event=change)

    second = project.log(result["second"]).split()
    assert second == ["a.txt", "large.bin", "new.txt", "outputs", "src", "z", "755"]
    assert project.log(result["third"]).split() == second


def test_steps_of_other_code_and_more_codes_than_are_kept_find_their_own(
    project: Project,
) -> None:
    steps = {}
    for number in range(12):
        project.write(f"code_{number}/name.txt", f"{number}\n")
        for turn in ("x", "y"):
            steps[f"{turn}{number}"] = project.command("cat *.txt", code=f"./code_{number}")
    result = project.run(dict(sorted(steps.items())), max_workers=2)

    assert {step.name: project.log(step) for step in result.steps} == {
        name: re.sub("[xy]", "", name) + "\n" for name in steps
    }
    assert sorted(path.name for path in project.run_dir.glob(".*")) == [".azureml-simulation"]


def test_an_interrupted_run_leaves_no_directory_behind(project: Project) -> None:
    write_code(project)

    def interrupt(event: object) -> None:
        if isinstance(event, StepFinished):
            raise KeyboardInterrupt

    project.pipeline({name: project.command("true", code="./code") for name in ("a", "b")})
    with pytest.raises(KeyboardInterrupt):
        simulate(
            project.folder / "pipeline.yml",
            run_dir=project.run_dir,
            max_workers=1,
            on_event=interrupt,
        )

    assert sorted(path.name for path in project.run_dir.glob(".*")) == [".azureml-simulation"]


def test_with_keep_each_step_has_its_own_directory(project: Project) -> None:
    write_code(project)
    steps = {name: project.command(f"echo {name} > a.txt", code="./code") for name in "xyz"}
    project.run(steps, max_workers=1, keep=True)

    assert [(project.run_dir / f"steps/{name}/code/a.txt").read_text() for name in "xyz"] == [
        "x\n",
        "y\n",
        "z\n",
    ]
