"""Folders for what was downloaded of submitted jobs."""

from __future__ import annotations

import json
import re
import shutil
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from filelock import FileLock
from kedro_azureml_compiler import JOBS_FOLDER
from kedro_azureml_datasets import KedroAzureMLError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kedro_azureml_compiler import Workspace

SENT_FOLDER = "sent"
"""Folder of a job's folder for its code as it was sent; the code of replays may be edited."""

_WORKSPACE = "workspace.json"
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


class JobFolderError(KedroAzureMLError):
    """The folder of a job cannot be used."""

    blame = "user"


@contextmanager
def report_unwritable(folder: Path) -> Iterator[None]:
    """Turn what the file system refuses into a message.

    Args:
        folder: What is written, where the error names no file.

    Raises:
        JobFolderError: A file or folder cannot be written.
    """
    try:
        yield
    except OSError as error:
        raise JobFolderError(
            f"'{error.filename or folder}' cannot be written: {error.strerror or error}."
        ) from error


def locate_job(project: Path, name: str) -> Path:
    """Return the folder for what is downloaded of a job.

    Args:
        project: The project's folder.
        name: The job's name in Azure ML.

    Raises:
        JobFolderError: It is not a name that a folder can have.
    """
    if not _PLAIN.fullmatch(name):
        raise JobFolderError(f"'{name}' is not the name of a job in Azure ML.")
    return project / JOBS_FOLDER / name


def claim_job(project: Path, name: str, workspace: Workspace) -> Path:
    """Return the folder for what is downloaded of a job, and reserve it for the job's workspace.

    Two workspaces may have jobs of the same name; the data of one is not that of the other.

    Args:
        project: The project's folder.
        name: The job's name in Azure ML.
        workspace: The workspace.

    Raises:
        JobFolderError: It belongs to the job of another workspace, or cannot be written.
    """
    folder = locate_job(project, name)
    own = [workspace.subscription_id, workspace.resource_group, workspace.name]
    file = folder / _WORKSPACE
    with report_unwritable(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            with FileLock(folder / ".lock"):  # another process may do the same
                draft = folder / f".{_WORKSPACE}.part"
                draft.write_text(json.dumps(own), encoding="utf-8")
                draft.replace(file)
        text = file.read_text(encoding="utf-8", errors="replace")
    owner: object = None
    with suppress(ValueError):
        owner = json.loads(text)
    if str(owner).lower() != str(own).lower():
        there = "another workspace"
        if isinstance(owner, list) and len(owner) == len(own):
            there = f"the workspace '{owner[-1]}'"
        raise JobFolderError(
            f"'{folder}' holds data of the job {name} of {there}, and this job is in "
            f"'{workspace.name}'.",
            hint=f"Remove it:  kedro azureml replay {name} --clean",
        )
    return folder


def clean(project: Path, name: str) -> bool:
    """Remove what was downloaded of a job and the runs of its steps.

    Args:
        project: The project's folder.
        name: The job's name in Azure ML.

    Returns:
        Whether there was anything.

    Raises:
        JobFolderError: It cannot be removed.
    """
    folder = locate_job(project, name)
    if folder.is_symlink():
        raise JobFolderError(f"'{folder}' is a link; remove it yourself.")
    if not folder.is_dir():
        return False
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise JobFolderError(
            f"'{error.filename or folder}' cannot be removed: {error.strerror}."
        ) from error
    with suppress(OSError):
        folder.parent.rmdir()
    return True
