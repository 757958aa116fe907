"""The page on debugging a failing step: each command is run, and does what the page says."""

import shlex
import sys

import pytest
from answering_terminal import AnsweringTerminal
from documented_blocks import read_blocks, read_commands
from sent_project import SentProject

PAGE = "how-to/debug-a-step.md"


@pytest.fixture
def farm(shop, azure, bench) -> SentProject:
    return SentProject(shop, azure, bench.user.path)


@pytest.fixture
def terminal():
    terminal = AnsweringTerminal()
    terminal.type("y\n")  # the answer to the one question
    yield terminal
    terminal.close()


def test_a_failing_step_is_debugged_as_the_page_says(farm, terminal):
    name = farm.fail()
    farm.shop.write(".env", "TOKEN=from-the-file\n")
    commands = [
        command
        for block in read_blocks("how-to")
        if block.page == PAGE
        for command in read_commands(block) or ()
    ]
    told = {}
    for command in commands:
        words = shlex.split(command.replace("training", "all").replace("PATH", sys.executable))
        assert words[:2] == ["kedro", "azureml"]
        if "--from" in words:  # the page has the reader edit the code of the job
            (module,) = (farm.folder_of(name) / "code").glob("*/src/shop/nodes.py")
            module.write_text(module.read_text().replace('"bad" in table', "False"))
        done = farm.start(*words[2:], terminal=terminal.name).wait()
        told[command.rpartition(" ")[2]] = (done.returncode, done.output)
    codes = {word: code for word, (code, _) in told.items()}
    assert codes == {"training": 0, "fit": 1, ".env": 1, "PATH": 1, "--from": 0, "--clean": 0}
    assert "Failed" in told["training"][1]
    assert "ValueError: a bad row" in terminal.shown  # the step is attached to the terminal
    assert "with from-the-file" in told[".env"][1] + terminal.shown
    assert terminal.shown.count("Download ") == 1
    assert not farm.folder_of(name).exists()
