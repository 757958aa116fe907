"""Find the workspace that this machine is set up for, where `azureml.yml` names none.

The places are those of other tools: the `config.json` of the Azure ML SDK
(`MLClient.from_config`), then the defaults of the Azure CLI (`az configure`). Neither is imported.
"""

from __future__ import annotations

import configparser
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from kedro_azureml_datasets.azure_ml.clouds import find_known_cloud
from kedro_azureml_datasets.azure_ml.errors import WorkspaceSettingsError
from kedro_azureml_datasets.azure_ml.settings import Workspace, check_workspace

_FOLDERS, _FILES = (".azureml", "aml_config", ""), ("config.json", "project.json")
_LEVELS = 20
"""How far above the first folder the SDK goes."""

_KEYS = ("subscription_id", "resource_group", "workspace_name")

_SDK_HINT = "Download it again from Studio, or name the workspace in azureml.yml."

_CLI_FOLDER, _CLI_SECTION = ".azure", "defaults"
_CLI_HINT = "Set it:  az configure --defaults group=GROUP workspace=WORKSPACE"


@dataclass(frozen=True)
class FoundWorkspace:
    """A workspace that this machine is set up for.

    Args:
        workspace: The workspace.
        source: Where it is named, for people.
    """

    workspace: Workspace
    source: str


def find_default_workspace(project: Path) -> FoundWorkspace | None:
    """Find the workspace for a project whose `azureml.yml` has no `workspace`.

    The SDK's file is looked for as the SDK does: from the working directory upwards, first in
    `.azureml`. A session of a project elsewhere starts at the project.

    Args:
        project: The project's folder.

    Returns:
        None if neither the SDK's file nor the Azure CLI names a workspace.

    Raises:
        WorkspaceSettingsError: What is there is broken or not complete.
    """
    start = _first_folder(project)
    return _find_in_sdk_file(start) or _find_in_cli(start)


def _first_folder(project: Path) -> Path:
    project = project.resolve()
    try:
        working = Path.cwd().resolve()
    except OSError:  # it was deleted
        return project
    return working if working.is_relative_to(project) else project


def _find_in_sdk_file(start: Path) -> FoundWorkspace | None:
    for folder, name in product(_FOLDERS, _FILES):
        for above in (start, *start.parents)[: _LEVELS + 1]:
            file = above / folder / name
            if os.path.isfile(file):  # noqa: PTH113  (pathlib raises where it may not look)
                found = _read_sdk_file(file, is_surely_its=bool(folder))
                if found is not None:
                    return found
                break  # the SDK goes no further either
    return None


def _read_sdk_file(file: Path, *, is_surely_its: bool) -> FoundWorkspace | None:
    """Read the SDK's file; None if it is another program's, as any `config.json` may be."""
    try:
        text = file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        if not is_surely_its:
            return None
        is_text = not isinstance(error, UnicodeDecodeError)
        reason = getattr(error, "strerror", None) if is_text else "it is not UTF-8"
        raise WorkspaceSettingsError(
            f"'{file}' cannot be read: {reason or error}.", hint=_SDK_HINT
        ) from error
    if not is_surely_its and not any(f'"{key}"' in text for key in (*_KEYS, "Scope")):
        return None
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise WorkspaceSettingsError(f"'{file}' is not JSON: {error}.", hint=_SDK_HINT) from error
    values = _take_names(content if isinstance(content, Mapping) else {})
    missing = [key for key, value in values.items() if not (isinstance(value, str) and value)]
    if missing:
        raise WorkspaceSettingsError(f"'{file}' lacks {', '.join(missing)}.", hint=_SDK_HINT)
    return _found(Workspace(*map(str, values.values())), str(file))


def _take_names(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the names by key; earlier versions of the SDK wrote one resource id."""
    parts = str(content.get("Scope") or "").split("/")
    if len(parts) > 8:
        return dict(zip(_KEYS, (parts[2], parts[4], parts[8]), strict=True))
    return {key: content.get(key) for key in _KEYS}


def _find_in_cli(start: Path) -> FoundWorkspace | None:
    # Not expanduser of pathlib: it raises where nobody has a home, as in some containers.
    home = Path(
        os.path.expanduser(  # noqa: PTH111
            os.environ.get("AZURE_CONFIG_DIR") or f"~/{_CLI_FOLDER}"
        )
    )
    # As the CLI has it: a variable, then folders of the project, then the user's.
    local = [above / home.name / "config" for above in (start, *start.parents)]
    files = list(dict.fromkeys([*local, home / "config"]))
    read = [(file, _read_cli_file(file)) for file in files]
    names: dict[str, str] = {}
    sources: list[str] = []
    for option in ("group", "workspace"):
        for source, value in _cli_values(option, read):
            names[option] = value
            sources.append(source)
            break
    if "workspace" not in names:
        return None
    if "group" not in names:
        raise WorkspaceSettingsError(
            f"az configure names the workspace '{names['workspace']}' ({sources[0]}) without a "
            "resource group.",
            hint=_CLI_HINT,
        )
    subscription = _read_subscription(home / "azureProfile.json", names["workspace"])
    workspace = Workspace(subscription, names["group"], names["workspace"])
    return _found(workspace, f"az configure ({', '.join(dict.fromkeys(sources))})")


def _cli_values(
    option: str, read: list[tuple[Path, Mapping[str, str]]]
) -> Iterator[tuple[str, str]]:
    variable = f"AZURE_DEFAULTS_{option.upper()}"
    if os.environ.get(variable):
        yield variable, os.environ[variable]
    for file, defaults in read:
        if defaults.get(option):
            yield str(file), defaults[option]


def _read_cli_file(file: Path) -> Mapping[str, str]:
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(file.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError):
        return {}  # there is none, or it is nobody's business here
    except configparser.Error as error:
        raise WorkspaceSettingsError(
            f"'{file}' cannot be read: {str(error).splitlines()[0]}", hint=_CLI_HINT
        ) from error
    return dict(parser[_CLI_SECTION]) if parser.has_section(_CLI_SECTION) else {}


def _read_subscription(file: Path, workspace: str) -> str:
    """Return the current subscription of the Azure CLI in the cloud of this process."""
    try:
        profile = json.loads(file.read_text("utf-8-sig"))  # the CLI begins it with a mark
    except (OSError, ValueError, RecursionError):
        profile = {}
    listed = profile.get("subscriptions") if isinstance(profile, Mapping) else None
    current = [
        one
        for one in (listed if isinstance(listed, list) else [])
        if isinstance(one, Mapping) and one.get("isDefault") and isinstance(one.get("id"), str)
    ]
    cloud = find_known_cloud()
    own = [one for one in current if cloud and one.get("environmentName") == cloud.name]
    if not current:
        raise WorkspaceSettingsError(
            f"az configure names the workspace '{workspace}', and '{file}' no subscription.",
            hint="Sign in and choose one:  az login; az account set --subscription NAME",
        )
    return str((own or current)[0]["id"])


def _found(workspace: Workspace, source: str) -> FoundWorkspace:
    check_workspace(workspace, source)
    return FoundWorkspace(workspace, source)
