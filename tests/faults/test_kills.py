"""Commands are killed and interrupted at random points: nothing is half-written, a rerun works."""

import random
import re
import time

import pytest
from azure_loopback.processes import until
from faulty_requests import OWN_FOLDER, FaultyCommand, find_half_written
from sent_project import SentProject
from stress import FACTOR
from writing_commands import EACH, INTERRUPTIBLE, WRITING, find_processes

pytestmark = [pytest.mark.stress, pytest.mark.faults]

ENDS = max(3, round(10 * FACTOR))
"""How often each command is ended."""

TOLD = re.compile(r"^.*(?:Ctrl-C|[Ii]nterrupted).*$", re.MULTILINE)
OURS = re.compile(r'File ".*/kedro_azureml_cli/')
"""A traceback that leads through the command."""

NAMES = [name for _, name in EACH]


@pytest.fixture
def farm(shop, azure, bench) -> SentProject:
    farm = SentProject(shop, azure, bench.user.path)
    scratch = farm.folder.with_name("scratch")
    scratch.mkdir()
    farm.shop.environ["TMPDIR"] = str(scratch)
    return farm


class EndedCommand:
    """A command that is ended at random points.

    Args:
        farm: The project.
        start: Makes what it starts from.
        name: Its name.
        python: The interpreter of steps.
    """

    def __init__(self, farm, start, name, python) -> None:
        self.farm = farm
        self.faulty = FaultyCommand(farm, WRITING[start][name], start(farm), python)
        self.faulty.start_over()
        self.healthy = self.faulty.run()
        assert self.faulty.is_whole(self.healthy), self.healthy.output
        self.faulty.start_over()
        started = time.monotonic()
        self.faulty.run()
        self.longest_s = time.monotonic() - started
        self.chance = random.Random(name)

    def end(self, how, program=""):
        """Start the command, end it somewhere, and return what it said."""
        self.faulty.start_over()
        self.farm.azure.control.delay_s = self.chance.choice([0, 0.02])
        sent = self.faulty.sent()
        running = self.faulty.start(program=program)
        if program:
            until(lambda: "begun" in running.said())
        time.sleep(self.chance.uniform(0, self.longest_s))
        getattr(running, how)()
        done = running.wait()
        self.farm.azure.control.delay_s = 0
        assert len(self.faulty.sent() - sent) <= len(self.healthy.sent), done.output
        until(lambda: not find_processes(self.farm.folder.parent))
        broken = find_half_written(
            self.faulty.files(), self.healthy.files, whole=False, before=self.faulty.before
        )
        assert not broken, (broken, done.output)
        return done

    def assert_reruns(self, done):
        again = self.faulty.rerun()
        assert self.faulty.is_whole(again), (done.output, again.output)
        broken = find_half_written(again.files, self.healthy.files, whole=True)
        assert not broken, (broken, done.output)
        new = set(again.files) - set(self.healthy.files)
        hidden = {path for path in new if "/." in f"/{path}" and not OWN_FOLDER.match(path)}
        left = list(self.farm.folder.with_name("scratch").iterdir())
        assert not hidden | set(left), (hidden, left, done.output)


@pytest.mark.promise("a killed command leaves nothing half-written, and a rerun works")
@pytest.mark.parametrize(("start", "name"), EACH, ids=NAMES)
def test_wherever_a_command_is_killed_nothing_is_half_written_and_a_rerun_works(
    farm, bench, start, name, record_property
):
    ended = EndedCommand(farm, start, name, bench.user.path)
    for _ in range(ENDS):
        ended.assert_reruns(ended.end("kill"))
    record_property("cases", ENDS)


@pytest.mark.promise("Ctrl-C is one line and exit code 130, and a rerun works")
@pytest.mark.parametrize(("start", "name"), EACH, ids=NAMES)
def test_wherever_ctrl_c_is_pressed_it_is_one_line_and_a_rerun_works(
    farm, bench, start, name, record_property
):
    ended = EndedCommand(farm, start, name, bench.user.path)
    for _ in range(ENDS):
        done = ended.end("interrupt", INTERRUPTIBLE)
        assert not OURS.search(done.output), done.output  # a step that fails shows its own
        if done.returncode == 130:
            assert len(TOLD.findall(done.output)) == 1, done.output
        else:  # it had ended before
            assert done.returncode == ended.faulty.command.code, done.output
            assert ended.faulty.command.shows in done.output, done.output
        ended.assert_reruns(done)
    record_property("cases", ENDS)
