"""What is installed here, and what of it a requirement brings along."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from typing import TYPE_CHECKING, Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from kedro_azureml_cli.environments.needs import NEVER_IN_IMAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kedro_azureml_cli.environments.image_target import ImageTarget


@dataclass(frozen=True)
class Wanted:
    """A package that an image needs, with everything that asks for it.

    Args:
        name: Its normalized name.
        requirements: What the project and other packages ask for.
        where: The file and the line, or the package, that asked for it first.
    """

    name: str
    requirements: tuple[Requirement, ...]
    where: str


def find_installed_version(name: str) -> str | None:
    """Return the version of a package here; None if it is not installed.

    Args:
        name: Its name.

    Example:
        >>> find_installed_version("click") is not None, find_installed_version("no-such-thing")
        (True, None)
    """
    found = _distribution(canonicalize_name(name))
    return str(found.version) if found is not None and found.version else None


def find_requires_python(name: str) -> str | None:
    """Return for which Pythons the installed version of a package is made; None if it says nothing.

    Args:
        name: Its name.
    """
    found = _distribution(canonicalize_name(name))
    declared = found.metadata.get_all("Requires-Python") if found is not None else None
    return declared[0] if declared else None


def find_origin(name: str) -> Mapping[str, Any]:
    """Return from which address a package was installed (PEP 610); empty for an index.

    Args:
        name: Its name.
    """
    found = _distribution(canonicalize_name(name))
    text = found.read_text("direct_url.json") if found is not None else None
    try:
        origin = json.loads(text or "{}")
    except ValueError:
        return {}
    return origin if isinstance(origin, dict) else {}


def collect_closure(
    requirements: Iterable[tuple[Requirement, str]], target: ImageTarget
) -> dict[str, Wanted]:
    """Collect what requirements bring along in the image, as the packages installed here say it.

    Packages of ours that no image needs are left out, and with them what only they need. What is
    not installed here is a leaf.

    Args:
        requirements: Each with the place that asks for it; markers are evaluated already.
        target: The image.

    Returns:
        By normalized name, sorted.
    """
    rest = list(requirements)
    found: dict[str, Wanted] = {}
    followed: set[tuple[str, str]] = set()
    while rest:
        requirement, where = rest.pop(0)
        name = canonicalize_name(requirement.name)
        if name in NEVER_IN_IMAGES:
            continue
        before = found.get(name, Wanted(name, (), where))
        found[name] = Wanted(name, (*before.requirements, requirement), before.where)
        extras = frozenset(map(canonicalize_name, requirement.extras))
        for extra in ("", *sorted(extras)):
            if (name, extra) in followed:
                continue
            followed.add((name, extra))
            known = frozenset({extra} if extra else ())
            for line in _requires(name):
                # Those without an extra are followed once, with the extra "".
                if target.holds(line.marker, known) and (
                    not extra or not target.holds(line.marker)
                ):
                    rest.append((line, name))
    return dict(sorted(found.items()))


def _requires(name: str) -> tuple[Requirement, ...]:
    found = _distribution(name)
    lines = []
    for text in (found.requires if found is not None else None) or ():
        try:
            lines.append(Requirement(text))
        except InvalidRequirement:
            continue  # of a package that pip itself reads more leniently
    return tuple(lines)


def _distribution(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except (PackageNotFoundError, ValueError):
        return None
