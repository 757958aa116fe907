"""Remember which workspace a version on this machine came from: a small file beside its folder."""

from __future__ import annotations

import getpass
import json
import os
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Protocol

from kedro_azureml_datasets.errors import AzureMLDatasetError

if TYPE_CHECKING:
    from pathlib import Path

_MOST = 100_000
"""Characters of a record that are read; a whole one has some 400."""


class WorkspaceName(Protocol):
    """What names a workspace."""

    @property
    def subscription_id(self) -> str:
        """Id of the Azure subscription."""

    @property
    def resource_group(self) -> str:
        """Name of the resource group."""

    @property
    def name(self) -> str:
        """Name of the workspace."""


@dataclass(frozen=True)
class Origin:
    """Where a version came from.

    Args:
        subscription_id: Id of the workspace's subscription, as azureml.yml has it.
        resource_group: Name of the workspace's resource group, as azureml.yml has it.
        workspace: Name of the workspace, as azureml.yml has it.
        asset_id: The version's id in Azure ML.
        fetched_at: When it was downloaded, in UTC, as ISO 8601 has it.
        fetched_by: Name of the user of this machine who downloaded it; empty where it has none.
    """

    subscription_id: str
    resource_group: str
    workspace: str
    asset_id: str
    fetched_at: str
    fetched_by: str

    def is_from(self, workspace: WorkspaceName) -> bool:
        """Check whether this is a workspace; Azure does not distinguish upper and lower case.

        Args:
            workspace: The workspace.
        """
        own = (self.subscription_id, self.resource_group, self.workspace)
        other = (workspace.subscription_id, workspace.resource_group, workspace.name)
        return [part.lower() for part in own] == [part.lower() for part in other]


class ForeignVersionError(AzureMLDatasetError):
    """The version on this machine is that of another workspace.

    Args:
        asset: Name of the data asset.
        version: The version.
        folder: Its folder.
        origin: Where it came from.
        wanted: The workspace that azureml.yml names.
    """

    blame = "user"

    def __init__(
        self, asset: str, version: str, folder: Path, origin: Origin, wanted: WorkspaceName
    ) -> None:
        there, here = f"'{origin.workspace}'", f"'{wanted.name}'"
        if origin.workspace.lower() == wanted.name.lower():
            there += f" of '{origin.resource_group}' ({origin.subscription_id})"
            here += f" of '{wanted.resource_group}' ({wanted.subscription_id})"
        super().__init__(
            f"Version '{version}' of the data asset '{asset}' in '{folder}' was downloaded from "
            f"the workspace {there}, and the workspace to read is {here}.",
            hint="Give the dataset another 'root_dir' in this environment, or replace the version "
            f"with:  kedro azureml assets pull {asset} --version {version} --replace",
        )
        self.origin = origin


def make_origin(workspace: WorkspaceName, asset_id: str) -> Origin:
    """Return the origin of a version that is downloaded now.

    Args:
        workspace: The workspace.
        asset_id: The version's id in Azure ML.
    """
    try:
        user = getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container may have no name for its user
        user = ""
    now = datetime.now(timezone.utc).isoformat(timespec="seconds")
    return Origin(
        workspace.subscription_id, workspace.resource_group, workspace.name, asset_id, now, user
    )


def locate_origin_file(folder: Path, version: str) -> Path:
    """Return the file that says where a version came from.

    Args:
        folder: The folder of the asset.
        version: The version.
    """
    return folder / f".{version}.origin.json"


def read_origin(file: Path) -> Origin | None:
    """Read where a version came from; None where nothing, or nothing that can be read, says it.

    Args:
        file: The file: `locate_origin_file`.
    """
    try:
        with file.open(encoding="utf-8") as stream:
            content = json.loads(stream.read(_MOST))  # a device could be read without end
        return Origin(**{field.name: str(content[field.name]) for field in fields(Origin)})
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def write_origin(file: Path, origin: Origin) -> None:
    """Write where a version came from, whole or not at all.

    Args:
        file: The file: `locate_origin_file`.
        origin: The origin.
    """
    temporary = file.with_name(f"{file.name}.tmp")
    with temporary.open("w", encoding="utf-8") as stream:
        json.dump(asdict(origin), stream, indent=2)
        stream.write("\n")
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(file)
