"""Environments that a pipeline describes, made here and kept; nothing comes over a network."""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from kedro_azureml_simulator import (
    EnvironmentBuildError,
    EnvironmentMade,
    InterpreterError,
    PipelineError,
    SimulatorError,
)
from kedro_azureml_simulator.pipeline.model import InlineEnvironment
from kedro_azureml_simulator.pipeline.steps.environment_parsing import read_requirements
from kedro_azureml_simulator.running.pythons.environment_building import locate_environment
from kedro_azureml_simulator.running.pythons.interpreters import find_running_python

pytestmark = pytest.mark.once

if TYPE_CHECKING:
    from conftest import Project

DONE = "made-by-azureml-simulate"
WHEEL = "tinybird-1.0-py3-none-any.whl"


def write_wheel(folder: Path, says: str = "chirp") -> Path:
    """Write a wheel of one module, as pip's specification of wheels says."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        "tinybird.py": f"SAYS = {says!r}\n",
        "tinybird-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: tinybird\nVersion: 1.0\n",
        "tinybird-1.0.dist-info/WHEEL":
            "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }  # fmt: skip
    record = ""
    for name, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=")
        record += f"{name},sha256={digest.decode()},{len(text.encode())}\n"
    files["tinybird-1.0.dist-info/RECORD"] = record + "tinybird-1.0.dist-info/RECORD,,\n"
    wheel = folder / WHEEL
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text)  # without the time of day
    return wheel


@pytest.fixture(scope="session")
def cache_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return one cache for all of these tests: equal content is made once, with uv or without."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def cache(cache_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("PIP_NO_INDEX", "UV_OFFLINE"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("UV_PYTHON_DOWNLOADS", "never")
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache_home))
    return cache_home / "azureml-simulate" / "environments"


def conda(*pip: str, python: str = "") -> dict[str, Any]:
    own = python or f"{sys.version_info.major}.{sys.version_info.minor}"
    return {
        "image": "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04",
        "conda_file": {"dependencies": [f"python={own}", "pip", {"pip": list(pip)}]},
    }


SAY = "python -c 'import tinybird; print(tinybird.SAYS)'"


def test_an_inline_environment_is_made_once_and_found_again(project: Project, cache: Path) -> None:
    write_wheel(project.folder / "wheels")
    step = project.command(SAY, environment=conda(f"./wheels/{WHEEL}"))
    events: list[Any] = []
    shutil.rmtree(cache, ignore_errors=True)

    result = project.run({"a": step, "b": step}, on_event=events.append)

    assert [project.log(done) for done in result.steps] == ["chirp\n"] * 2
    made = [event for event in events if isinstance(event, EnvironmentMade)]
    assert [event.requirements for event in made] == [(f"./wheels/{WHEEL}",)]
    assert made[0].python.is_relative_to(cache)
    changed = made[0].python.parent.parent / DONE
    stamp = changed.stat().st_mtime_ns
    assert project.run({"a": step}).status == "completed"
    assert changed.stat().st_mtime_ns == stamp


def test_a_file_of_the_same_name_with_other_content_is_another_environment(
    tmp_path: Path, cache: Path
) -> None:
    places = set()
    for says in ("chirp", "peep", "chirp"):
        write_wheel(tmp_path, says)
        environment = InlineEnvironment((f"./{WHEEL}",), tmp_path)
        places.add(locate_environment(environment, cache))

    assert len(places) == 2


def test_a_conda_file_and_an_environment_file_are_read_beside_themselves(project: Project) -> None:
    write_wheel(project.folder / "envs" / "wheels")
    project.write(
        "envs/conda.yml",
        f"name: x\nchannels: [conda-forge]\ndependencies:\n- pip\n- pip: ['./wheels/{WHEEL}']\n",
    )
    project.write("envs/env.yml", "image: python\nconda_file: ./conda.yml\n")

    result = project.run(
        {
            "by_conda_file": project.command(
                SAY, environment={"image": "python", "conda_file": "./envs/conda.yml"}
            ),
            "by_file": project.command(SAY, environment="file:./envs/env.yml"),
        }
    )

    assert [project.log(step) for step in result.steps] == ["chirp\n"] * 2


def test_environments_are_given_by_name(project: Project) -> None:
    write_wheel(project.folder / "wheels")
    project.write("requirements.txt", f"# the bird\n./wheels/{WHEEL}\n")
    step = project.command(SAY, environment="azureml:birds:3")
    registry = "azureml://registries/azureml/environments/birds/labels/latest"

    for name in ("birds", "birds:3", "azureml:birds:3"):
        result = project.run(
            {"a": step}, environments={name: project.folder / "requirements.txt"},
            python=Path(sys.executable),
        )  # fmt: skip
        assert project.log(result.steps[0]) == "chirp\n"
    result = project.run(
        {"a": project.command(SAY, environment=registry),
         "b": project.command("python -c 'import sys; print(sys.prefix)'")},
        environments={"birds": project.folder / "requirements.txt"},
        python=Path(sys.executable),
    )  # fmt: skip
    assert [project.log(done) for done in result.steps] == ["chirp\n", f"{sys.prefix}\n"]


@pytest.mark.skipif(shutil.which("uv") is None, reason="the other tests do without uv already")
def test_without_uv_venv_and_pip_make_it(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = project.folder / "programs"
    programs.mkdir()
    (programs / "bash").symlink_to(str(shutil.which("bash")))
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache of its own"))
    write_wheel(project.folder / "wheels")
    step = project.command(SAY, environment=conda(f"./wheels/{WHEEL}"))

    assert project.log(project.run({"a": step}).steps[0]) == "chirp\n"


def test_one_interpreter_for_all_wins_over_what_is_inline(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(project.folder / "nothing"))
    step = project.command(
        "python -c 'import sys; print(sys.prefix)'", environment=conda("no-such-package==1")
    )

    result = project.run({"a": step}, python=Path(sys.executable))

    assert project.log(result.steps[0]) == f"{sys.prefix}\n"
    assert not (project.folder / "nothing").exists()


def test_what_cannot_be_installed_is_said_with_the_end_of_what_was_said(
    project: Project, cache: Path
) -> None:
    environment = conda("no-such-package==1")
    environment["conda_file"]["dependencies"].append("scikit-learn=1.5")

    with pytest.raises(EnvironmentBuildError) as caught:
        project.run({"a": project.command("true", environment=environment)})

    text = str(caught.value)
    assert "could not be made" in text
    assert "scikit-learn==1.5.* come from conda" in text
    assert "--python PATH" in text
    assert caught.value.log.exists()
    assert [path for path in cache.glob("*") if not (path / DONE).exists() and path.is_dir()] == []


def test_a_half_made_environment_is_made_anew(project: Project) -> None:
    write_wheel(project.folder / "wheels")
    step = project.command(SAY, environment=conda(f"./wheels/{WHEEL}"))
    events: list[Any] = []
    project.run({"a": step}, on_event=events.append)
    environment = events[1].python.parent.parent
    (environment / DONE).unlink()
    shutil.rmtree(environment / "lib")

    assert project.log(project.run({"a": step}).steps[0]) == "chirp\n"


@pytest.mark.parametrize(
    ("path", "kind"), [("nowhere.txt", SimulatorError), ("not-a-python", InterpreterError)]
)
def test_what_is_given_for_an_environment_must_be_there(
    project: Project, path: str, kind: type[SimulatorError]
) -> None:
    project.write("not-a-python", "x")

    with pytest.raises(kind):
        project.run({"a": project.command("true")}, environments={"any": project.folder / path})

    assert not project.run_dir.exists()


@pytest.mark.parametrize("given", ["environments", "images"])
def test_a_name_that_no_step_has_is_refused_since_it_would_have_no_effect(
    project: Project, given: str
) -> None:
    step = project.command("true", environment="azureml:birds@latest")

    with pytest.raises(SimulatorError, match="no step has the environment `bird`") as caught:
        project.run({"a": step}, **{given: {"bird": Path(sys.executable)}})

    assert caught.value.hint == "did you mean `birds`?"
    assert not project.run_dir.exists()


def test_dependencies_of_conda_become_requirements(tmp_path: Path) -> None:
    file = tmp_path / "conda.yml"
    file.write_text(
        "dependencies:\n- python=3.10.4\n- pip=23\n- numpy=1.26\n- conda-forge::pandas>=2\n"
        "- scipy=1.11.*=py310_0\n- pip:\n  - requests\n  - '# nothing'\n"
    )

    found = read_requirements(file)

    assert found.requirements == ("numpy==1.26.*", "pandas>=2", "scipy==1.11.*", "requests")
    assert found.python_version == "3.10.4"
    file.write_text("dependencies: {a: 1}\n")
    with pytest.raises(PipelineError, match="must be a list"):
        read_requirements(file)


def test_a_run_that_is_killed_takes_its_installer_along(project: Project) -> None:
    # An installer that hangs: a source package whose build never ends would need a network,
    # so bash stands where uv is looked for.
    programs = project.folder / "own"
    programs.mkdir()
    pid = project.folder / "pid"
    installer = project.write("own/uv", f"#!/bin/bash\necho $$ > {pid}\nsleep 600\n")
    installer.chmod(0o755)
    project.pipeline({"a": project.command("true", environment=conda("x"))})
    process = subprocess.Popen(
        [sys.executable, "-m", "kedro_azureml_simulator", "pipeline.yml"],
        cwd=project.folder,
        env={"PATH": f"{programs}:/usr/bin:/bin", "XDG_CACHE_HOME": str(project.folder / "c"),
             "TMPDIR": str(project.folder)},
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    project.wait_for(lambda: pid.exists() and pid.read_text().endswith("\n"))
    process.kill()
    process.wait()

    assert project.wait_for(lambda: not project.lives(int(pid.read_text())))


def test_a_shim_that_cannot_run_is_passed_over_for_an_interpreter_that_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    for folder, script in (("shims", "exit 127"), ("real", f'exec {sys.executable} "$@"')):
        program = tmp_path / folder / f"python{version}"
        program.parent.mkdir()
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'shims'}:{tmp_path / 'real'}:/usr/bin:/bin")

    assert find_running_python(version) == tmp_path / "real" / f"python{version}"
    assert find_running_python("2.6") is None


def test_a_python_that_is_not_there_gives_way_to_another_with_a_warning(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    shim = project.write(
        "shims/python3.6", "#!/bin/sh\necho 'pyenv: not installed' >&2\nexit 127\n"
    )
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", f"{shim.parent}:/usr/bin:/bin")
    events: list[Any] = []

    result = project.run(
        {"a": project.command("python -c 'import sys; print(sys.version_info[:2])'",
                              environment=conda(python="3.6"))},
        on_event=events.append,
    )  # fmt: skip

    assert result.status == "completed", result.steps
    assert project.log(result["a"]).strip() == str(sys.version_info[:2])
    [note] = [event.note for event in events if isinstance(event, EnvironmentMade)]
    assert note.startswith("Python 3.6 is not on this machine")


def test_a_missing_module_names_the_interpreter_and_the_option_that_changes_it(
    project: Project, python: Path
) -> None:
    step = project.command("python -c 'import surely_not_there'", environment="azureml:sklearn:3")

    result = project.run({"a": step}, python=python)

    message = result["a"].message
    assert f"no module named 'surely_not_there' in {python}" in message
    assert "its image is not used; pass --step-env sklearn=requirements.txt or --python" in message
