"""The image for which requirements are evaluated: a Python on linux/amd64."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from packaging.markers import Marker
    from packaging.tags import Tag

_NEWEST_PATCH = 99
"""An image has the newest patch release of its Python, whatever that is."""

_GLIBC = 35
"""Minor version of the C library in Azure ML's images (Ubuntu 22.04); Debian 12 has 36."""

_LOWEST = (3, 10)

RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"


@dataclass(frozen=True)
class ImageTarget:
    """A Python on linux/amd64.

    Args:
        python: Its version, as in `3.11`.
    """

    python: str = RUNNING

    @property
    def full_version(self) -> str:
        """The version with a patch release."""
        parts = self.python.split(".")
        return self.python if len(parts) > 2 else f"{self.python}.{_NEWEST_PATCH}"

    @property
    def minor(self) -> tuple[int, int]:
        """The version as two numbers."""
        major, minor = self.python.split(".")[:2]
        return int(major), int(minor)

    def environment(self) -> dict[str, str]:
        """Return the values of the environment markers (PEP 508)."""
        return {
            "implementation_name": "cpython",
            "implementation_version": self.full_version,
            "os_name": "posix",
            "platform_machine": "x86_64",
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": "Linux",
            "platform_version": "",
            "python_full_version": self.full_version,
            "python_version": ".".join(map(str, self.minor)),
            "sys_platform": "linux",
        }

    def holds(self, marker: Marker | None, extras: frozenset[str] = frozenset()) -> bool:
        """Check whether a marker is true in the image, with one of the extras or without.

        Args:
            marker: The marker; None is always true.
            extras: Extras of the package whose requirement it is.

        Example:
            >>> from packaging.markers import Marker
            >>> ImageTarget("3.11").holds(Marker("sys_platform == 'darwin'"))
            False
        """
        if marker is None:
            return True
        known: Any = self.environment()
        return any(marker.evaluate({**known, "extra": extra}) for extra in ("", *sorted(extras)))

    def tags(self) -> list[Tag]:
        """Return the tags of the wheels that the image takes, the best first."""
        from packaging.tags import compatible_tags, cpython_tags

        platforms = [f"manylinux_2_{minor}_x86_64" for minor in range(_GLIBC, 4, -1)]
        platforms.insert(platforms.index("manylinux_2_17_x86_64") + 1, "manylinux2014_x86_64")
        platforms.insert(platforms.index("manylinux_2_12_x86_64") + 1, "manylinux2010_x86_64")
        platforms.insert(platforms.index("manylinux_2_5_x86_64") + 1, "manylinux1_x86_64")
        platforms.append("linux_x86_64")
        interpreter = "cp{}{}".format(*self.minor)
        return [
            *cpython_tags(self.minor, abis=[interpreter], platforms=platforms),
            *compatible_tags(self.minor, interpreter, platforms),
        ]


def check_python(version: str) -> str:
    """Check the version of an image's Python.

    Args:
        version: As it was given.

    Raises:
        ValueError: It is not a version, or one for which no step can run.

    Example:
        >>> check_python("3.11")
        '3.11'
    """
    found = re.fullmatch(r"3\.([0-9]{1,2})(\.[0-9]{1,2})?", version)
    if found is None:
        raise ValueError(f"'{version}' is not a Python version; write for example 3.11.")
    if (3, int(found[1])) < _LOWEST:
        raise ValueError(f"steps need Python 3.10 or newer, not {version}.")
    return version
