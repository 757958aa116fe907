"""What a step cannot see, where the kernel allows it; and what is said where it does not."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from kedro_azureml_simulator import RunStarted
from kedro_azureml_simulator.processes.isolation import Isolation
from kedro_azureml_simulator.run_places import RunFolder, StepFolder

if TYPE_CHECKING:
    from conftest import Project

FOLDER = {"type": "uri_folder"}
FILE = {"type": "uri_file"}


@pytest.fixture(scope="session")
def why_not(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return why this kernel allows no mount namespace; empty where it does."""
    code = (
        "import sys; from kedro_azureml_simulator.processes.namespaces import find_refusal;"
        "print(find_refusal(sys.argv[1]))"
    )
    folder = tmp_path_factory.mktemp("trial")
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_the_line_says_what_is_and_what_is_not_isolated(project: Project, why_not: str) -> None:
    events: list[Any] = []

    result = project.run(
        {"a": project.command("true")}, project_dir=project.folder, on_event=events.append
    )

    assert isinstance(events[0], RunStarted)
    assert events[0].isolation == result.isolation
    record = json.loads((project.run_dir / "run.json").read_text())
    assert record["isolation"] == result.isolation
    assert str(project.folder) in result.isolation
    if why_not:
        assert result.isolation.startswith(f"not isolated ({why_not})")
        assert "found afterwards, by digest" in result.isolation
    else:
        assert result.isolation.startswith("isolated: ")


def test_an_absolute_path_into_the_project_fails_as_it_would_there(
    project: Project, why_not: str
) -> None:
    project.write("data/f", "1")
    step = project.command(f"cat {project.folder}/data/f")

    isolated = project.run({"a": step}, project_dir=project.folder).steps[0]
    log = project.log(isolated)
    seen = project.run({"a": step}, project_dir=project.folder, isolate=False)

    assert isolated.status == ("completed" if why_not else "failed")
    if not why_not:
        assert "No such file" in log
    assert seen.status == "completed"
    assert seen.isolation.startswith("not isolated (switched off)")
    assert str(project.folder) in seen.isolation


def test_a_step_sees_its_own_folders_and_no_other_step_s(project: Project, why_not: str) -> None:
    project.write("src/main.sh", "cat $1/f; pwd; ls")
    project.write("data/f", "1\n")
    project.write("data.csv", "2\n")
    show = project.command(
        "bash main.sh ${{inputs.x}}; cat ${{inputs.z}}; ls ../.. | cat; echo 3 > ${{outputs.y}}/f;"
        " test -w $HOME && test -w $TMPDIR && test -d $MLFLOW_TRACKING_URI && echo all",
        code="src",
        inputs={"x": {**FOLDER, "path": "data"}, "z": {**FILE, "path": "data.csv"}},
        outputs={"y": FOLDER},
    )
    first = project.command("true", outputs={"y": FOLDER})

    result = project.run({"first": first, "show": show}, project_dir=project.folder, max_workers=1)

    assert result.status == "completed", project.log(result.steps[1])
    lines = project.log(result.steps[1]).splitlines()
    assert lines[0] == "1"
    assert lines[1] == str(project.run_dir / "steps" / "show" / "code")
    assert lines[2:5] == ["main.sh", "outputs", "2"]
    assert lines[5:] == (["first", "show", "all"] if why_not else ["show", "all"])
    assert (result.steps[1].outputs["y"] / "f").read_text() == "3\n"


@pytest.mark.parametrize("from_step", [True, False])
def test_a_read_only_input_cannot_be_written_to(
    project: Project, why_not: str, from_step: bool
) -> None:
    project.write("data/f", "1\n")
    local = {**FOLDER, "path": "data"}
    jobs = {
        "make": project.command("echo 1 > ${{outputs.y}}/f", outputs={"y": FOLDER}),
        "use": project.command(
            "echo 2 > ${{inputs.x}}/f || exit 9",
            inputs={"x": "${{parent.jobs.make.outputs.y}}" if from_step else local},
        ),
    }

    result = project.run(jobs)

    used = result.steps[1]
    assert used.status == "failed"
    if why_not:
        assert "changed its read-only input `x`: changed f" in used.message
    else:
        assert used.exit_code == 9
        assert "Read-only file system: an input is mounted read-only" in used.message
    source = result.steps[0].outputs["y"] if from_step else project.folder / "data"
    assert (source / "f").read_text() == "1\n"
    # What the step saw can be looked at after it has failed.
    left = project.run_dir / "steps" / "use" / "mounts" / "inputs" / "x" / "f"
    assert left.read_text() == ("2\n" if why_not else "1\n")


def test_an_input_with_links_is_what_the_links_lead_to(project: Project) -> None:
    jobs = {
        "make": project.command(
            "echo 1 > ${{outputs.y}}/f; ln -s ${{outputs.y}}/f ${{outputs.y}}/g",
            outputs={"y": FOLDER},
        ),
        "use": project.command(
            "cat ${{inputs.x}}/g; test ! -L ${{inputs.x}}/g && ! touch ${{inputs.x}}/g/..2",
            inputs={"x": "${{parent.jobs.make.outputs.y}}"},
        ),
    }

    result = project.run(jobs)

    assert result.status == "completed"
    assert project.log(result.steps[1]).startswith("1\n")


def test_an_interpreter_in_the_project_stays_visible(project: Project, why_not: str) -> None:
    environment = project.folder / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    project.write("secret.txt", "x")
    line = f"python -c 'import sys; print(sys.prefix)'; ls -A {project.folder} | cat"

    result = project.run(
        {"a": project.command(line)},
        project_dir=project.folder,
        python=environment / "bin" / "python",
    )

    lines = project.log(result.steps[0]).splitlines()
    assert lines[0] == str(environment)
    if not why_not:
        assert lines[1:] == [".venv", "run"]


def test_a_project_that_holds_the_system_is_not_hidden_and_said_so(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run", tmp_path / "run", tmp_path / "scratch", Path.unlink, list)
    step = StepFolder(folder.path / "steps/a", folder.path / "steps/a", folder.scratch / "0")
    isolation = Isolation(folder, Path("/"), "")

    view = isolation.view(step, [], [])

    assert isolation.line.startswith("isolated in part: /")
    assert view is not None
    assert view.hide == [folder.path]


@pytest.mark.skipif(
    shutil.which("unshare") is None or shutil.which("setpriv") is None,
    reason="needs util-linux to make a machine that forbids namespaces",
)
def test_on_a_kernel_that_forbids_it_the_command_says_so_and_goes_on(
    project: Project, why_not: str
) -> None:
    project.write("data/f", "1")
    project.pipeline(
        {
            "a": project.command(
                f"cat {project.folder}/data/f; rm ${{{{inputs.x}}}}/f",
                inputs={"x": {**FOLDER, "path": "data"}},
            )
        }
    )
    command = [sys.executable, "-m", "kedro_azureml_simulator", "pipeline.yml"]
    if not why_not:
        forbid = (
            "echo 0 > /proc/sys/user/max_user_namespaces &&"
            ' exec setpriv --bounding-set=-all --inh-caps=-all "$@"'
        )
        command = ["unshare", "--user", "--map-root-user", "bash", "-c", forbid, "-", *command]

    done = subprocess.run(
        command, cwd=project.folder, capture_output=True, text=True, check=False, timeout=60
    )

    assert done.stdout.startswith("not isolated ("), done
    assert str(project.folder) in done.stdout.splitlines()[0]
    assert done.returncode == 1
    assert "changed its read-only input `x`: removed f" in done.stdout
    assert (project.folder / "data" / "f").exists()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_a_user_without_rights_is_isolated_where_user_namespaces_are_allowed(
    tmp_path: Path,
) -> None:
    # What a fresh program of that user has: the kernel lets it write its own /proc files.
    code = (
        "import ctypes, os, sys;"
        "from kedro_azureml_simulator.processes.namespaces import find_refusal;"
        "os.setgroups([]); os.setresgid(65534, 65534, 65534); os.setresuid(65534, 65534, 65534);"
        "ctypes.CDLL(None).prctl(4, 1, 0, 0, 0); print(find_refusal(sys.argv[1]))"
    )
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o777)
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=False
    )
    left = list(folder.iterdir())
    folder.rmdir()

    assert done.returncode == 0, done.stderr
    # A kernel may allow it to root alone; then there is a reason.
    assert done.stdout == "\n" or any(word in done.stdout for word in ("unshare", "mount"))
    assert left == []
