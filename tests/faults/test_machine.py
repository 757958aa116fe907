"""A machine that fails while a command works: its disk, its files, its storage, another command."""

import json
import time

import pytest
from azure_loopback.azurite import ACCOUNT
from azure_loopback.processes import until
from broken_machine import FULL_DISK, SHOWING_WHAT_IS_LEFT, WITHOUT_PRIVILEGES
from faulty_requests import JOB_NAME, RECORD, find_half_written
from stress import FACTOR
from writing_commands import EACH, USING_AZURE_ML

pytestmark = [pytest.mark.stress, pytest.mark.faults]

FOLDERS = ("build", "conf", "data", "here")
"""Where commands write."""

KIB = 1024
ROOMS = (4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB)
PAUSES_S = (0, 0.1, 0.4)

commands = pytest.mark.parametrize(("start", "name"), EACH, ids=[name for _, name in EACH])


def chosen(values):
    """Return some of the values in a shortened run, and all otherwise."""
    return values if FACTOR >= 1 else values[1:3]


@pytest.mark.promise("a disk that is full is one message, and no file is half-written")
@commands
def test_a_full_disk_is_one_message_and_no_file_is_half_written(made, start, name, record_property):
    faulty, healthy = made(start, name)
    before = faulty.before
    for room in chosen(ROOMS):
        faulty.start_over()
        disks = FULL_DISK.format(folders=FOLDERS, room=room)
        program = SHOWING_WHAT_IS_LEFT.format(folders=FOLDERS, code=faulty.command.program)
        done = faulty.start(disks, program).wait()
        lines = done.output.splitlines()
        told = (json.loads(line[5:]) for line in lines if line.startswith("LEFT "))
        left = {JOB_NAME.sub("NAME", path): size_bytes for path, size_bytes in told}
        faulty.assert_is_whole_or_one_message(done)
        for path, size_bytes in left.items():
            if "/." in path or RECORD.match(path):
                continue
            assert path in healthy.files or path in before, (path, done.output)
            assert size_bytes or not (healthy.files | before)[path], (path, done.output)
            if not path.endswith((".html", ".json")):
                known = [len(files[path]) for files in (healthy.files, before) if path in files]
                assert size_bytes in known, (path, done.output)
        again = faulty.rerun()
        assert faulty.is_whole(again), again.output
    record_property("cases", len(chosen(ROOMS)))


@pytest.mark.promise("a project that cannot be written is one message")
@commands
def test_a_project_that_cannot_be_written_is_one_message(farm, made, start, name):
    faulty, _ = made(start, name)
    modes = {path: path.stat().st_mode for path in (farm.folder, *farm.folder.rglob("*"))}
    for path, mode in modes.items():
        path.chmod(mode & ~0o222)
    done = faulty.start(WITHOUT_PRIVILEGES).wait()
    faulty.assert_is_whole_or_one_message(done)
    assert faulty.files() == faulty.before
    for path, mode in modes.items():
        path.chmod(mode)
    again = faulty.rerun()
    assert faulty.is_whole(again), again.output


@pytest.mark.promise("two commands at once are each whole or one message, and the files are whole")
@commands
def test_two_commands_at_once_leave_whole_files(made, start, name, record_property):
    faulty, healthy = made(start, name)
    for pause_s in chosen(PAUSES_S):
        faulty.start_over()
        sent = faulty.sent()
        first = faulty.start()
        time.sleep(pause_s)
        ends = [process.wait() for process in (faulty.start(), first)]
        for done in ends:
            faulty.assert_is_whole_or_one_message(done)
        assert len(faulty.sent() - sent) <= 2 * len(healthy.sent)
        broken = find_half_written(faulty.files(), healthy.files, whole=True)
        assert not broken, (broken, [done.output for done in ends])
    record_property("cases", len(chosen(PAUSES_S)))


@pytest.mark.promise(
    "storage that is restarted midway is overcome or one message, and a rerun works"
)
@pytest.mark.parametrize(
    ("start", "name"), USING_AZURE_ML, ids=[name for _, name in USING_AZURE_ML]
)
def test_storage_that_is_restarted_midway_is_overcome_or_one_message(made, azure, start, name):
    faulty, healthy = made(start, name)
    azure.proxy.delay_s = 0.05
    azure.proxy.connections.clear()
    started = faulty.start()
    until(lambda: f"{ACCOUNT}.blob.core.windows.net" in azure.proxy.connections)
    azure.azurite.restart()
    done = started.wait()
    azure.proxy.delay_s = 0
    faulty.assert_is_whole_or_one_message(done)
    broken = find_half_written(faulty.files(), healthy.files, whole=False, before=faulty.before)
    assert not broken, (broken, done.output)
    again = faulty.rerun()
    assert faulty.is_whole(again), again.output
