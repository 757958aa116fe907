"""List what is installed for an interpreter, so that a later run knows whether that has changed."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_LIMIT_S = 60

# The names of the folders alone, since reading the metadata of each package takes long.
_ASK = """
import glob, json, os, sys
found = {
    os.path.basename(path)
    for folder in sys.path
    for end in ("dist-info", "egg-info", "egg-link")
    for path in glob.glob(os.path.join(glob.escape(folder or os.curdir), "*." + end))
}
print(json.dumps([sys.version, *sorted(found)]))
"""


def list_packages(python: Path) -> list[str] | None:
    """Return the version of an interpreter, and its packages with their versions.

    Args:
        python: The interpreter.

    Returns:
        Them; None if it does not run, which the simulation says.
    """
    try:
        answer = subprocess.run(  # noqa: S603  (the interpreter that the user chose)
            [str(python), "-c", _ASK],
            check=True,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=_LIMIT_S,
        )
        return [str(name) for name in json.loads(answer.stdout)]
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
