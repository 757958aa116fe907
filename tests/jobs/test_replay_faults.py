"""What goes wrong while a step or data is brought here: one message, and nothing half-written."""

import re
import shutil
import time

import cloudpickle
import pytest
from answering_terminal import AnsweringTerminal
from azure_loopback import closed_storage
from azure_loopback.azurite import ACCOUNT
from azure_loopback.processes import until
from sent_project import NODES, SentProject
from stress import FACTOR, spread_faults

COMMANDS = {
    "replay": ("replay", "{job}", "fit", "--yes", "--python", "{python}"),
    "data": ("data", "get", "{job}", "--to", "here", "--yes"),
    "verify": ("verify", "--against", "{job}", "--yes", "--python", "{python}"),
}
REQUESTS = {"replay": 11, "data": 14, "verify": 14}
"""Requests to Azure Resource Manager of each command."""

FAULTS = ("reset", "lost", 429, 500, 503, "truncated", 403, 404)
PASSING = FAULTS[:6]
"""Faults after which the same request may succeed."""

REACHED = {"replay": "exit status 9", "data": "clean: ", "verify": "this python ran"}
"""What a command shows that has brought everything."""

INTERRUPTED = re.compile("interrupted|Ctrl-C", re.IGNORECASE)

NO_PYTHON = "#!/bin/sh\necho this python ran >&2\nexit 9\n"


@pytest.fixture
def farm(shop, azure) -> SentProject:
    return SentProject(shop, azure)


@pytest.fixture
def python(tmp_path):
    """Return an interpreter that ends at once: what is judged here comes before it."""
    program = tmp_path / "python"
    program.write_text(NO_PYTHON)
    program.chmod(0o755)
    return str(program)


def brought(farm: SentProject, name: str) -> set[str]:
    """Return what is in the folder of a job under its final name, to two levels."""
    folder = farm.folder_of(name)
    found = [*folder.glob("code/*"), *folder.glob("data/*/*"), *folder.glob("steps/*/pipeline.yml")]
    return {p.relative_to(folder).as_posix() for p in found if not p.name.startswith(".")}


def words(command: str, job: str, python: str) -> list[str]:
    return [word.format(job=job, python=python) for word in COMMANDS[command]]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_has_as_many_requests_as_the_faults_are_put_into(farm, azure, python, command):
    name = farm.fail()
    azure.control.requests.clear()
    farm.run(*words(command, name, python), code=int(command != "data"))
    assert len(azure.control.requests) == REQUESTS[command], azure.control.requests


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("kind", spread_faults(FAULTS))
def test_a_fault_at_any_request_is_overcome_or_one_message(farm, azure, python, kind, command):
    name = farm.fail()
    turn = FAULTS.index(kind)
    numbers = range(1, REQUESTS[command] + 1)
    for number in numbers if FACTOR > 1 else numbers[turn :: len(FAULTS)]:
        azure.control.faults.add(kind, number=number, retry_after="0" if kind == 429 else "")
        done = farm.start(*words(command, name, python)).wait()
        azure.control.faults.clear()
        assert "Traceback" not in done.output, (number, done.output)
        if kind in PASSING:
            assert done.returncode == int(command != "data"), (number, done.output)
            assert REACHED[command] in done.output, (number, done.output)
        else:  # some are of no consequence: who is not asked for in one place is in another
            assert done.returncode in {0, 1, 3}, (number, done.output)
        for place in farm.folder_of(name).glob("data/*/*"):
            assert place.name.startswith(".") or list(place.rglob("*.*")), place
        copied = [path.name for path in (farm.folder / "here").rglob("*") if path.is_file()]
        assert copied in ([], ["data.pkl"])
        farm.run("replay", name, "--clean")
        shutil.rmtree(farm.folder / "here", ignore_errors=True)


def test_storage_that_lets_nobody_in_is_one_message(farm, azure, python):
    name = farm.fail()
    azure.add_datastore(
        "workspaceblobstore", "None", is_default=True, accountName=closed_storage.ACCOUNT
    )
    told = farm.run("replay", name, "fit", "--yes", "--python", python, code=1)
    assert "Storage Blob Data Reader" in told
    assert "Traceback" not in told
    assert len([line for line in told.splitlines() if "AuthorizationPermission" in line]) <= 1
    assert brought(farm, name) == set()


def test_a_kill_in_the_middle_of_the_download_leaves_nothing_half_and_the_rest_is_resumed(
    farm, azure, python
):
    name = farm.fail("x" * 3_000_000)
    azure.proxy.stalls[f"{ACCOUNT}.blob.core.windows.net"] = 1_000_000
    started = farm.start("replay", name, "fit", "--yes", "--python", python)
    until(lambda: list(farm.folder_of(name).glob("data/clean/.*.part/*")))
    started.kill()
    started.wait()
    assert [p for p in brought(farm, name) if p.startswith(("data", "steps"))] == []
    azure.proxy.stalls.clear()
    told = farm.run("replay", name, "fit", "--yes", "--python", python, code=1)
    assert REACHED["replay"] in told
    run = farm.jobs.run_of(name, "clean").run_id
    data = farm.folder_of(name) / "data/clean" / run / "data.pkl"
    assert data.read_bytes() == cloudpickle.dumps("x" * 3_000_000)


@pytest.mark.parametrize(
    ("words", "coming"),
    [
        ("data get {job} clean --yes", "build/azureml-jobs/*/data/clean/.*.part/*"),
        ("replay {job} fit --yes", "build/azureml-jobs/*/data/clean/.*.part/*"),
        ("assets pull penguins", "data/penguins/.*.part/*.tmp"),
    ],
)
def test_ctrl_c_while_a_network_is_silent_ends_the_download_in_one_line(farm, azure, words, coming):
    name = farm.fail("x" * 3_000_000)
    azure.register("penguins", "8", {"p.txt": b"x" * 3_000_000})
    azure.proxy.stalls[f"{ACCOUNT}.blob.core.windows.net"] = 1_000_000
    started = farm.start(*words.format(job=name).split())
    until(lambda: list(farm.folder.glob(coming)))
    began = time.monotonic()
    started.interrupt()
    done = started.wait()
    assert time.monotonic() - began < 10, "a thread was waited for, which the SDK ends after 45 s"
    assert done.returncode == 130, done.output
    assert done.output.count("Stopped by Ctrl-C.") == 1
    assert "Traceback" not in done.output
    assert not any(path.startswith("data/") for path in brought(farm, name))
    azure.proxy.stalls.clear()
    farm.run("data", "get", name, "clean", "--yes")
    assert any(path.startswith("data/clean/") for path in brought(farm, name))


def test_breakpoint_opens_the_debugger_in_this_terminal(farm):
    farm.write_nodes(NODES.replace('    if "bad"', '    breakpoint()\n    if "bad"'))
    name = farm.fail()
    terminal = AnsweringTerminal()
    running = farm.start("replay", name, "fit", terminal=terminal.name)
    terminal.type("y\n", after="Download 24 bytes? [y/N]:")
    until(lambda: "(Pdb)" in running.said() + terminal.shown)
    terminal.type("p table, rate\n")
    until(lambda: "('a bad row', 3)" in running.said() + terminal.shown)
    terminal.type("table = 'mended'\nc\n")
    done = running.wait()
    terminal.close()
    assert done.returncode == 0, terminal.shown + done.output


def test_a_folder_that_cannot_be_written_and_one_of_another_workspace_are_one_message(farm, python):
    name = farm.fail()
    jobs = farm.folder / "build/azureml-jobs"
    shutil.rmtree(jobs, ignore_errors=True)  # `run` may have left its page
    jobs.write_text("a file")
    told = farm.run("replay", name, "fit", "--yes", code=1)
    assert "cannot be written" in told
    jobs.unlink()
    farm.run("replay", name, "fit", "--yes", "--python", python, code=1)
    record = farm.folder_of(name) / "workspace.json"
    record.write_text(record.read_text().replace("loopback-group", "another-group"))
    told = farm.run("replay", name, "fit", "--yes", code=1)
    assert f"holds data of the job {name}" in told
    assert f"kedro azureml replay {name} --clean" in told


@pytest.mark.parametrize(
    ("command", "end"),
    [
        ("replay", "interrupt"),
        pytest.param("replay", "kill", marks=pytest.mark.stress),
        pytest.param("verify", "interrupt", marks=pytest.mark.stress),
        pytest.param("verify", "kill", marks=pytest.mark.stress),
    ],
)
def test_ctrl_c_or_a_kill_while_the_nodes_run_ends_it_and_the_next_one_downloads_nothing(
    farm, azure, python, tmp_path, command, end
):
    asleep = tmp_path / "asleep"  # seen by kedro run; the step of a replay shows what it prints
    nap = (
        "    from pathlib import Path\n"
        f"    if Path({str(tmp_path)!r}).exists(): Path({str(asleep)!r}).touch()\n"
        "    print('now asleep', flush=True)\n"
        "    import time; time.sleep(100)\n"
    )
    farm.write_nodes(NODES.replace('    if "bad"', nap + '    if "bad"'))
    name = farm.fail()
    whole = [word for word in words(command, name, python) if word not in {"--python", python}]
    running = farm.start(*whole)
    until(lambda: asleep.exists() or "now asleep" in running.said())
    getattr(running, end)()
    done = running.wait()
    assert "Traceback" not in done.output, done.output
    if end == "interrupt":
        assert done.returncode == 130, done.output
        told = [
            line for line in done.output.splitlines() if "nterrupted" in line or "Ctrl-C" in line
        ]
        assert len(told) == 1, done.output
    before = len(azure.azurite.blob_reads())
    told = farm.run(*words(command, name, python), code=1)
    assert REACHED[command] in told
    assert azure.azurite.blob_reads()[before:] == []
