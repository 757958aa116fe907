"""Put files and folders into their places, all of them or none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kedro_azureml_datasets import KedroAzureMLError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class PlacingError(KedroAzureMLError):
    """Something cannot be put into its place; nothing was changed."""

    blame = "machine"


class OccupiedPlaceError(KedroAzureMLError):
    """The place is taken."""

    blame = "user"


@dataclass(frozen=True)
class Move:
    """One file or folder that comes into a place.

    Args:
        source: Where it is.
        target: Where it belongs, on the same disk.
    """

    source: Path
    target: Path


def refuse_occupied(targets: Sequence[Path], project: Path) -> None:
    """Refuse to replace what is there.

    Args:
        targets: Places that are to be filled.
        project: The project's folder, to which paths are shown relative.

    Raises:
        OccupiedPlaceError: Some are not free.
    """
    taken = [target for target in targets if target.exists()]
    if taken:
        shown = ", ".join(f"'{_relative(path, project)}'" for path in taken)
        verb = "exists" if len(taken) == 1 else "exist"
        raise OccupiedPlaceError(
            f"{shown} already {verb}; nothing was changed.",
            hint="Replace existing data with --force, or move it away.",
        )


def place_all(moves: Sequence[Move]) -> None:
    """Put all into their places; if one cannot be, nothing is changed.

    Args:
        moves: What comes where. What was there before is left beside the source.

    Raises:
        PlacingError: One could not be moved.
    """
    done: list[Move] = []
    try:
        for number, move in enumerate(moves):
            move.target.parent.mkdir(parents=True, exist_ok=True)
            if move.target.exists():
                before = Move(move.target, move.source.parent / f".before-{number}")
                before.source.rename(before.target)
                done.append(before)
            move.source.rename(move.target)
            done.append(move)
    except OSError as error:
        for move in reversed(done):
            move.target.rename(move.source)
        raise PlacingError(
            f"'{error.filename2 or error.filename}' cannot be written: "
            f"{error.strerror or error}. Nothing was changed."
        ) from error


def _relative(path: Path, project: Path) -> str:
    return path.relative_to(project).as_posix() if path.is_relative_to(project) else str(path)
