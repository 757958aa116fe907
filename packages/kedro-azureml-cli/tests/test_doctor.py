"""`kedro azureml doctor` on this machine: what it finds without asking anybody."""

import json
import signal
import sys
import threading
import time
from pathlib import Path

import pytest
import yaml
from checked_project import CheckedProject
from click.testing import CliRunner, Result
from kedro.framework.startup import bootstrap_project
from kedro_azureml_cli.commands import azureml
from kedro_azureml_cli.diagnosis import diagnosing, doctor_output
from kedro_azureml_cli.diagnosis.probe import WorkspaceProbe, collect_probes
from kedro_azureml_cli.diagnosis.probes.python import judge_python
from kedro_azureml_cli.diagnosis.rows import Row, State, ok
from kedro_azureml_cli.diagnosis.subject import Place, Subject
from kedro_azureml_compiler import ProjectRequest, Workspace
from written_project import isolate_imports

pytestmark = pytest.mark.once


@pytest.fixture
def project(tmp_path, monkeypatch) -> CheckedProject:
    isolate_imports(monkeypatch)
    made = CheckedProject(tmp_path / "farm")
    made.write(".amlignore", "conf/local\n")
    monkeypatch.chdir(made.root)
    return made


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Install a distribution that is found before all others: metadata, and the code of it."""

    def install(name: str, version: str, code: str = "", requires: str = "") -> None:
        module = name.replace("-", "_")
        info = tmp_path / "site" / f"{module}-{version}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{requires}"
        )
        if code:
            (info / "entry_points.txt").write_text(
                f"[kedro.project_commands]\nazureml = {module}:commands\n"
            )
            (tmp_path / "site" / f"{module}.py").write_text(code)
        monkeypatch.syspath_prepend(str(tmp_path / "site"))

    yield install
    sys.modules.pop("kedro_azureml_pipeline", None)


def run(project: CheckedProject, *args: str) -> Result:
    done = CliRunner().invoke(
        azureml, ["doctor", "--offline", *args], obj=bootstrap_project(project.root)
    )
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def rows(project: CheckedProject, *args: str, code: int = 0) -> dict[str, tuple[str, str, str]]:
    """State, finding and fix of each row by its label."""
    done = run(project, "--format", "json", *args)
    assert done.exit_code == code, done.output
    found = json.loads(done.stdout)["rows"]
    return {row["label"]: (row["state"], row["found"], row["fix"]) for row in found}


def test_a_sound_project_is_ok_and_what_needs_azure_is_skipped_with_the_reason(project):
    found = rows(project)
    states = {label: state for label, (state, _, _) in found.items()}
    assert states.pop("job j") == "ok"
    assert {label for label, state in states.items() if state == "skipped"} == {
        "sign-in",
        "workspace w",
        "compute",
        "data-asset",
        "datastore",
        "environment",
        "key-vault",
    }
    assert set(states.values()) == {"ok", "skipped"}
    assert found["sign-in"][1] == found["compute"][1] == "--offline"
    assert found["workspace w"][1] == "--offline; named in azureml.yml"
    assert found["ignore-file"][1].startswith(".amlignore; ")
    assert found["key-vault"][1] == "the jobs need no secret of a key vault"


def test_each_row_is_a_line_with_the_fix_below_it_and_a_count_at_the_end(project):
    (project.root / ".amlignore").unlink()
    lines = run(project).stdout.splitlines()
    at = next(number for number, line in enumerate(lines) if " ignore-file " in line)
    assert lines[at].startswith("warning  ignore-file ")
    assert lines[at + 1] == "         Fix: Write one for Kedro projects:  kedro azureml init"
    assert lines[-1].endswith(" 1 warning, 7 skipped.")


def test_without_azureml_yml_the_fix_is_init_and_the_rest_is_still_looked_at(project):
    (project.root / "conf/base/azureml.yml").unlink()
    found = rows(project, code=1)
    state, said, fix = found["project"]
    assert (state, fix) == ("failed", "Create it with:  kedro azureml init")
    assert said.startswith("conf/base/azureml.yml not found")
    assert found["ignore-file"][0] == found["python"][0] == "ok"
    assert found["workspace"] == ("skipped", "azureml.yml cannot be read", "")


def test_a_job_with_errors_fails_and_the_others_are_looked_at(project):
    project.settings_of(
        {
            "good": {},
            "bad": {"experiment_name": "no name"},
            "no": {"pipeline": {"pipeline_name": "x"}},
        }
    )
    found = rows(project, code=1)
    assert found["job good"][0] == "ok"
    assert found["job bad"] == (
        "failed", "1 step, 1 error, 0 warnings", "See them:  kedro azureml check -j bad"
    )  # fmt: skip
    assert found["job no"][0] == "failed"
    assert "The pipeline 'x' is not registered" in found["job no"][1]
    one = rows(project, "-j", "good")
    assert "job bad" not in one
    assert one["project"][1] == "'farm' with 3 jobs"
    unknown = rows(project, "-j", "nope", code=1)
    assert unknown["project"][1] == "'farm' with 3 jobs"
    assert "azureml.yml has no job 'nope'" in unknown["job nope"][1]


def test_a_project_whose_code_fails_is_a_row_and_never_a_traceback(project):
    project.pipelines("raise SystemExit('away')\n")
    done = run(project)
    assert done.exit_code == 1
    assert "away" in done.stdout
    assert "Traceback" not in done.output


def test_a_job_or_a_workspace_that_does_not_exist_is_named(project):
    assert "did you mean 'j'" in rows(project, "-j", "jj", code=1)["job jj"][1]
    found = rows(project, "-w", "prod", code=1)
    assert found["workspace prod"][0] == "failed"
    assert found["job j"][0] == "ok"
    assert found["compute"] == ("skipped", "azureml.yml has no workspace 'prod'", "")


def test_placeholders_are_found_without_azure(project):
    entry = {"subscription_id": "<id>", "resource_group": "r", "name": "w"}
    project.settings_of({"j": {}}, workspace={"__default__": entry})
    state, said, fix = rows(project, code=1)["workspace w"]
    assert state == "failed"
    assert "placeholders: subscription_id: <id>" in said
    assert "Studio" in fix


def test_a_workspace_that_this_machine_is_set_up_for_is_named_with_its_source(project):
    settings = yaml.safe_load((project.root / "conf/base/azureml.yml").read_text())
    del settings["workspace"]
    project.azureml(yaml.safe_dump(settings))
    names = {"subscription_id": "s", "resource_group": "r", "workspace_name": "of-sdk"}
    project.write("config.json", json.dumps(names))
    found = rows(project)["workspace of-sdk"]
    assert found[1] == f"--offline; named in {project.root / 'config.json'}"


@pytest.mark.parametrize(
    ("files", "state", "said"),
    [
        ({".gitignore": "x\n"}, "ok", ".gitignore, since there is no .amlignore; "),
        ({".amlignore": "# nothing\n\n", ".gitignore": "x\n"}, "warning", ".amlignore is empty"),
        ({}, "warning", "there is none, so the whole project travels; "),
    ],
)
def test_the_file_that_decides_what_travels_is_named(project, files, state, said):
    (project.root / ".amlignore").unlink()
    for name, text in files.items():
        project.write(name, text)
    found = rows(project)["ignore-file"]
    assert found[0] == state
    assert found[1].startswith(said)


def test_where_the_code_is_in_the_image_no_ignore_file_counts(project):
    project.settings_of({"j": {}}, execution={"environment": "env:1", "code_directory": None})
    assert rows(project)["ignore-file"][:2] == (
        "skipped", "the code is in the image, so no file travels"
    )  # fmt: skip


EARLIER = "import click\n\n@click.group('Kedro-AzureML')\ndef commands(): pass\n\n"
ANSWERS = EARLIER + "@commands.group('azureml')\ndef azureml(): pass\n"


@pytest.mark.parametrize(
    ("code", "state"),
    [(ANSWERS, "failed"), ("raise ImportError('broken')\n", "warning")],
    ids=["found first", "broken"],
)
def test_an_earlier_plugin_is_named_with_the_line_that_removes_it(project, installed, code, state):
    installed("kedro-azureml-pipeline", "0.1.0", code)
    found = rows(project, code=1 if state == "failed" else 0)["plugin"]
    assert found[0] == state
    assert "kedro-azureml-pipeline 0.1.0" in found[1]
    assert found[2] == "Remove what is not needed:  pip uninstall kedro-azureml-pipeline"


def test_a_package_that_does_not_fit_the_others_is_named_with_what_they_need(project, installed):
    installed("kedro-azureml-runner", "9.9", requires="Requires-Dist: no-such-thing>=3\n")
    found = rows(project, code=1)
    state, said, fix = found["package kedro-azureml-runner"]
    assert state == "failed"
    assert said.startswith("9.9; ")
    assert "kedro-azureml-compiler needs <0.3,>=0.2" in said
    assert fix == 'Install it:  pip install "kedro-azureml-runner<0.3,>=0.2"'
    assert found["package no-such-thing"] == (
        "failed", "not installed; kedro-azureml-runner needs it",
        'Install it:  pip install "no-such-thing>=3"',
    )  # fmt: skip


@pytest.mark.parametrize(
    ("version", "state"),
    [
        ("3.9.2", State.FAILED),
        ("3.10.0", State.OK),
        ("3.13.9", State.OK),
        ("3.15.0a1", State.WARNING),
    ],
)
def test_a_python_is_judged_by_what_the_packages_declare(version, state):
    assert judge_python(version, ">=3.10", ["3.10", "3.11", "3.12", "3.13"]).state is state


def subject() -> Subject:
    """Something with two workspaces that nobody has asked yet."""
    made = Subject(ProjectRequest(Path()))
    settings = Workspace(subscription_id="s", resource_group="r", name="w")
    made.places.learn([Place("first", settings, {}), Place("second", settings, {})])
    return made


def test_a_probe_that_does_not_end_and_one_that_breaks_are_rows_and_keep_no_other_from_ending():
    def hang(place):
        time.sleep(60 if place.entry == "first" else 0)
        yield ok("slow", "in time")

    def fail(place):
        yield ok("fast", "fine")
        raise TypeError("odd")

    began = time.monotonic()
    probes = [WorkspaceProbe("slow", "?", hang), WorkspaceProbe("fast", "?", fail)]
    slow, fast = diagnosing.ask_workspaces(subject(), probes, 0.5)
    assert time.monotonic() - began < 30
    assert [(row.label, row.state, row.found, row.blame) for row in slow.rows] == [
        ("slow in first", State.FAILED, "No answer in 0.5 s.", "machine"),
        ("slow in second", State.OK, "in time", "user"),
    ]
    assert [row.state for row in fast.rows] == [State.OK, State.FAILED] * 2
    assert "TypeError: odd" in fast.rows[1].found


def test_ctrl_c_ends_the_wait_for_a_workspace_though_it_does_not_wake_it():
    is_over = threading.Event()

    def press(place):
        if place.entry == "first":
            time.sleep(0.5)  # the other thread is waiting by then
            # Noticed in this thread, it wakes no other one: as when it comes just before a wait.
            signal.raise_signal(signal.SIGINT)
        is_over.wait(60)
        return ()

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    began = time.monotonic()
    try:
        with pytest.raises(KeyboardInterrupt):
            diagnosing.ask_workspaces(subject(), [WorkspaceProbe("silent", "?", press)], 60)
    finally:
        signal.signal(signal.SIGINT, before)
        is_over.set()
    assert time.monotonic() - began < 30


@pytest.mark.parametrize(
    ("blames", "code"),
    [([], 0), (["machine"], 3), (["machine", "user"], 1)],
)
def test_the_exit_code_is_that_of_who_must_act(blames, code):
    found = tuple(Row("x", State.FAILED, "it failed", blame=blame) for blame in blames)
    diagnosed = [diagnosing.Diagnosis("x", (*found, Row("y", State.WARNING, "odd")))]
    assert doctor_output.choose_exit_code(diagnosed) == code


def test_probes_are_shown_from_the_machine_to_the_key_vault():
    local, remote = collect_probes()
    assert [probe.name for probe in local] == [
        "python", "packages", "plugin", "project", "ignore-file", "sign-in", "workspace",
    ]  # fmt: skip
    assert [p.name for p in remote] == [
        "compute", "data-asset", "datastore", "environment", "key-vault",
    ]  # fmt: skip
