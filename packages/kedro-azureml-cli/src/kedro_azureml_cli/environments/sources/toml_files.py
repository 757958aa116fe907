"""Read TOML files of a project, with errors that name the file and the line."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from kedro_azureml_cli.environments.needs import RequirementsError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from pathlib import Path


def read_toml(root: Path, path: str) -> dict[str, Any]:
    """Read a TOML file.

    Args:
        root: The project's folder.
        path: The file, relative to it.

    Raises:
        RequirementsError: It cannot be read, or is not TOML.
    """
    try:
        content: dict[str, Any] = tomllib.loads((root / path).read_text("utf-8-sig"))
    except OSError as error:
        raise RequirementsError(
            [f"'{path}' cannot be read: {error.strerror}."], hint="Name another file:  --from FILE"
        ) from error
    except UnicodeDecodeError as error:
        raise RequirementsError(
            [f"'{path}' cannot be read: it is not UTF-8."], hint="Save it as UTF-8."
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise RequirementsError(
            [f"'{path}' is not TOML: {error}."], hint="Correct the file, or make it again."
        ) from error
    return content


class LineFinder:
    """Finds the line of a file on which something is written.

    Args:
        root: The project's folder.
        path: The file, relative to it; it is UTF-8.
    """

    def __init__(self, root: Path, path: str) -> None:
        self._path = path
        self._lines = (root / path).read_text("utf-8-sig").splitlines()
        self._whole: dict[str, int] = {}
        for number, line in enumerate(self._lines, 1):
            self._whole.setdefault(line, number)

    def place(self, text: str) -> str:
        """Return the file with the line that is this text, or else holds it first.

        Args:
            text: The text; the file alone is returned if no line has it.
        """
        number = self._whole.get(text)
        if number is None:
            found = (number for number, line in enumerate(self._lines, 1) if text in line)
            number = next(found, None)
        return self._path if number is None else f"{self._path}:{number}"
