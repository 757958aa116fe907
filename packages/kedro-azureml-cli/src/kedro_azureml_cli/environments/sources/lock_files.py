"""Read lock files: `pylock.toml` (PEP 751), `uv.lock` and `poetry.lock`."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from packaging.markers import InvalidMarker, Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from kedro_azureml_cli.environments.needs import (
    Content,
    RequirementsError,
    Undecided,
    read_requirement,
    refuse_line,
)
from kedro_azureml_cli.environments.sources.locked_graph import (
    REMAKE,
    Edge,
    LockedPackage,
    walk_lock,
)
from kedro_azureml_cli.environments.sources.toml_files import LineFinder, check_shape, read_toml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from kedro_azureml_cli.environments.image_target import ImageTarget

_MAIN = "main"
"""Poetry's group of what the package itself needs."""


def read_pylock(root: Path, path: str, target: ImageTarget) -> Content:
    """Read a `pylock.toml`, as PEP 751 has installers do.

    Args:
        root: The project's folder.
        path: The file, relative to it.
        target: The image.

    Raises:
        RequirementsError: It is not valid, or not for this image.
    """
    from packaging.pylock import (
        PackageArchive,
        PackageDirectory,
        PackageVcs,
        Pylock,
        PylockSelectError,
        PylockValidationError,
    )

    content = Content(is_locked=True)
    known: Any = target.environment()
    try:
        lock = Pylock.from_dict(read_toml(root, path))
        finder = LineFinder(root, path)
        chosen = list(lock.select(environment=known, tags=target.tags()))
    except PylockValidationError as error:
        raise RequirementsError([f"{path} is not valid: {error}."], hint=REMAKE) from error
    except PylockSelectError as error:
        raise RequirementsError(
            [f"{path} is not for Python {target.python} on linux/amd64: {error}."],
            hint="Lock for linux/amd64 too, or choose another Python with --python.",
        ) from error
    for package, what in chosen:
        where = finder.place(f'name = "{package.name}"')
        if isinstance(what, PackageDirectory):
            if what.path not in {".", "./"}:
                gone = Undecided(f"{package.name} @ {what.path}", where, _FOLDER)
                content = content.joined(Content(undecided=(gone,), is_locked=True))
            continue
        if isinstance(what, PackageVcs):
            line = f"{package.name} @ {what.type}+{what.url}@{what.commit_id}" if what.url else ""
            line += f"#subdirectory={what.subdirectory}" if line and what.subdirectory else ""
        elif isinstance(what, PackageArchive):
            line = f"{package.name} @ {what.url}" if what.url else ""
        else:
            line = f"{package.name}=={package.version or _version_of(what)}"
        if line:
            read = read_requirement(line, where, hint=REMAKE)
        else:
            text = f"{package.name} @ {getattr(what, 'path', None)}"
            read = Content(undecided=(Undecided(text, where, "a file on this machine"),))
        content = content.joined(replace(read, is_locked=True))
    return content


_FOLDER = "a folder on this machine; build a wheel that the image can get"


def _version_of(file: Any) -> str:
    from packaging.utils import parse_sdist_filename, parse_wheel_filename

    name = file.filename
    parse: Callable[[str], Any] = (
        parse_wheel_filename if name.endswith(".whl") else parse_sdist_filename
    )
    return str(parse(name)[1])


_UV_EDGE = {"name": str, "version": str, "marker": str, "extra": [str]}
_UV_SHAPE = {
    "package": [
        {
            "name": str,
            "version": str,
            "source": {...: str},
            "dependencies": [_UV_EDGE],
            "optional-dependencies": {...: [_UV_EDGE]},
        }
    ]
}


def read_uv_lock(root: Path, path: str, target: ImageTarget) -> Content:
    """Read a `uv.lock`: what the project's own package needs, without its groups.

    Args:
        root: The project's folder.
        path: The file, relative to it.
        target: The image.

    Raises:
        RequirementsError: It is not a lock of uv, or not complete.
    """
    content = read_toml(root, path)
    check_shape(path, content, _UV_SHAPE, hint="Make it again:  uv lock")
    entries = content.get("package", [])
    owns = [
        entry
        for entry in entries
        if (entry.get("source") or {}).get("virtual") == "."
        or (entry.get("source") or {}).get("editable") == "."
        or (entry.get("source") or {}).get("directory") == "."
    ]
    if "version" not in content or not owns:
        raise RequirementsError(
            [f"{path} is not a lock of this project: no package has '.' as its source."],
            hint="Make it again:  uv lock",
        )
    finder = LineFinder(root, path)
    packages = [_uv_package(finder, path, entry) for entry in entries]
    roots = [edge for entry in owns for edge in _uv_edges(path, entry.get("dependencies"))]
    return walk_lock(path, roots, packages, target)


def _uv_package(finder: LineFinder, path: str, entry: dict[str, Any]) -> LockedPackage:
    name, version = str(entry.get("name", "")), str(entry.get("version", ""))
    source = entry.get("source") or {}
    line: str | None = f"{name}=={version}"
    text = f"{name} @ {next(iter(source.values()), '')}"
    if "git" in source:
        address, _, commit = str(source["git"]).partition("#")
        folder = ""
        if "subdirectory=" in address:
            folder = "#subdirectory=" + address.rpartition("subdirectory=")[2].partition("&")[0]
        line = f"{name} @ git+{address.partition('?')[0]}@{commit}{folder}"
    elif "url" in source:
        line = f"{name} @ {source['url']}"
    elif "registry" not in source:
        line = None
    edges = {"": tuple(_uv_edges(path, entry.get("dependencies")))}
    for extra, listed in (entry.get("optional-dependencies") or {}).items():
        edges[canonicalize_name(extra)] = tuple(_uv_edges(path, listed))
    where = finder.place(f'name = "{name}"')
    is_own = next(iter(source.values()), None) == "."
    return LockedPackage(name, version, line, where, edges, text="" if is_own else text)


def _uv_edges(path: str, listed: Any) -> Iterator[Edge]:
    for item in listed if isinstance(listed, list) else ():
        if isinstance(item, dict) and isinstance(item.get("name"), str):
            yield Edge(
                item["name"],
                _is_version(item.get("version")),
                _marker(path, item.get("marker")),
                frozenset(item.get("extra") or ()),
            )


def _is_version(wanted: Any) -> Callable[[str], bool]:
    return lambda version: wanted in {None, version}


_POETRY_EDGE = (str, dict, list)
_POETRY_SHAPE = {
    "metadata": {"lock-version": str},
    "package": [
        {
            "name": str,
            "version": str,
            "source": {...: str},
            "dependencies": {...: _POETRY_EDGE},
            "extras": {...: [str]},
            "markers": (str, dict),
        }
    ],
}
_POETRY_PROJECT_SHAPE = {
    "project": {"dependencies": [str]},
    "tool": {"poetry": {"dependencies": {...: _POETRY_EDGE}}},
}


def read_poetry_lock(root: Path, path: str, target: ImageTarget) -> Content:
    """Read a `poetry.lock`: what the group `main` needs.

    Args:
        root: The project's folder.
        path: The file, relative to it; the project's `pyproject.toml` names what it starts from.
        target: The image.

    Raises:
        RequirementsError: It is not a lock of Poetry, or not complete.
    """
    content = read_toml(root, path)
    check_shape(path, content, _POETRY_SHAPE, hint="Make it again:  poetry lock")
    entries = content.get("package", [])
    if "lock-version" not in (content.get("metadata") or {}):
        raise RequirementsError(
            [f"{path} is not a lock of Poetry: 'metadata.lock-version' is missing."],
            hint="Make it again:  poetry lock",
        )
    finder = LineFinder(root, path)
    packages = [_poetry_package(finder, path, entry) for entry in entries]
    return walk_lock(path, _poetry_roots(root, target), packages, target)


def _poetry_roots(root: Path, target: ImageTarget) -> list[Edge]:
    from kedro_azureml_cli.environments.sources.pyproject_file import PYPROJECT

    content = read_toml(root, PYPROJECT)
    check_shape(PYPROJECT, content, _POETRY_PROJECT_SHAPE, hint="Correct the file.")
    edges = []
    for line in (content.get("project") or {}).get("dependencies") or ():
        try:
            edges.append(_edge_of(Requirement(line)))
        except InvalidRequirement as error:
            where = LineFinder(root, PYPROJECT).place(line)
            raise RequirementsError([refuse_line(line, where, error)]) from error
    poetry = ((content.get("tool") or {}).get("poetry") or {}).get("dependencies") or {}
    named = {canonicalize_name(edge.name) for edge in edges}
    for name, given in poetry.items():
        if name != "python" and canonicalize_name(name) not in named:
            listed = given if isinstance(given, list) else [given]
            kept = [one for one in listed if _is_for(one, target)]
            edges += _poetry_edges(PYPROJECT, name, kept)
    return edges


def _is_for(dependency: Any, target: ImageTarget) -> bool:
    """Check whether a dependency in `pyproject.toml` is needed, and for the image's Python."""
    if not isinstance(dependency, dict):
        return True
    python = str(dependency.get("python") or "*")
    return not dependency.get("optional") and _fitting(python)(target.full_version)


def _edge_of(requirement: Requirement) -> Edge:
    specifier = requirement.specifier
    return Edge(
        requirement.name,
        lambda version: specifier.contains(version, prereleases=True),
        requirement.marker,
        frozenset(requirement.extras),
    )


def _poetry_package(finder: LineFinder, path: str, entry: dict[str, Any]) -> LockedPackage:
    name, version = str(entry.get("name", "")), str(entry.get("version", ""))
    source = entry.get("source") or {}
    kind = source.get("type")
    line: str | None = f"{name}=={version}"
    if kind == "git":
        line = f"{name} @ git+{source.get('url')}@{source.get('resolved_reference')}"
        if source.get("subdirectory"):
            line += f"#subdirectory={source['subdirectory']}"
    elif kind == "url":
        line = f"{name} @ {source.get('url')}"
    elif kind in {"file", "directory"}:
        line = None
    always: list[Edge] = []
    optional: list[Edge] = []
    for needed, given in (entry.get("dependencies") or {}).items():
        is_optional = isinstance(given, dict) and given.get("optional")
        (optional if is_optional else always).extend(_poetry_edges(path, needed, given))
    edges = {"": tuple(always)}
    for extra, listed in (entry.get("extras") or {}).items():
        wanted = {canonicalize_name(_plain(item)) for item in listed}
        chosen = [edge for edge in optional if canonicalize_name(edge.name) in wanted]
        edges[canonicalize_name(extra)] = tuple(chosen)
    markers = entry.get("markers")
    marker = markers.get(_MAIN) if isinstance(markers, dict) else markers
    return LockedPackage(
        name,
        version,
        line,
        finder.place(f'name = "{name}"'),
        edges,
        _marker(path, marker),
        text=f"{name} @ {source.get('url')}",
    )


def _plain(text: str) -> str:
    """Return the name of `name[extra] (>=1.0) ; marker`, as Poetry writes it."""
    return re.split(r"[\[(;<>=!~ ]", text.strip())[0]


def _poetry_edges(path: str, name: str, given: Any) -> Iterator[Edge]:
    """Read a dependency: a version, a mapping, or a list of them."""
    for one in given if isinstance(given, list) else [given]:
        values = one if isinstance(one, dict) else {"version": one}
        yield Edge(
            name,
            _fitting(str(values.get("version", "*"))),
            _marker(path, values.get("markers")),
            frozenset(values.get("extras") or ()),
        )


def _fitting(constraint: str) -> Callable[[str], bool]:
    """Return a check of versions; a constraint in Poetry's own notation fits all of them.

    The lock has one version of nearly every package, and markers tell the others apart.
    """
    try:
        specifier = SpecifierSet("" if constraint == "*" else constraint)
    except InvalidSpecifier:
        return lambda _: True
    return lambda version: specifier.contains(version, prereleases=True)


def _marker(path: str, text: Any) -> Marker | None:
    if not text:
        return None
    try:
        return Marker(str(text))
    except InvalidMarker as error:
        reason = str(error).splitlines()[0]
        raise RequirementsError(
            [f"{path}: '{text}' is not a marker: {reason}."], hint=REMAKE
        ) from error
