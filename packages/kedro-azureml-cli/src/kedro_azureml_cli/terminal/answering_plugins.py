"""Say which distribution answers `kedro azureml` where several are installed.

Kedro takes the first one that it finds on the disk, and says nothing.
"""

from __future__ import annotations

from contextlib import suppress
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

OURS = "kedro-azureml-cli"
_COMMAND = "azureml"


def describe_conflict(distributions: Sequence[tuple[str, str]]) -> str:
    """Return the warning about several distributions with one command, or an empty string.

    Args:
        distributions: Name and version of each, the one that answers first.

    Example:
        >>> print(describe_conflict([("kedro-azureml-cli", "0.2.0"), ("kedro-azureml", "1")]))
        Warning: kedro-azureml-cli 0.2.0 answers 'kedro azureml'; kedro-azureml 1 is installed too.
        Remove kedro-azureml with:  pip uninstall kedro-azureml
    """
    others = [name for name, _ in distributions if name != OURS]
    if not others or len(distributions) < 2:
        return ""
    answering, *silent = (f"{name} {version}" for name, version in distributions)
    verb = "is" if len(silent) == 1 else "are"
    return (
        f"Warning: {answering} answers 'kedro azureml'; {' and '.join(silent)} {verb} installed "
        f"too.\nRemove {' and '.join(others)} with:  pip uninstall {' '.join(others)}"
    )


def find_answering_plugins() -> list[tuple[str, str]]:
    """Return the distributions with the command, in the order in which Kedro asks them.

    Returns:
        Name and version of each.
    """
    by_group: dict[str, list[tuple[str, str]]] = {}
    for point in entry_points(group="kedro.project_commands"):
        with suppress(Exception):  # Kedro itself warns of those that cannot be loaded
            group = point.load()
            found = by_group.setdefault(getattr(group, "name", ""), [])  # Kedro asks those together
            if point.dist is not None and _COMMAND in getattr(group, "commands", {}):
                found.append((point.dist.name.lower().replace("_", "-"), point.dist.version))
    return [found for group in by_group.values() for found in dict.fromkeys(group)]
