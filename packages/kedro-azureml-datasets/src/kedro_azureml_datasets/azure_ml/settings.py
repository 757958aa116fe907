"""Read which Azure ML workspace a data asset belongs to, from `azureml.yml`.

Plain dicts, and only the mapping `workspace`: the compiler's models know the rest of the file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro_azureml_datasets.azure_ml.errors import WorkspaceSettingsError

if TYPE_CHECKING:
    from kedro.config import AbstractConfigLoader

CONFIG_PATTERNS = ("azureml*", "azureml*/**", "**/azureml*")
"""Files that hold the settings, as a pattern list of Kedro's config loader."""

DEFAULT_WORKSPACE = "__default__"

_PLACEHOLDER = re.compile(r"<[^<>]+>")

_INIT_HINT = (
    "Write it as:  workspace: {__default__: {subscription_id: ..., resource_group: ..., name: ...}}"
)

WORKSPACE_HINT = (
    f"{_INIT_HINT}\nOr leave it out, and set this machine up:  "
    "az configure --defaults group=GROUP workspace=WORKSPACE\n"
    "Or download config.json from Studio into the project's folder .azureml."
)
"""What to do where nothing names a workspace."""


@dataclass(frozen=True)
class Workspace:
    """One Azure ML workspace.

    Args:
        subscription_id: Id of the Azure subscription.
        resource_group: Name of the resource group.
        name: Name of the workspace.
    """

    subscription_id: str
    resource_group: str
    name: str

    def is_same_as(self, other: Workspace) -> bool:
        """Check whether two name one workspace; Azure does not distinguish upper and lower case.

        Args:
            other: The other.
        """
        return [part.lower() for part in astuple(self)] == [part.lower() for part in astuple(other)]


def check_workspace(workspace: Workspace, source: str = "azureml.yml") -> None:
    """Refuse a workspace whose names are placeholders, as a new `azureml.yml` has them.

    Args:
        workspace: The workspace.
        source: Where it is named, for the message.

    Raises:
        WorkspaceSettingsError: One of its names stands in angle brackets.

    Example:
        >>> check_workspace(Workspace("11111111-2222-3333-4444-555555555555", "group", "name"))
    """
    named = {field.name: getattr(workspace, field.name) for field in fields(Workspace)}
    found = [f"{name}: {text}" for name, text in named.items() if _PLACEHOLDER.search(text)]
    if found:
        raise WorkspaceSettingsError(
            f"The workspace in {source} holds placeholders: {', '.join(found)}.",
            hint="Write the names of your workspace; Studio shows all three at the top right.",
        )


def register_settings_patterns(loader: Any) -> list[str]:
    """Return the globs of the files that hold the settings, and have the loader know them.

    Patterns that the project itself has given its loader for `azureml` win. Local runs and
    `compile` both ask here, so they read the same files.

    Args:
        loader: A config loader of Kedro with `config_patterns`.
    """
    patterns: list[str] = loader.config_patterns.setdefault("azureml", list(CONFIG_PATTERNS))
    return patterns


def read_workspace(settings: Mapping[str, Any], entry: str | None = None) -> Workspace:
    """Read one entry of the mapping `workspace`.

    Args:
        settings: The content of `azureml.yml`.
        entry: Name of the entry; `__default__` where it is None.

    Raises:
        WorkspaceSettingsError: There is no such entry, or it is not whole.

    Example:
        >>> entry = {"subscription_id": "s", "resource_group": "r", "name": "w"}
        >>> read_workspace({"workspace": {"__default__": entry}}).name
        'w'
    """
    entry = entry or DEFAULT_WORKSPACE
    section = settings.get("workspace")
    if not isinstance(section, Mapping) or not section:
        raise WorkspaceSettingsError("azureml.yml has no 'workspace'.", hint=WORKSPACE_HINT)
    if entry not in section:
        raise WorkspaceSettingsError(
            f"azureml.yml has no workspace '{entry}'.",
            hint=f"It has: {', '.join(sorted(map(str, section)))}.",
        )
    values = section[entry]
    needed = [field.name for field in fields(Workspace)]
    if not isinstance(values, Mapping):
        values = {}
    missing = [name for name in needed if not values.get(name)]
    if missing:
        raise WorkspaceSettingsError(
            f"The workspace '{entry}' in azureml.yml lacks {', '.join(missing)}.", hint=_INIT_HINT
        )
    return Workspace(*(str(values[name]) for name in needed))


def read_key_vault(settings: Mapping[str, Any], entry: str | None = None) -> str | None:
    """Read the key vault of one entry of the mapping `workspace`.

    Args:
        settings: The content of `azureml.yml`.
        entry: Name of the entry; `__default__` where it is None.

    Returns:
        Its name or address, as it is written; None if the workspace's own is meant.

    Example:
        >>> read_key_vault({"workspace": {"__default__": {"name": "w", "key_vault": "sales"}}})
        'sales'
    """
    section = settings.get("workspace")
    values = section.get(entry or DEFAULT_WORKSPACE) if isinstance(section, Mapping) else None
    vault = values.get("key_vault") if isinstance(values, Mapping) else None
    return str(vault) if vault else None


class SessionSettings:
    """The `azureml.yml` of a Kedro session, read when it is first needed.

    Datasets take it with them into other processes (`ParallelRunner`), which have no session.

    Args:
        loader: The session's config loader.
        project: The project's folder; None for the working directory.
    """

    def __init__(self, loader: AbstractConfigLoader, project: Path | None = None) -> None:
        self._loader: AbstractConfigLoader | None = loader
        self._project = project
        self._read: Mapping[str, Any] | WorkspaceSettingsError | None = None
        self._default: Workspace | WorkspaceSettingsError | None = None

    def workspace(self, entry: str | None) -> Workspace:
        """Return the workspace of an entry; see `read_workspace`.

        Where `azureml.yml` has no `workspace`, the default one is that of this machine.
        """
        content = self._content()
        if isinstance(content, WorkspaceSettingsError):
            raise content
        if "workspace" in content or entry not in {None, DEFAULT_WORKSPACE}:
            return read_workspace(content, entry)
        if self._default is None:
            self._default = _read_default(self._project or Path.cwd(), content)
        if isinstance(self._default, WorkspaceSettingsError):
            raise self._default
        return self._default

    def key_vault(self, entry: str | None) -> str | None:
        """Return the key vault of an entry; see `read_key_vault`."""
        content = self._content()
        return (
            None if isinstance(content, WorkspaceSettingsError) else read_key_vault(content, entry)
        )

    def config_folders(self) -> list[Path]:
        """List the folders of the configuration, that of the environment last.

        Empty where the configuration is not in folders, or in another process.
        """
        source = Path(str(getattr(self._loader, "conf_source", "")))
        env = getattr(self._loader, "env", None) or getattr(self._loader, "default_run_env", None)
        names = (getattr(self._loader, "base_env", None), env)
        folders = [source / name for name in dict.fromkeys(names) if name]
        return [folder for folder in folders if folder.is_dir()]

    def __getstate__(self) -> dict[str, Any]:
        # A loader may hold what no other process can have: functions, open files.
        with suppress(WorkspaceSettingsError):
            self.workspace(None)
        return {**vars(self), "_loader": None, "_read": self._content()}

    def _content(self) -> Mapping[str, Any] | WorkspaceSettingsError:
        if self._read is None:
            self._read = _read_settings(self._loader)
        return self._read


def _read_default(project: Path, content: Mapping[str, Any]) -> Workspace | WorkspaceSettingsError:
    from kedro_azureml_datasets.azure_ml.workspace_defaults import find_default_workspace

    try:
        found = find_default_workspace(project)
        return found.workspace if found is not None else read_workspace(content)
    except WorkspaceSettingsError as error:
        return error


def _read_settings(loader: Any) -> Mapping[str, Any] | WorkspaceSettingsError:
    from kedro.config import MissingConfigException

    try:
        if hasattr(loader, "config_patterns"):
            register_settings_patterns(loader)
        content = loader["azureml"]
    except (MissingConfigException, KeyError):
        content = {}
    except Exception as error:  # whatever a loader raises over a broken file
        return WorkspaceSettingsError(
            f"azureml.yml cannot be read: {error}", hint="Correct the file; it must be valid YAML."
        )
    if not content:
        return WorkspaceSettingsError(
            "The project has no azureml.yml, so its workspace is not known.", hint=_INIT_HINT
        )
    if not isinstance(content, Mapping):
        return WorkspaceSettingsError("azureml.yml is not a mapping.", hint=_INIT_HINT)
    return content


_session_settings: SessionSettings | None = None


def remember_session_settings(loader: AbstractConfigLoader, project: Path | None = None) -> None:
    """Remember the config loader of the current Kedro session.

    Args:
        loader: The session's config loader. Nothing is read yet.
        project: The project's folder; None for the working directory.
    """
    global _session_settings  # noqa: PLW0603  (a process has one current session)
    _session_settings = SessionSettings(loader, project)


def recall_session_settings() -> SessionSettings | None:
    """Return the settings of the current Kedro session, if there is one."""
    return _session_settings
