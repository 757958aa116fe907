"""A fault at each request of each command is overcome or one message, and nothing is done twice."""

from collections.abc import Iterator

import pytest
from fault_commands import STARTS, completed, failed, nothing_sent
from faulty_requests import KINDS, QUICK_PAUSES, FaultyCommand
from message_receiver import receive_messages
from sent_project import SentProject
from stress import FACTOR

AT_AZURE_ML = "a fault at any request to Azure ML is overcome, or one message and no harm"
AT_STORAGE = "a fault at any request to the storage is overcome, or one message and no harm"

EACH = [(start, name) for start, commands in STARTS.items() for name in commands]

EVERY_DAY = {
    failed: ("data list", "logs", "status"),
    completed: ("download",),
    nothing_sent: ("assets pull", "schedule"),
}
"""Of the commands that have no test of their own with a fault at some of their requests."""


@pytest.fixture
def farm(shop, azure) -> Iterator[SentProject]:
    farm = SentProject(shop, azure)
    with receive_messages() as (host, messages):
        farm.messages = messages
        farm.shop.environ |= {"CHATS": f"json://{host}", "BROWSER": "true", "CI": ""}
        yield farm


@pytest.mark.parametrize("start", EVERY_DAY, ids=lambda start: start.__name__)
def test_a_fault_at_one_request_of_a_command_is_overcome_or_one_message(farm, start):
    job = start(farm)
    broken = []
    for position, name in enumerate(EVERY_DAY[start]):
        faulty = FaultyCommand(farm, STARTS[start][name], job)
        kind = KINDS[(3 * position) % len(KINDS)]
        faults = farm.azure.control.faults
        broken.append(faulty.find_broken_promise(kind, faults, position + 1, healthy=None))
        faulty.start_over()
    assert not any(broken), "\n\n".join(filter(None, broken))


@pytest.mark.promise(AT_AZURE_ML)
@pytest.mark.stress
@pytest.mark.faults
@pytest.mark.parametrize(("start", "name"), EACH, ids=[name for _, name in EACH])
def test_each_fault_at_each_request_to_azure_ml_is_overcome_or_one_message(
    farm, start, name, record_property
):
    faulty = FaultyCommand(farm, STARTS[start][name], start(farm))
    healthy = faulty.run()
    assert faulty.is_whole(healthy), healthy.output
    broken = []
    for kind, number in pairs(healthy.requests):
        faulty.start_over()
        faults = farm.azure.control.faults
        broken.append(faulty.find_broken_promise(kind, faults, number, healthy))
    report(record_property, name, healthy.requests, faulty)
    assert not any(broken), "\n\n".join(filter(None, broken))


@pytest.mark.promise(AT_STORAGE)
@pytest.mark.stress
@pytest.mark.faults
@pytest.mark.parametrize(("start", "name"), EACH, ids=[name for _, name in EACH])
def test_each_fault_at_each_request_to_the_storage_is_overcome_or_one_message(
    farm, start, name, record_property
):
    faulty = FaultyCommand(farm, STARTS[start][name], start(farm), prelude=QUICK_PAUSES)
    with farm.azure.storage_gate() as gate:
        healthy = faulty.run()
        assert faulty.is_whole(healthy), healthy.output
        asked = len(gate.requests)
        broken = []
        for kind, number in pairs(asked):
            faulty.start_over()
            broken.append(faulty.find_broken_promise(kind, gate.faults, number, healthy))
    report(record_property, f"{name} (storage)", asked, faulty)
    assert not any(broken), "\n\n".join(filter(None, broken))


def pairs(requests):
    """Return each fault with each request; of a shortened run, each request with one fault.

    Of many requests a shortened run takes the first and the last: those between upload files.
    """
    every = [(kind, number) for kind in KINDS for number in range(1, requests + 1)]
    if FACTOR >= 1:
        return every
    ends = {*range(1, len(KINDS) + 1), *range(requests - len(KINDS) + 1, requests + 1)}
    return [
        (kind, number)
        for kind, number in every
        if kind == KINDS[number % len(KINDS)] and (number in ends or requests <= 3 * len(KINDS))
    ]


def report(record_property, name, requests, faulty):
    """Record what the page is to say of a command."""
    told = {"name": name, "requests": requests, "faults": len(KINDS), **faulty.counts}
    record_property("command", told)
    record_property("cases", sum(faulty.counts.values()))
