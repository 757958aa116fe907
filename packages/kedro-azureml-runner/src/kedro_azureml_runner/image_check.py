"""Compare what the step image has installed with what the bundle was compiled for.

Standard library only: this runs before anything of Kedro is imported, and its messages are for the
very case in which that import would fail.
"""

from __future__ import annotations

import json
import re
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

IMAGE_FILE = "image.json"
"""File beside the runner in the snapshot: distribution to the range that the image must have."""

_CLAUSE = re.compile(r"(>=|<=|==|!=|<|>)\s*(\d+(?:\.\d+)*)")


def find_image_problems(required: Mapping[str, str]) -> Iterator[str]:
    """Name each distribution that the image lacks or has in another version.

    Args:
        required: Distribution name to a range such as `>=0.2,<0.3`.

    Yields:
        One sentence per problem, with both versions and the pip line that mends it.

    Example:
        >>> list(find_image_problems({"kedro": ">=1.2,<2"}))
        []
        >>> print(*find_image_problems({"no-such-thing": ">=1"}))
        The step image has no no-such-thing. Install it there: pip install "no-such-thing>=1"
    """
    for name, wanted in sorted(required.items()):
        command = f'pip install "{name}{wanted}"'
        try:
            found = version(name)
        except PackageNotFoundError:
            yield f"The step image has no {name}. Install it there: {command}"
            continue
        if not is_in_range(found, wanted):
            yield (
                f"The step image has {name} {found}, and the job was compiled for {wanted}. "
                f"Install that there: {command}"
            )


def read_requirements(folder: Path) -> dict[str, str]:
    """Read what the bundle was compiled for; empty where the runner is installed in the image.

    Args:
        folder: The folder that holds the runner's package.
    """
    try:
        text = (folder / IMAGE_FILE).read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    required: dict[str, str] = json.loads(text)
    return required


def is_in_range(found: str, wanted: str) -> bool:
    """Check whether a version lies in a range of release numbers.

    Pre-releases and local labels count as their release: the ranges here are ours, `>=x,<y`.

    Args:
        found: A version, such as `1.7.0` or `0.1.0.dev3`.
        wanted: A range, such as `>=1.2,<2`.

    Example:
        >>> is_in_range("1.7.0", ">=1.2,<2"), is_in_range("2.0", ">=1.2,<2")
        (True, False)
    """
    release = _release(found)
    for operator, bound in _CLAUSE.findall(wanted):
        limit = _release(bound)
        holds = {
            ">=": release >= limit,
            "<=": release <= limit,
            "==": release == limit,
            "!=": release != limit,
            "<": release < limit,
            ">": release > limit,
        }[operator]
        if not holds:
            return False
    return True


def _release(text: str) -> tuple[int, ...]:
    match = re.match(r"\d+(?:\.\d+)*", text)
    numbers = [int(part) for part in match.group().split(".")] if match else [0]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()  # 2 and 2.0 are one release
    return tuple(numbers)
