"""Render the files from which an image is built, and write them together."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from kedro_azureml_datasets import KedroAzureMLError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kedro_azureml_cli.environments.pinning import PinnedEnvironment

DOCKERFILE, CONDA_FILE, REQUIREMENTS = "Dockerfile", "conda.yml", "requirements.txt"


class OccupiedFilesError(KedroAzureMLError):
    """Files that would be overwritten."""

    blame = "user"


class UnwritableError(KedroAzureMLError):
    """The files cannot be written."""

    blame = "machine"


def render_files(pinned: PinnedEnvironment) -> dict[str, str]:
    """Return the content of the Dockerfile, the conda file and the requirements file, by name.

    Args:
        pinned: What the image gets.
    """
    head = _head(pinned)
    return {
        DOCKERFILE: head + _dockerfile(pinned),
        CONDA_FILE: head + render_conda(pinned),
        REQUIREMENTS: head + "".join(f"{line}\n" for line in (*pinned.options, *pinned.lines)),
    }


def render_conda(pinned: PinnedEnvironment) -> str:
    """Return a conda file, which Azure ML makes an environment of.

    Args:
        pinned: What the image gets.
    """
    dependencies: list[Any] = [f"python={pinned.target.python}", "pip"]
    dependencies += ["git"] if pinned.needs_git else []
    dependencies.append({"pip": [*pinned.options, *pinned.lines]})
    content = {"channels": ["conda-forge"], "dependencies": dependencies}
    return yaml.safe_dump(content, sort_keys=False, width=1000, allow_unicode=True)


def write_files(
    folder: Path, files: Mapping[str, str], *, force: bool, source: Path | None = None
) -> None:
    """Write files into a folder: all of them or none.

    Args:
        folder: The folder; it is made if it does not exist.
        files: Name to content.
        force: Whether files that exist are replaced.
        source: The file with the requirements, which is never replaced; None for none.

    Raises:
        OccupiedFilesError: One exists.
        UnwritableError: The machine does not take them.
    """
    if os.path.lexists(folder) and not folder.is_dir():
        raise OccupiedFilesError(
            f"'{folder}' is not a folder; nothing was written.",
            hint="Name the folder for the files with --output.",
        )
    occupied = [name for name in files if (folder / name).exists() or (folder / name).is_symlink()]
    if occupied and not force:
        raise OccupiedFilesError(
            f"'{folder}' already has {', '.join(occupied)}; nothing was written.",
            hint="Replace them with --force, or name another folder with --output.",
        )
    if source is not None and any((folder / name).resolve() == source.resolve() for name in files):
        raise OccupiedFilesError(
            f"'{source}' is what the requirements are read from; nothing was written.",
            hint="Name another folder with --output.",
        )
    made: list[tuple[str, Path]] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            handle, temporary = tempfile.mkstemp(prefix=f".{name}.", dir=folder)
            made.append((temporary, folder / name))
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
            Path(temporary).chmod(0o666 & ~_umask())
        for _, target in made:
            if target.is_dir() and not target.is_symlink():
                raise IsADirectoryError(21, "it is a folder", str(target))
        for temporary, target in made:
            Path(temporary).replace(target)
    except OSError as error:
        raise UnwritableError(
            f"'{error.filename or folder}' cannot be written: {error.strerror or error}.",
            hint="Name another folder with --output.",
        ) from error
    finally:
        for temporary, _ in made:
            Path(temporary).unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _head(pinned: PinnedEnvironment) -> str:
    python = pinned.target.python
    lines = [
        f"Made by: kedro azureml environment export --from {pinned.source} --python {python}",
        f"What {pinned.source} asks for on linux/amd64 with Python {python}; "
        f"the versions are from {pinned.versions_from}."
        if pinned.source != pinned.versions_from
        else f"What {pinned.source} has for linux/amd64 with Python {python}.",
    ]
    if pinned.undecided:
        lines.append("Left to decide:")
        lines += [f"  {one}" for one in pinned.undecided]
    return "".join(f"# {' '.join(line.splitlines())}\n" for line in lines)


def _dockerfile(pinned: PinnedEnvironment) -> str:
    git = ""
    if pinned.needs_git:
        git = (
            "RUN apt-get update && apt-get install --yes --no-install-recommends git \\\n"
            "    && rm -rf /var/lib/apt/lists/*\n"
        )
    return (
        f"FROM --platform=linux/amd64 python:{pinned.target.python}-slim\n\n{git}"
        f"COPY {REQUIREMENTS} /tmp/{REQUIREMENTS}\n"
        f"RUN pip install --no-cache-dir --requirement /tmp/{REQUIREMENTS}\n"
    )
