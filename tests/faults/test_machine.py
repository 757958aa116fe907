"""A machine that fails while a command works: its disk, its clock, its files, its storage."""

import json
import time

import pytest
from azure_loopback.azurite import ACCOUNT
from azure_loopback.processes import Finished, until
from broken_machine import FULL_DISK, SHOWING_WHAT_IS_LEFT, WITHOUT_PRIVILEGES
from fault_commands import AzureCommand, nothing_sent
from faulty_requests import MESSAGE, FaultyCommand, Outcome, find_half_written
from followed_project import COMMAND
from sent_project import SentProject

pytestmark = [pytest.mark.stress, pytest.mark.faults]

WRITING = {
    "assets pull": (nothing_sent, AzureCommand("assets pull penguins", "ersion 7 of the data")),
}
"""Commands that write into the project."""

FOLDERS = ("build", "data", "here")
"""Where they write."""

SIZES = ("4k", "16k", "64k", "256k")


@pytest.fixture
def farm(shop, azure) -> SentProject:
    return SentProject(shop, azure)


def made(farm, name) -> tuple[FaultyCommand, Outcome]:
    """Return a command that is to be broken, and what it does otherwise."""
    make, command = WRITING[name]
    faulty = FaultyCommand(farm, command, make(farm))
    healthy = faulty.run()
    assert faulty.is_whole(healthy), healthy.output
    return faulty, healthy


def assert_is_whole_or_one_message(faulty: FaultyCommand, done: Finished | Outcome, *, code=()):
    told = done.output
    assert "Traceback (most recent" not in told, told
    ended = done.code if isinstance(done, Outcome) else done.returncode
    if ended == faulty.command.code and faulty.command.shows in told:
        return
    assert ended in (code or {1, 3}), told
    assert len(MESSAGE.findall(told)) == 1, told


@pytest.mark.promise("a disk that is full is one message, and no file is half-written")
@pytest.mark.parametrize("name", WRITING)
def test_a_full_disk_is_one_message_and_no_file_is_half_written(farm, name, record_property):
    faulty, healthy = made(farm, name)
    for size in SIZES:
        faulty.start_over()
        disks = FULL_DISK.format(folders=FOLDERS, size=size)
        code = SHOWING_WHAT_IS_LEFT.format(folders=FOLDERS, code=COMMAND)
        done = faulty.start(code=disks + code).wait()
        lines = done.output.splitlines()
        left = dict(json.loads(line[5:]) for line in lines if line.startswith("LEFT "))
        assert_is_whole_or_one_message(faulty, done)
        for path, size_bytes in left.items():
            hidden = any(part.startswith(".") for part in path.split("/"))
            if not hidden and path in healthy.files and not path.endswith((".html", ".json")):
                assert size_bytes == len(healthy.files[path]), (path, done.output)
            assert hidden or size_bytes, (path, done.output)
        again = faulty.run()
        assert faulty.is_whole(again), again.output
    record_property("cases", len(SIZES))


@pytest.mark.promise("a project that cannot be written is one message")
@pytest.mark.parametrize("name", WRITING)
def test_a_project_that_cannot_be_written_is_one_message(farm, name):
    faulty, _ = made(farm, name)
    faulty.start_over()
    before = faulty.files()
    modes = {path: path.stat().st_mode for path in (farm.folder, *farm.folder.rglob("*"))}
    for path, mode in modes.items():
        path.chmod(mode & ~0o222)
    done = faulty.start(WITHOUT_PRIVILEGES).wait()
    assert_is_whole_or_one_message(faulty, done)
    assert faulty.files() == before
    for path, mode in modes.items():
        path.chmod(mode)
    again = faulty.run()
    assert faulty.is_whole(again), again.output


@pytest.mark.promise("two commands at once are each whole or one message, and the files are whole")
@pytest.mark.parametrize("name", WRITING)
def test_two_commands_at_once_leave_whole_files(farm, name, record_property):
    faulty, healthy = made(farm, name)
    for pause_s in (0, 0.1, 0.4):
        faulty.start_over()
        sent = faulty.sent()
        first = faulty.start()
        time.sleep(pause_s)
        ends = [process.wait() for process in (faulty.start(), first)]
        for done in ends:
            assert_is_whole_or_one_message(faulty, done)
        assert len(faulty.sent() - sent) <= 2 * len(healthy.sent)
        broken = find_half_written(faulty.files(), healthy.files, whole=True)
        assert not broken, (broken, [done.output for done in ends])
    record_property("cases", 3)


@pytest.mark.promise(
    "storage that is restarted midway is overcome or one message, and a rerun works"
)
@pytest.mark.parametrize("name", WRITING)
def test_storage_that_is_restarted_midway_is_overcome_or_one_message(farm, name, azure):
    faulty, healthy = made(farm, name)
    faulty.start_over()
    azure.proxy.delay_s = 0.05
    azure.proxy.connections.clear()
    started = faulty.start()
    until(lambda: f"{ACCOUNT}.blob.core.windows.net" in azure.proxy.connections)
    azure.azurite.restart()
    done = started.wait()
    azure.proxy.delay_s = 0
    assert_is_whole_or_one_message(faulty, done)
    broken = find_half_written(faulty.files(), healthy.files, whole=False)
    assert not broken, broken
    again = faulty.run()
    assert faulty.is_whole(again), again.output
