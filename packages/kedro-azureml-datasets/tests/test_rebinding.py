"""Replacing the dataset of an entry keeps what the catalog knows about it.

`rebind` writes to a mapping that Kedro's `CatalogProtocol` names but does not call public. These
tests tell when it moves.
"""

from __future__ import annotations

import inspect
import logging
from typing import Any

import kedro
import pytest
from kedro.io import CatalogProtocol, DataCatalog, MemoryDataset, SharedMemoryDataCatalog
from kedro_azureml_datasets.rebinding import rebind

TEXT = {"type": "text.TextDataset", "filepath": "x.txt"}
HAS_VALIDATORS = "validation_enabled" in inspect.signature(DataCatalog.from_config).parameters

both_catalogs = pytest.mark.parametrize("kind", [DataCatalog, SharedMemoryDataCatalog])


def refuse_empty(data: str) -> str:
    if not data:
        raise ValueError("empty")
    return data


def test_the_mapping_is_in_kedros_contract_of_every_catalog() -> None:
    assert "_datasets" in CatalogProtocol.__annotations__


@both_catalogs
@pytest.mark.parametrize("name", ["declared", "by_pattern", "undeclared"])
@pytest.mark.parametrize("read_before", [True, False])
def test_an_entry_serves_the_new_dataset_without_a_warning(
    caplog: pytest.LogCaptureFixture, kind: type[DataCatalog], name: str, read_before: bool
) -> None:
    catalog = kind.from_config({"declared": TEXT, "by_{pattern}": TEXT})
    if read_before:
        catalog.get(name, fallback_to_runtime_pattern=True)
    new: Any = MemoryDataset("new")
    rebind(catalog, name, new)
    assert catalog[name] is new
    assert catalog.get(name, fallback_to_runtime_pattern=True) is new
    assert catalog.load(name) == "new"
    assert name in catalog.keys()  # noqa: SIM118  (its keys are what Kedro lists)
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_the_other_entries_stay_unread() -> None:
    catalog = DataCatalog.from_config({"declared": TEXT, "other": TEXT})
    rebind(catalog, "declared", MemoryDataset("new"))
    assert list(catalog._lazy_datasets) == ["other"]


def test_the_load_version_of_the_entry_stays() -> None:
    catalog = DataCatalog.from_config(
        {"declared": {**TEXT, "versioned": True}}, load_versions={"declared": "1"}
    )
    rebind(catalog, "declared", MemoryDataset("new"))
    assert catalog._load_versions == {"declared": "1"}


@pytest.mark.skipif(
    not HAS_VALIDATORS, reason=f"Kedro {kedro.__version__} has no validators in the catalog"
)
@both_catalogs
@pytest.mark.parametrize("name", ["declared", "by_pattern"])
def test_the_validator_of_the_entry_stays(kind: type[DataCatalog], name: str) -> None:
    entry = {**TEXT, "validator": f"{refuse_empty.__module__}.refuse_empty"}
    catalog = kind.from_config({"declared": entry, "by_{pattern}": entry})
    rebind(catalog, name, MemoryDataset())
    assert catalog.validators == dict.fromkeys(["declared", name], entry["validator"])
