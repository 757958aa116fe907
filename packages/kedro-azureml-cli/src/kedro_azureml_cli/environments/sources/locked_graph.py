"""Walk the packages of a lock from those that the project names, as far as the image needs them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from kedro_azureml_cli.environments.needs import (
    NEVER_IN_IMAGES,
    RUNNER,
    Content,
    RequirementsError,
    Undecided,
    read_requirement,
)

if TYPE_CHECKING:
    from packaging.markers import Marker

    from kedro_azureml_cli.environments.image_target import ImageTarget


REMAKE = "Make it again with its tool."


@dataclass(frozen=True)
class Edge:
    """What a package of a lock needs.

    Args:
        name: The needed package.
        fits: Whether an entry with this version may be meant.
        marker: Where it is needed; None for everywhere.
        extras: Extras of the needed package.
    """

    name: str
    fits: Callable[[str], bool] = lambda _: True
    marker: Marker | None = None
    extras: frozenset[str] = frozenset()


@dataclass(frozen=True)
class LockedPackage:
    """One entry of a lock.

    Args:
        name: The package.
        version: Its version; empty for the project's own folders.
        line: The requirement to install; None where a path or a folder is locked.
        where: The file and the line.
        edges: What it needs, by extra; those of "" always.
        marker: Where the entry counts; None for everywhere.
        text: How it is shown where it cannot be installed.
    """

    name: str
    version: str
    line: str | None
    where: str
    edges: Mapping[str, tuple[Edge, ...]]
    marker: Marker | None = None
    text: str = ""


def walk_lock(
    file: str, roots: Iterable[Edge], packages: Iterable[LockedPackage], target: ImageTarget
) -> Content:
    """Return what an image needs of a lock.

    Packages of ours that no image needs are left out, and with them what only they need.

    Args:
        file: The lock, for messages.
        roots: What the project names.
        packages: The entries of the lock.
        target: The image.

    Raises:
        RequirementsError: The lock has no entry for a package.
    """
    by_name: dict[str, list[LockedPackage]] = {}
    for package in packages:
        by_name.setdefault(canonicalize_name(package.name), []).append(package)
    rest = [edge for edge in roots if target.holds(edge.marker)]
    seen: set[tuple[str, str, frozenset[str]]] = set()
    found: dict[tuple[str, str], LockedPackage] = {}
    left_out: set[str] = set()
    problems: list[str] = []
    while rest:
        edge = rest.pop()
        name = canonicalize_name(edge.name)
        if name in NEVER_IN_IMAGES or name == RUNNER:
            left_out.add(name)
            continue
        entries = [p for p in by_name.get(name, []) if target.holds(p.marker)]
        fitting = [p for p in entries if edge.fits(p.version)] or entries
        if not fitting:
            problems.append(f"{file} has no entry for '{edge.name}'.")
            continue
        package = fitting[0]
        key = (name, package.version, edge.extras)
        if key in seen:
            continue
        seen.add(key)
        found[name, package.version] = package
        for extra in ("", *map(canonicalize_name, edge.extras)):
            rest += [
                needed
                for needed in package.edges.get(extra, ())
                if target.holds(needed.marker, edge.extras)
            ]
    if problems:
        raise RequirementsError(sorted(set(problems)), hint=f"Make {file} again with its tool.")
    content = Content(is_locked=True, left_out=tuple(sorted(left_out)))
    for _, package in sorted(found.items()):
        if package.line is not None:
            read = read_requirement(package.line, package.where, hint=REMAKE)
        elif package.text:
            gone = Undecided(package.text, package.where, "a folder on this machine")
            read = Content(undecided=(gone,))
        else:
            continue
        content = content.joined(replace(read, is_locked=True))
    return content
