"""Which workspace an entry of the catalog belongs to."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Any

import pytest
from kedro.config import OmegaConfigLoader
from kedro_azureml_datasets.azure_ml.errors import WorkspaceSettingsError
from kedro_azureml_datasets.azure_ml.settings import SessionSettings, Workspace, read_workspace
from kedro_azureml_datasets.azure_ml.workspace import connect

if TYPE_CHECKING:
    from conftest import KedroProject

ENTRY = {"subscription_id": "s", "resource_group": "r", "name": "w"}


def settings(project: KedroProject) -> SessionSettings:
    conf = str(project.folder / "conf")
    return SessionSettings(OmegaConfigLoader(conf, base_env="base", default_run_env="local"))


def test_the_default_entry_is_taken_where_none_is_named() -> None:
    assert read_workspace({"workspace": {"__default__": ENTRY}}) == Workspace("s", "r", "w")


def test_an_entry_is_taken_by_its_name() -> None:
    other = {**ENTRY, "name": "lab"}
    section = {"workspace": {"__default__": ENTRY, "lab": other}}
    assert read_workspace(section, "lab").name == "lab"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ({}, "no 'workspace'"),
        ({"workspace": None}, "no 'workspace'"),
        ({"workspace": []}, "no 'workspace'"),
        ({"workspace": {"lab": ENTRY}}, "no workspace '__default__'"),
        ({"workspace": {"__default__": None}}, "lacks subscription_id, resource_group, name"),
        ({"workspace": {"__default__": "w"}}, "lacks subscription_id, resource_group, name"),
        ({"workspace": {"__default__": {**ENTRY, "name": ""}}}, "lacks name"),
    ],
)
def test_what_is_missing_is_named(content: dict[str, Any], told: str) -> None:
    with pytest.raises(WorkspaceSettingsError, match=told) as caught:
        read_workspace(content)
    assert caught.value.hint


def test_the_file_of_the_environment_wins(project: KedroProject) -> None:
    text = "workspace: {{__default__: {{subscription_id: s, resource_group: r, name: {0}}}}}"
    project.write("conf/base/azureml.yml", text.format("base"))
    assert settings(project).workspace(None).name == "base"
    project.write("conf/local/azureml.yml", text.format("mine"))
    assert settings(project).workspace(None).name == "mine"


@pytest.mark.parametrize(
    ("content", "told"), [(None, "no azureml.yml"), ("", "no azureml.yml"), ("a: [", "be read")]
)
def test_a_file_that_is_missing_or_broken_is_an_error_when_it_is_needed(
    project: KedroProject, content: str | None, told: str
) -> None:
    if content is not None:
        project.write("conf/base/azureml.yml", content)
    read = settings(project)
    for _ in range(2):
        with pytest.raises(WorkspaceSettingsError, match=told):
            read.workspace(None)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda s: pickle.loads(pickle.dumps(s))])
def test_a_copy_knows_the_workspace_without_the_configuration(
    project: KedroProject, copied: Any
) -> None:
    text = "workspace: {__default__: {subscription_id: s, resource_group: r, name: w}}"
    file = project.write("conf/base/azureml.yml", text)
    twin = copied(settings(project))
    file.unlink()
    assert twin.workspace(None) == Workspace("s", "r", "w")


@pytest.mark.parametrize(
    ("place", "named"),
    [
        (("<subscription-id>", "r", "w"), "subscription_id: <subscription-id>"),
        (("<subscription id>", "<resource group>", "<workspace>"), "name: <workspace>"),
    ],
)
def test_a_placeholder_is_refused_before_any_request(place, named, monkeypatch) -> None:
    def asked(*_: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr("socket.create_connection", asked)
    with pytest.raises(WorkspaceSettingsError) as caught:
        connect(Workspace(*place))
    assert named in str(caught.value)
    assert "Studio" in caught.value.hint
