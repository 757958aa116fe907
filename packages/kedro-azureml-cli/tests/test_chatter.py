"""What the SDK says beside its errors is kept away, and nothing else is."""

import logging
import sys

import pytest
from kedro_azureml_cli.azure_ml.chatter import drop_upload_progress, quieten


def test_only_ends_of_colours_that_stand_alone_are_left_out(capsys):
    with drop_upload_progress():
        print("\x1b[39m\n", file=sys.stderr)
        print("one", file=sys.stderr)
        print(file=sys.stderr)
        print("\x1b[31mtwo\x1b[39m", file=sys.stderr)
    assert capsys.readouterr().err == "one\n\n\x1b[31mtwo\x1b[39m\n"


def test_bars_of_uploads_are_left_out_and_nothing_else(capsys):
    with drop_upload_progress():
        for text in ("  0%|  | 0/2 [00:00]", " 50%|# | 1/2 [00:00]"):  # as tqdm writes it
            sys.stderr.write(f"\r\x1b[32mUploading code (0.0 MBs): {text}")
            sys.stderr.write("")
        sys.stderr.write("\n")
        print("one", file=sys.stderr)
        print("two\n", file=sys.stderr)
    assert capsys.readouterr().err == "one\ntwo\n\n"


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
