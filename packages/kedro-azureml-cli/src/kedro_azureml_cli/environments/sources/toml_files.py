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
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else error
        raise RequirementsError(
            [f"'{path}' is not TOML: {reason}."], hint="Correct the file, or make it again."
        ) from error
    return content


def check_shape(path: str, content: Any, shape: Any, *, hint: str, at: str = "") -> None:
    """Check that the values of a TOML file are of the types that its reader takes.

    Args:
        path: The file, for messages.
        content: What was read.
        shape: A type, several of them, a list with the shape of its items, or a mapping of keys to
            shapes, with `...` for any key. A key may be missing.
        hint: What to do if they are not.
        at: Where the content is in the file.

    Raises:
        RequirementsError: A value is of another type.

    Example:
        >>> check_shape("uv.lock", {"package": [{"name": "a"}]}, {"package": [{"name": str}]},
        ...             hint="")
    """
    kinds: Any = type(shape) if isinstance(shape, (dict, list)) else shape
    is_right = isinstance(content, kinds)
    if not is_right:
        wanted = kinds if isinstance(kinds, tuple) else (kinds,)
        named = " or ".join(_NAMES[kind] for kind in wanted)
        raise RequirementsError([f"{path}: '{at}' is not {named}."], hint=hint)
    if isinstance(shape, dict):
        for key, value in content.items():
            inner = shape.get(key, shape.get(...))
            if inner is not None:
                where = f"{at}.{key}" if at else str(key)
                check_shape(path, value, inner, hint=hint, at=where)
    elif isinstance(shape, list):
        for number, value in enumerate(content):
            check_shape(path, value, shape[0], hint=hint, at=f"{at}[{number}]")


_NAMES = {str: "a string", dict: "a mapping", list: "a list"}


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
