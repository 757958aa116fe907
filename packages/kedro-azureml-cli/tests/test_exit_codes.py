"""Exit codes follow from whom the class of an error blames."""

from importlib import import_module
from pkgutil import walk_packages

import pytest
from kedro_azureml_cli.terminal.exit_codes import (
    MachineError,
    StoppedError,
    UserError,
    choose_exit_code,
    show_errors_as_messages,
)
from kedro_azureml_compiler.findings import About, FindingKind, FindingsError, Severity
from kedro_azureml_datasets import KedroAzureMLError
from kedro_azureml_datasets.azure_ml.errors import AssetDownloadError, UnsafeBlobNameError
from kedro_azureml_simulator import MachineError as SimulatorMachineError
from kedro_azureml_simulator import SimulatorError

PACKAGES = ["cli", "compiler", "datasets", "runner", "simulator"]


def _error_classes():
    for package in PACKAGES:
        root = import_module(f"kedro_azureml_{package}")
        for module in walk_packages(root.__path__, f"{root.__name__}."):
            if not module.name.endswith("__main__") and ".in_project." not in module.name:
                import_module(module.name)
    waiting = [KedroAzureMLError, SimulatorError]
    while waiting:
        found = waiting.pop()
        if found.__module__.startswith("kedro_azureml_"):
            yield found
        waiting += found.__subclasses__()


def test_every_error_class_states_whom_it_blames():
    classes = list(_error_classes())
    assert len(classes) > 40
    unstated = [found for found in classes if vars(found).get("blame") not in {"user", "machine"}]
    assert unstated == []


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (KedroAzureMLError("Job 'train' not found."), 1),
        (SimulatorError("There is no step 'fit'."), 1),
        (AssetDownloadError("The connection broke off."), 3),
        (UnsafeBlobNameError("../x", "climbs"), 1),
        (SimulatorMachineError("The disk is full."), 3),
    ],
)
def test_the_exit_code_is_by_who_must_act(error, code):
    assert choose_exit_code(error) == code
    expected = MachineError if code == 3 else UserError
    with pytest.raises(expected, match=error.message) as shown, show_errors_as_messages():
        raise error
    assert shown.value.exit_code == code


def test_findings_are_shown_before_their_error(capsys):
    odd = FindingKind("odd", Severity.ERROR, About.DATASET, "It is odd", "It is so.", "")
    with pytest.raises(UserError), show_errors_as_messages():
        raise FindingsError([odd.found("x", "is odd.")])
    assert "is odd." in capsys.readouterr().err


def test_a_defect_keeps_its_traceback():
    with pytest.raises(ZeroDivisionError), show_errors_as_messages():
        raise ZeroDivisionError


def test_ctrl_c_ends_with_the_exit_code_of_shells():
    with (
        pytest.raises(StoppedError, match=r"Stopped by Ctrl-C\.") as stopped,
        show_errors_as_messages(),
    ):
        raise KeyboardInterrupt
    assert stopped.value.exit_code == 130
