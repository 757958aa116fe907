"""References to secrets: read as marks, and filled in for the entries that a run uses."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from kedro.io import AbstractDataset, DataCatalog, SharedMemoryDataCatalog
from kedro_azureml_datasets import AzureMLDatasetError, AzureMLPipelineDataset
from kedro_azureml_datasets.credentials import resolvers
from kedro_azureml_datasets.credentials.filling import (
    SIMULATION_VARIABLE,
    SecretUnavailableError,
    fill_secrets,
)
from kedro_azureml_datasets.credentials.marks import find_marked_secrets
from kedro_azureml_datasets.credentials.placing import refuse_misplaced_secrets
from kedro_azureml_datasets.credentials.resolvers import register_secret_resolver
from omegaconf import OmegaConf
from omegaconf.resolvers import oc


class Door(AbstractDataset[Any, Any]):
    """Opens with what it was built with."""

    def __init__(self, credentials: Any, strict: bool = False) -> None:
        if strict and any(find_marked_secrets(credentials)):
            raise ValueError("what is this?")
        self.credentials = credentials

    def _load(self) -> Any:
        return self.credentials

    def _save(self, data: Any) -> None:
        raise NotImplementedError

    def _describe(self) -> dict[str, Any]:
        return {}


def _same(data: Any) -> Any:
    return data


ENTRY = {"type": f"{__name__}.Door", "credentials": "door"}
VALUES = {"pw": "p}w", "user": "me"}


@pytest.fixture(autouse=True)
def _resolver(monkeypatch: pytest.MonkeyPatch) -> None:
    register_secret_resolver()
    monkeypatch.setattr(resolvers, "_secrets_were_read", False)
    for name in ("PW", "USER", SIMULATION_VARIABLE):
        monkeypatch.delenv(name, raising=False)


def read(text: str) -> Any:
    return OmegaConf.to_container(OmegaConf.create(text), resolve=True)


def filled(catalog: DataCatalog, *names: str) -> list[str]:
    asked: list[str] = []

    def fetch(secrets: Any) -> dict[str, str]:
        asked.extend(secrets)
        return {secret: VALUES[secret] for secret in secrets}

    fill_secrets(catalog, names, fetch)
    return asked


URL = """
door:
  con: pg://${azureml.secret:user}:${azureml.secret:pw}@h
  more: [{k: "${azureml.secret:pw}"}]
"""


@pytest.mark.parametrize("kind", [DataCatalog, SharedMemoryDataCatalog])
@pytest.mark.parametrize("built_before", [False, True])
@pytest.mark.parametrize("name", ["entry", "by_pattern"])
def test_marks_anywhere_in_credentials_become_the_secrets(
    kind: type[DataCatalog], name: str, built_before: bool
) -> None:
    catalog = kind.from_config({"entry": ENTRY, "by_{what}": ENTRY}, read(URL))
    if built_before:  # by a hook
        assert any(find_marked_secrets(catalog.load(name)))
    assert filled(catalog, name) == ["user", "pw"]
    assert catalog.load(name) == {"con": "pg://me:p}w@h", "more": [{"k": "p}w"}]}


def test_each_secret_is_asked_for_once_and_those_of_other_entries_never() -> None:
    credentials = read(URL + "\nother: '${azureml.secret:other}'")
    catalog = DataCatalog.from_config(
        {"a": ENTRY, "b": ENTRY, "c": {**ENTRY, "credentials": "other"}}, credentials
    )
    assert filled(catalog, "a", "b", "not_there") == ["user", "pw"]
    assert catalog.load("a") == catalog.load("b")
    assert filled(catalog, "a", "b") == []  # again, there is nothing left to ask for


@pytest.mark.parametrize(
    "reference",
    [
        "${quote:${azureml.secret:pw}}",
        "pg://me:${quote:${azureml.secret:pw}}@h",
        "${upper:${azureml.secret:pw}}",
        "${oc.decode:${azureml.secret:pw}}",
        "${azureml.secret:pw}/${upper:${azureml.secret:pw}}",
    ],
)
def test_a_secret_that_another_resolver_has_changed_is_refused_and_never_used(
    reference: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    OmegaConf.register_new_resolver("quote", partial(quote, safe=""), replace=True)
    OmegaConf.register_new_resolver("upper", str.upper, replace=True)
    text = f"door: {{con: '{reference}'}}"
    catalog = DataCatalog.from_config({"x": ENTRY, "y": {**ENTRY, "credentials": {}}}, read(text))
    assert filled(catalog, "y") == []
    with pytest.raises(SecretUnavailableError, match="another resolver around") as caught:
        filled(catalog, "x")
    assert "'x' needs the secret 'pw'" in str(caught.value)
    assert "The environment variable PW is used instead" in str(caught.value)
    monkeypatch.setenv("PW", "p@w")
    catalog = DataCatalog.from_config({"x": ENTRY}, read(text))
    assert filled(catalog, "x") == []
    assert catalog.load("x")["con"].lower().replace("%40", "@").count("p@w") >= 1


def test_a_secret_may_be_the_default_of_a_variable_and_stand_beside_other_text() -> None:
    text = (
        "door: {a: '${oc.env:NOT_SET,${azureml.secret:pw}}', b: '${join:x,${azureml.secret:pw}}'}"
    )
    OmegaConf.register_new_resolver("join", lambda *parts: "-".join(parts), replace=True)
    OmegaConf.register_new_resolver("oc.env", oc.env, replace=True)  # Kedro takes it away
    catalog = DataCatalog.from_config({"x": ENTRY}, read(text))
    OmegaConf.clear_resolver("join")
    assert filled(catalog, "x") == ["pw"]
    assert catalog.load("x") == {"a": "p}w", "b": "x-p}w"}


def test_nested_datasets_and_wrappers_get_the_secrets(tmp_path: Path) -> None:
    nested = {"type": "json.JSONDataset", "filepath": "x.json", "credentials": "door"}
    entry = {"type": AzureMLPipelineDataset, "root_dir": str(tmp_path), "dataset": nested}
    catalog = DataCatalog.from_config({"x": entry}, read("door: {key: '${azureml.secret:pw}'}"))
    filled(catalog, "x")
    dataset: Any = catalog.get("x")
    assert dataset.arguments["dataset"]["credentials"] == {"key": "p}w"}


@pytest.mark.parametrize("strict", [False, True])
def test_credentials_that_are_a_string_reach_an_entry_with_a_validator(strict: bool) -> None:
    pytest.importorskip("kedro.validation.core")
    entry = {**ENTRY, "strict": strict, "validator": f"{__name__}._same"}
    catalog = DataCatalog.from_config({"x": entry}, read("door: '${azureml.secret:pw}'"))
    filled(catalog, "x")
    dataset: Any = catalog.get("x")
    assert dataset.credentials == "p}w"


def test_a_dataset_that_a_hook_has_put_in_stays() -> None:
    catalog = DataCatalog.from_config({"x": ENTRY}, read("door: '${azureml.secret:pw}'"))
    own = Door("own")
    catalog["x"] = own
    assert filled(catalog, "x") == []
    assert catalog.get("x") is own


def test_a_simulation_names_the_variables_and_fetches_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(SIMULATION_VARIABLE, "1")
    catalog = DataCatalog.from_config({"x": ENTRY}, read(URL))
    with pytest.raises(SecretUnavailableError, match="asks no key vault") as caught:
        filled(catalog, "x")
    assert "--env-var USER, PW" in str(caught.value)


def test_the_variable_wins_when_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PW", "from here")
    assert read("a: '${azureml.secret:pw}'") == {"a": "from here"}
    monkeypatch.setenv("PW", "")
    assert read("a: '${azureml.secret:pw}'") == {"a": ""}


@pytest.mark.parametrize(
    "kind", ["catalog.yml", "parameters.yml", "sub/globals.yaml", "other.json"]
)
@pytest.mark.parametrize("is_set", [False, True])
def test_a_reference_outside_credentials_is_refused_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, is_set: bool
) -> None:
    if is_set:
        monkeypatch.setenv("PW", "x")
    content = read("a: '${azureml.secret:pw}'")
    file = tmp_path / "conf/base" / kind
    file.parent.mkdir(parents=True)
    text = "# ${azureml.secret:pw} is explained here\n" if not kind.endswith("json") else "\n"
    file.write_text(text + json.dumps({"a": "${azureml.secret:pw}"}) + "\n")
    (tmp_path / "conf/base/credentials_db.yml").write_text("a: ${azureml.secret:pw}\n")
    with pytest.raises(AzureMLDatasetError, match=rf"^conf/base/{kind}:2: .* only in credentials"):
        refuse_misplaced_secrets({"catalog": content}, [tmp_path / "conf/base"])
    if not is_set:  # a configuration that is in no folder
        with pytest.raises(AzureMLDatasetError, match=r"^The catalog: "):
            refuse_misplaced_secrets({"catalog": content})


FOLDERS_LOOKED_INTO = """
from kedro_azureml_datasets.credentials.placing import refuse_misplaced_secrets
from kedro_azureml_datasets.credentials.resolvers import register_secret_resolver
from omegaconf import OmegaConf

def folders():
    print("looked")
    yield from ()

refuse_misplaced_secrets({}, folders())
print("a secret")
register_secret_resolver()
OmegaConf.create({"a": "${azureml.secret:pw}"}).a
refuse_misplaced_secrets({}, folders())
"""


def test_nothing_is_read_where_no_secret_was_referred_to() -> None:
    # In a process of its own: other tests of this one have referred to secrets.
    found = subprocess.check_output([sys.executable, "-c", FOLDERS_LOOKED_INTO], text=True)
    said = [line for line in found.splitlines() if line in {"a secret", "looked"}]  # Kedro logs
    assert said == ["a secret", "looked"]
