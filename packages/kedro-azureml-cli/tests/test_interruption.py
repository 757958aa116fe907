"""Ctrl-C is an exit code and a line, never a traceback."""

import pytest
from kedro_azureml_cli.terminal.exit_codes import StoppedError, errors_as_messages


def test_ctrl_c_is_told_with_the_exit_code_of_shells():
    with pytest.raises(StoppedError) as stopped, errors_as_messages():
        raise KeyboardInterrupt
    assert (stopped.value.exit_code, stopped.value.message) == (130, "Stopped by Ctrl-C.")
