"""The root of all errors, and the datasets' own."""

from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kedro.io import DatasetError
from kedro_azureml_datasets import AzureMLDatasetError, KedroAzureMLError
from stress import examples


class PortError(KedroAzureMLError):
    """An error of another package, with a fact and a constructor of its own."""

    def __init__(self, port: str) -> None:
        self.port = port
        super().__init__(f"There is no port '{port}'.", hint="Look again.")


def test_an_error_reads_as_its_message_and_its_hint() -> None:
    assert str(KedroAzureMLError("It is wrong.", hint="Write it so.")) == (
        "It is wrong.\nWrite it so."
    )


def test_an_error_without_a_hint_reads_as_its_message() -> None:
    error = KedroAzureMLError("It is wrong.")
    assert (str(error), error.hint) == ("It is wrong.", "")


def test_a_dataset_error_is_kedros_too() -> None:
    assert issubclass(AzureMLDatasetError, DatasetError)
    assert issubclass(AzureMLDatasetError, KedroAzureMLError)
    assert not issubclass(KedroAzureMLError, DatasetError)


@pytest.mark.parametrize("kind", [KedroAzureMLError, AzureMLDatasetError])
@examples(100)
@given(message=st.text(), hint=st.text())
def test_an_error_survives_the_way_between_processes(
    kind: type[KedroAzureMLError], message: str, hint: str
) -> None:
    error = pickle.loads(pickle.dumps(kind(message, hint=hint)))
    assert type(error) is kind
    assert (error.message, error.hint) == (message, hint)
    assert str(error) == str(kind(message, hint=hint))


def test_a_subclass_keeps_its_facts_on_that_way() -> None:
    for error in (pickle.loads(pickle.dumps(PortError("a"))), copy.copy(PortError("a"))):
        assert type(error) is PortError
        assert error.port == "a"
        assert str(error) == "There is no port 'a'.\nLook again."
