"""What the SDK says beside its errors is kept away, and nothing else is."""

import logging
import sys

import pytest
from kedro_azureml_cli.azure_ml.chatter import drop_blank_lines, quieten


def test_only_ends_of_colours_that_stand_alone_are_left_out(capsys):
    with drop_blank_lines():
        print("\x1b[39m\n", file=sys.stderr)
        print("one", file=sys.stderr)
        print(file=sys.stderr)
        print("\x1b[31mtwo\x1b[39m", file=sys.stderr)
    assert capsys.readouterr().err == "one\n\n\x1b[31mtwo\x1b[39m\n"


@pytest.mark.parametrize("name", ["azure", "urllib3.connectionpool"])
def test_a_level_that_the_project_sets_is_kept(name):
    logger = logging.getLogger(name)
    before = logger.level
    try:
        logger.setLevel(logging.NOTSET)
        quieten()
        assert not logger.isEnabledFor(logging.INFO)
        logger.setLevel(logging.DEBUG)
        quieten()
        assert logger.level == logging.DEBUG
    finally:
        logger.setLevel(before)
