"""A project whose commands are broken, and a command with what it does otherwise."""

import pytest
from faulty_requests import FaultyCommand
from sent_project import SentProject
from writing_commands import WRITING


@pytest.fixture
def farm(shop, azure, bench) -> SentProject:
    return SentProject(shop, azure, bench.user.path)


@pytest.fixture
def made(farm, bench):
    """Return a command that is to be broken, and what it does otherwise."""

    def make(start, name):
        faulty = FaultyCommand(farm, WRITING[start][name], start(farm), bench.user.path)
        faulty.start_over()
        healthy = faulty.run()
        assert faulty.is_whole(healthy), healthy.output
        faulty.start_over()
        return faulty, healthy

    return make
