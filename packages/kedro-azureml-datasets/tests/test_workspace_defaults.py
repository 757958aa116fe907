"""Which workspace is meant where azureml.yml names none."""

from __future__ import annotations

import json
import pickle
from typing import TYPE_CHECKING

import pytest
from kedro.config import OmegaConfigLoader
from kedro_azureml_datasets.azure_ml.errors import WorkspaceSettingsError
from kedro_azureml_datasets.azure_ml.settings import SessionSettings, Workspace
from kedro_azureml_datasets.azure_ml.workspace_defaults import find_default_workspace

if TYPE_CHECKING:
    from pathlib import Path

OF_SDK = {"subscription_id": "s", "resource_group": "r", "workspace_name": "sdk"}
OF_CLI = "[defaults]\ngroup = r\nworkspace = cli\n"


def profile(*subscriptions: tuple[str, bool, str]) -> str:
    listed = [
        {"id": name, "isDefault": default, "environmentName": cloud}
        for name, default, cloud in subscriptions
    ]
    # Written with a mark at its beginning, as the CLI does.
    return "\ufeff" + json.dumps({"installationId": "i", "subscriptions": listed})


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with a home and a project, and nothing set up."""
    for variable in ("AZURE_CONFIG_DIR", "AZURE_DEFAULTS_GROUP", "AZURE_DEFAULTS_WORKSPACE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    (tmp_path / "work" / "project" / "src").mkdir(parents=True)
    (tmp_path / "home").mkdir()
    monkeypatch.chdir(tmp_path / "work" / "project")
    return tmp_path


def write(file: Path, content: object) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return file


def set_up_cli(folder: Path, config: str = OF_CLI) -> Path:
    write(
        folder / "azureProfile.json", profile(("o", False, "AzureCloud"), ("s", True, "AzureCloud"))
    )
    return write(folder / "config", config)


def found(machine: Path) -> tuple[Workspace, str] | None:
    default = find_default_workspace(machine / "work" / "project")
    return (default.workspace, default.source) if default else None


def test_nothing_is_found_on_a_machine_that_is_not_set_up(machine: Path) -> None:
    assert found(machine) is None


@pytest.mark.parametrize(
    "place",
    ["work/project/config.json", "work/project/.azureml/config.json", "work/.azureml/config.json"],
)
def test_the_file_of_the_sdk_is_found_in_the_project_and_above(machine: Path, place: str) -> None:
    file = write(machine / place, OF_SDK)
    assert found(machine) == (Workspace("s", "r", "sdk"), str(file))


def test_a_file_below_the_working_directory_counts_within_the_project(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(machine / "work/project/src/config.json", OF_SDK)
    assert found(machine) is None
    monkeypatch.chdir(machine / "work/project/src")
    assert found(machine) is not None
    monkeypatch.chdir(machine / "home")
    assert found(machine) is None


def test_the_resource_id_of_an_earlier_sdk_is_read(machine: Path) -> None:
    scope = "/subscriptions/s/resourceGroups/r/providers/Microsoft.MachineLearningServices"
    write(machine / "work/project/config.json", {"Scope": f"{scope}/workspaces/sdk"})
    assert found(machine) is not None
    assert found(machine)[0] == Workspace("s", "r", "sdk")


@pytest.mark.parametrize("content", ['{"lr": 0.1}', "// not for Azure\n{}", "[]"])
def test_the_config_of_another_program_is_left_alone(machine: Path, content: str) -> None:
    write(machine / "work/project/config.json", content)
    set_up_cli(machine / "home/.azure")
    assert found(machine)[0].name == "cli"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('{"workspace_name": "w",}', "is not JSON"),
        ({"workspace_name": "w"}, "lacks subscription_id, resource_group"),
        ({**OF_SDK, "workspace_name": 3}, "lacks workspace_name"),
        ({**OF_SDK, "workspace_name": "<name>"}, "placeholders: name: <name>"),
    ],
)
def test_a_broken_file_of_the_sdk_is_an_error_that_names_it(
    machine: Path, content: object, told: str
) -> None:
    file = write(machine / "work/project/config.json", content)
    set_up_cli(machine / "home/.azure")
    with pytest.raises(WorkspaceSettingsError, match=told) as caught:
        find_default_workspace(machine / "work/project")
    assert str(file) in caught.value.message
    assert caught.value.hint


def test_the_file_of_the_sdk_wins_over_the_cli(machine: Path) -> None:
    file = set_up_cli(machine / "home/.azure")
    assert found(machine) == (Workspace("s", "r", "cli"), f"az configure ({file})")
    write(machine / "work/project/.azureml/config.json", OF_SDK)
    assert found(machine)[0].name == "sdk"


def test_the_cli_is_read_from_where_it_is_told_to_keep_its_files(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up_cli(machine / "elsewhere")
    assert found(machine) is None
    monkeypatch.setenv("AZURE_CONFIG_DIR", str(machine / "elsewhere"))
    assert found(machine)[0].name == "cli"


def test_defaults_of_a_folder_and_of_a_variable_win_as_in_the_cli(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = set_up_cli(machine / "home/.azure")
    local = write(machine / "work/.azure/config", "[defaults]\nworkspace = near\n")
    assert found(machine) == (Workspace("s", "r", "near"), f"az configure ({file}, {local})")
    monkeypatch.setenv("AZURE_DEFAULTS_WORKSPACE", "nearest")
    assert found(machine)[0] == Workspace("s", "r", "nearest")
    assert "AZURE_DEFAULTS_WORKSPACE" in found(machine)[1]


def test_the_subscription_is_that_of_the_cloud(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up_cli(machine / "home/.azure")
    several = profile(("china", True, "AzureChinaCloud"), ("public", True, "AzureCloud"))
    write(machine / "home/.azure/azureProfile.json", several)
    assert found(machine)[0].subscription_id == "public"
    monkeypatch.setenv("AZUREML_CURRENT_CLOUD", "AzureChinaCloud")
    assert found(machine)[0].subscription_id == "china"


@pytest.mark.parametrize(
    ("config", "subscriptions", "told"),
    [
        ("[defaults]\nworkspace = w\n", profile(), "without a resource group"),
        (OF_CLI, profile(("s", False, "AzureCloud")), "no subscription"),
        (OF_CLI, "[1", "no subscription"),
        (OF_CLI, "[1]", "no subscription"),
        ("workspace = w\n", profile(), "cannot be read"),
    ],
)
def test_a_half_set_up_cli_is_an_error_with_the_command(
    machine: Path, config: str, subscriptions: str, told: str
) -> None:
    set_up_cli(machine / "home/.azure", config)
    write(machine / "home/.azure/azureProfile.json", subscriptions)
    with pytest.raises(WorkspaceSettingsError, match=told) as caught:
        find_default_workspace(machine / "work/project")
    assert "az " in caught.value.hint


@pytest.mark.parametrize("config", ["[core]\noutput = json\n", "[defaults]\ngroup = r\n", ""])
def test_a_cli_without_a_default_workspace_names_none(machine: Path, config: str) -> None:
    set_up_cli(machine / "home/.azure", config)
    assert found(machine) is None


def session(machine: Path, settings: str) -> SessionSettings:
    conf = machine / "work/project/conf"
    write(conf / "base/azureml.yml", settings)
    loader = OmegaConfigLoader(str(conf), base_env="base", default_run_env="base")
    return SessionSettings(loader, machine / "work/project")


def test_a_session_takes_the_default_only_where_azureml_yml_has_no_workspace(
    machine: Path,
) -> None:
    write(machine / "work/project/config.json", OF_SDK)
    without = session(machine, "jobs: {}")
    assert without.workspace(None).name == "sdk"
    assert without.workspace("__default__").name == "sdk"
    with pytest.raises(WorkspaceSettingsError):
        without.workspace("lab")
    entry = "{subscription_id: s, resource_group: r, name: own}"
    assert session(machine, f"workspace: {{__default__: {entry}}}").workspace(None).name == "own"
    with pytest.raises(WorkspaceSettingsError):
        session(machine, f"workspace: {{lab: {entry}}}").workspace(None)


def test_another_process_keeps_the_default_of_the_session(machine: Path) -> None:
    file = write(machine / "work/project/config.json", OF_SDK)
    kept = pickle.dumps(session(machine, "jobs: {}"))
    file.unlink()
    assert pickle.loads(kept).workspace(None).name == "sdk"


def test_a_default_that_is_broken_or_missing_is_an_error_when_it_is_needed(machine: Path) -> None:
    read = session(machine, "jobs: {}")
    with pytest.raises(WorkspaceSettingsError, match="no 'workspace'") as caught:
        read.workspace(None)
    assert "az configure" in caught.value.hint
    write(machine / "work/project/config.json", {"workspace_name": "w"})
    twin = pickle.loads(pickle.dumps(session(machine, "jobs: {}")))
    with pytest.raises(WorkspaceSettingsError, match="lacks"):
        twin.workspace(None)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (json.dumps(OF_SDK).encode("utf-16"), "config.json' cannot be read: it is not UTF-8."),
        (b"[" * 100_000, "config.json' is not JSON: "),
        (b"{", "config.json' is not JSON: "),
    ],
)
def test_a_file_of_the_sdk_that_cannot_be_read_is_named_with_what_to_do(machine, content, told):
    file = write(machine / "work/project/.azureml/config.json", "")
    file.write_bytes(content)
    with pytest.raises(WorkspaceSettingsError) as caught:
        found(machine)
    assert told in caught.value.message
    assert "codec" not in caught.value.message
    assert "Studio" in caught.value.hint


def test_a_home_that_nobody_has_names_no_workspace(machine, monkeypatch):
    monkeypatch.setenv("AZURE_CONFIG_DIR", "~nobody-of-this-name/azure")
    assert found(machine) is None
