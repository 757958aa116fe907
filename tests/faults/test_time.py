"""Time that goes wrong while a command works: a clock that jumps, a token that is good no more."""

from pathlib import Path

import pytest
from azure_loopback.processes import until
from broken_machine import JUMPING_CLOCK, find_clock_library
from faulty_requests import find_half_written
from writing_commands import USING_AZURE_ML

pytestmark = [pytest.mark.stress, pytest.mark.faults]

JUMPS = ("+2d", "-2d")
commands = pytest.mark.parametrize(
    ("start", "name"), USING_AZURE_ML, ids=[name for _, name in USING_AZURE_ML]
)


@pytest.mark.promise("a clock that jumps by days in the middle of a command is of no consequence")
@commands
def test_a_clock_that_jumps_midway_is_of_no_consequence(made, azure, tmp_path, start, name):
    faulty, healthy = made(start, name)
    clock = Path(tmp_path / "clock")
    for jump in JUMPS:
        faulty.start_over()
        clock.write_text("+0")
        sent = faulty.sent()
        azure.control.requests.clear()
        program = JUMPING_CLOCK.format(
            library=find_clock_library(), clock=str(clock), code=faulty.command.program
        )
        started = faulty.start(program=program)
        until(lambda: len(azure.control.requests) >= healthy.requests // 2)
        clock.write_text(jump)
        done = started.wait()
        assert faulty.is_whole(done), done.output
        assert len(faulty.sent() - sent) == len(healthy.sent)
        broken = find_half_written(faulty.files(), healthy.files, whole=True)
        assert not broken, (broken, done.output)


@pytest.mark.promise("a token that expires midway is renewed, or one message, and a rerun works")
@commands
def test_a_token_that_expires_midway_is_renewed_or_one_message(
    made, azure, start, name, record_property
):
    faulty, healthy = made(start, name)
    azure.control.sign_in.lifetime_s = 1
    azure.control.sign_in.grants.clear()
    renewed = faulty.run()
    assert faulty.is_whole(renewed), renewed.output
    needed = len(azure.control.sign_in.grants)
    assert needed > 1
    for most in range(needed):
        faulty.start_over()
        sent = faulty.sent()
        azure.control.sign_in.grants.clear()
        azure.control.sign_in.most = most
        done = faulty.start().wait()
        azure.control.sign_in.most = None
        faulty.assert_is_whole_or_one_message(done, codes={1})
        assert len(faulty.sent() - sent) <= len(healthy.sent)
        broken = find_half_written(faulty.files(), healthy.files, whole=False, before=faulty.before)
        assert not broken, (broken, done.output)
        again = faulty.rerun()
        assert faulty.is_whole(again), again.output
    record_property("cases", needed)
