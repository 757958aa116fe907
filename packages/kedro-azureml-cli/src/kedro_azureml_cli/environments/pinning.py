"""Pin what an image needs: to the versions of a lock, or to those that are installed here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.metadata import requires
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from kedro_azureml_cli.environments.installed import (
    collect_closure,
    find_installed_version,
    find_origin,
    find_requires_python,
)
from kedro_azureml_cli.environments.needs import Undecided

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kedro_azureml_cli.environments.image_target import ImageTarget
    from kedro_azureml_cli.environments.installed import Wanted
    from kedro_azureml_cli.environments.needs import Need, ProjectNeeds

_COMMIT = re.compile(r"[0-9a-f]{40}")
_OURS = "every step"


@dataclass(frozen=True)
class PinnedEnvironment:
    """What an image gets.

    Args:
        target: The image.
        source: The file that said what it needs.
        lines: Requirements with one version each, and those that stand in for the undecided.
        undecided: What a person must decide.
        options: Lines for pip.
        versions_from: Where the versions come from, for people.
    """

    target: ImageTarget
    source: str
    lines: tuple[str, ...]
    undecided: tuple[Undecided, ...]
    options: tuple[str, ...]
    versions_from: str

    @property
    def needs_git(self) -> bool:
        """Whether the image needs git to install something."""
        return any(" @ git+" in line for line in self.lines)


def pin_environment(project: ProjectNeeds, target: ImageTarget) -> PinnedEnvironment:
    """Pin what an image needs.

    Args:
        project: What the project says; see `read_project_needs`.
        target: The image.
    """
    content, source = project.content, project.source
    needs = [*content.needs]
    named = content.names
    lines: list[str] = []
    undecided: list[Undecided] = list(content.undecided)
    asked = [(need.requirement, need.where) for need in needs]
    ours = [(require_ours(name), _OURS) for name in project.ours]
    if content.is_locked:
        for need in needs:
            _take_locked(need, lines, undecided)
        added = [(one, where) for one, where in ours if one.name not in named]
        wanted = collect_closure(added, target)
        wanted = {name: one for name, one in wanted.items() if name not in named}
        versions_from = source
    else:
        wanted = collect_closure([*asked, *ours], target)
        versions_from = "the versions installed here"
    for one in wanted.values():
        _take_installed(one, content.constraints, target, lines, undecided)
    return PinnedEnvironment(
        target,
        source,
        tuple(sorted(set(lines), key=_sort_key)),
        tuple(dict.fromkeys(undecided)),
        content.options,
        versions_from,
    )


def require_ours(name: str) -> Requirement:
    """Return the versions of a package of ours that fit to this command.

    Args:
        name: Its normalized name.
    """
    for line in requires("kedro-azureml-cli") or ():
        requirement = Requirement(line)
        if canonicalize_name(requirement.name) == name:
            return Requirement(f"{name}{requirement.specifier}")
    return Requirement(name)


def _sort_key(line: str) -> str:
    return canonicalize_name(Requirement(line).name)


def _take_locked(need: Need, lines: list[str], undecided: list[Undecided]) -> None:
    line = need.text
    version = next((s.version for s in need.requirement.specifier if s.operator == "=="), "")
    if _is_local(version):
        undecided.append(Undecided(line, need.where, _LOCAL))
    else:
        lines.append(line)


def _take_installed(
    wanted: Wanted,
    constraints: Iterable[Need],
    target: ImageTarget,
    lines: list[str],
    undecided: list[Undecided],
) -> None:
    """Pin a package to the version here, or say why that is not possible."""
    address = next((r.url for r in wanted.requirements if r.url), None)
    if address is not None:
        line, reason = _pin_address(wanted, address)
        lines.append(line)
        if reason:
            undecided.append(Undecided(line, wanted.where, reason, line))
        return
    limits = [r.specifier for r in wanted.requirements]
    limits += [
        need.requirement.specifier
        for need in constraints
        if canonicalize_name(need.requirement.name) == wanted.name
    ]
    specifier = SpecifierSet()
    for limit in limits:
        specifier &= limit
    extras = ",".join(sorted({extra for r in wanted.requirements for extra in r.extras}))
    loose = f"{wanted.name}{f'[{extras}]' if extras else ''}{specifier}"
    version = find_installed_version(wanted.name)
    exact = next((s.version for s in specifier if s.operator == "=="), "")
    if _is_local(exact) or (version is not None and _is_local(version)):
        text = loose if _is_local(exact) else f"{wanted.name}=={version}"
        undecided.append(Undecided(text, wanted.where, _LOCAL))
        return
    reason = _why_not(wanted.name, version, specifier, target)
    if reason:
        lines.append(loose)
        undecided.append(Undecided(loose, wanted.where, reason, loose))
    else:
        lines.append(f"{wanted.name}=={version}")


_LOCAL = (
    "a local version, which the default index does not have; write its wheel's address, or a "
    "version without '+'"
)


def _why_not(
    name: str, version: str | None, specifier: SpecifierSet, target: ImageTarget
) -> str | None:
    if version is None:
        return "not installed here, so it has no version yet; install it, or pin it"
    if not specifier.contains(version, prereleases=True):
        return f"{version} is installed here, which does not fit; install one that does"
    pythons = find_requires_python(name)
    try:
        fits = SpecifierSet(pythons or "").contains(target.full_version)
    except InvalidSpecifier:
        fits = True
    if not fits:
        return f"{version} is installed here, which is not for Python {target.python}"
    return None


def _pin_address(wanted: Wanted, address: str) -> tuple[str, str | None]:
    """Pin a repository to its commit; other addresses name one file."""
    if not re.match(r"(git|hg|svn|bzr)\+", address):
        return f"{wanted.name} @ {address}", None
    base, hash_sign, fragment = address.partition("#")
    scheme, _, rest = base.partition("://")
    host, slash, path = rest.partition("/")
    repository, _, revision = path.partition("@")
    if _COMMIT.fullmatch(revision):
        return f"{wanted.name} @ {address}", None
    commit = (find_origin(wanted.name).get("vcs_info") or {}).get("commit_id")
    if commit:
        pinned = f"{scheme}://{host}{slash}{repository}@{commit}"
        return f"{wanted.name} @ {pinned}{hash_sign}{fragment}", None
    return f"{wanted.name} @ {address}", "a branch or a tag, which may move; name a commit"


def _is_local(version: str) -> bool:
    try:
        return Version(version).local is not None
    except InvalidVersion:
        return False
