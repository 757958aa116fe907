"""Commands are killed at random points: nothing half-written is left, and a rerun works."""

import random
import time

import pytest
from fault_commands import AzureCommand, nothing_sent
from faulty_requests import FaultyCommand, find_half_written
from sent_project import SentProject
from stress import FACTOR

pytestmark = [pytest.mark.stress, pytest.mark.faults]

KILLS = max(3, round(10 * FACTOR))

KILLED = {
    "assets pull": (nothing_sent, AzureCommand("assets pull penguins", "ersion 7 of the data")),
}


@pytest.fixture
def farm(shop, azure) -> SentProject:
    return SentProject(shop, azure)


def kill_at_random(faulty: FaultyCommand, longest_s: float, chance: random.Random) -> bool:
    """Start a command and kill it; return whether it had ended before."""
    running = faulty.start()
    time.sleep(chance.uniform(0, longest_s))
    running.kill()
    return running.wait().returncode >= 0


def time_of(run) -> float:
    started = time.monotonic()
    run()
    return time.monotonic() - started


@pytest.mark.promise("a killed command leaves nothing half-written, and a rerun works")
@pytest.mark.parametrize("name", KILLED)
def test_wherever_a_command_is_killed_nothing_is_half_written_and_a_rerun_works(
    farm, name, record_property
):
    make, command = KILLED[name]
    faulty = FaultyCommand(farm, command, make(farm))
    before = faulty.files()
    healthy = faulty.run()
    assert faulty.is_whole(healthy), healthy.output
    faulty.start_over()
    longest_s = time_of(faulty.run)
    chance = random.Random(name)
    for kill in range(KILLS):
        faulty.start_over()
        farm.azure.control.delay_s = chance.choice([0, 0.02])
        sent = faulty.sent()
        kill_at_random(faulty, longest_s, chance)
        farm.azure.control.delay_s = 0
        assert len(faulty.sent() - sent) <= len(healthy.sent), kill
        broken = find_half_written(faulty.files(), healthy.files, whole=False, before=before)
        assert not broken, (kill, broken)
        again = faulty.run()
        assert faulty.is_whole(again), (kill, again.output)
        broken = find_half_written(again.files, healthy.files, whole=True)
        assert not broken, (kill, broken)
    record_property("cases", KILLS)
