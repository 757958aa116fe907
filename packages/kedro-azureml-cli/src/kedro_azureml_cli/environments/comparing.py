"""Compare what a job's steps get with what is installed here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from kedro_azureml_cli.environments.installed import collect_closure, find_installed_version
from kedro_azureml_cli.environments.pinning import require_ours

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kedro_azureml_cli.environments.image_target import ImageTarget
    from kedro_azureml_cli.environments.needs import Need, ProjectNeeds
    from kedro_azureml_cli.environments.step_environments import StepEnvironment


class State(Enum):
    """How a package of a job compares with the one here."""

    SAME = "same"
    """The version here is the one that the job gets, or one that it may get."""
    DIFFERENT = "different"
    """The job gets another version."""
    MISSING = "missing"
    """A step needs the package, and the environment does not install it."""
    NOT_HERE = "not installed here"
    """The environment installs it, and nobody has tried it here."""
    UNKNOWN = "unknown"
    """What the environment installs is not known."""


@dataclass(frozen=True)
class Row:
    """One package.

    Args:
        name: Its name.
        in_job: What the job gets: `2.2.3`, `>=2,<3`, an address, `missing` or `unknown`.
        here: The version here; None if it is not installed.
        state: How they compare.
        is_needed: Whether the project asks for it, and not only the environment.
    """

    name: str
    in_job: str
    here: str | None
    state: State
    is_needed: bool

    @property
    def is_wrong(self) -> bool:
        """Whether the job would not run with what was tried here."""
        if self.state is State.NOT_HERE:
            return self.is_needed
        return self.state in {State.DIFFERENT, State.MISSING}


@dataclass(frozen=True)
class ComparedEnvironment:
    """An environment of a job, compared.

    Args:
        environment: The environment.
        rows: The packages that it installs, and those that the project needs.
    """

    environment: StepEnvironment
    rows: tuple[Row, ...]

    @property
    def is_wrong(self) -> bool:
        """Whether one of its packages is."""
        return any(row.is_wrong for row in self.rows)


def compare_environment(
    environment: StepEnvironment, project: ProjectNeeds, target: ImageTarget
) -> ComparedEnvironment:
    """Compare an environment with what is installed here.

    Args:
        environment: The environment.
        project: What the project says that a step needs.
        target: The image.
    """
    needed = {*project.content.names, *project.ours}
    listed: dict[str, list[Need]] = {}
    for need in environment.needs or ():
        listed.setdefault(canonicalize_name(need.requirement.name), []).append(need)
    # What a listed package brings along need not be listed itself.
    brought = collect_closure(
        [(need.requirement, need.where) for need in environment.needs or ()], target
    )
    rows = []
    for name in sorted({*listed, *needed}):
        here = find_installed_version(name)
        if environment.needs is None:
            rows.append(Row(name, "unknown", here, State.UNKNOWN, name in needed))
        elif name in listed:
            limit = require_ours(name).specifier if name in project.ours else SpecifierSet()
            rows.append(_compare(name, listed[name], here, limit, name in needed))
        elif name not in brought:
            rows.append(Row(name, "missing", here, State.MISSING, True))
    return ComparedEnvironment(environment, tuple(rows))


def _compare(
    name: str, listed: Sequence[Need], here: str | None, limit: SpecifierSet, is_needed: bool
) -> Row:
    address = next((need.requirement.url for need in listed if need.requirement.url), None)
    specifier = SpecifierSet()
    for need in listed:
        specifier &= need.requirement.specifier
    exact = next((s.version for s in specifier if s.operator in {"==", "==="}), None)
    in_job = address or exact or str(specifier) or "any version"
    if here is None:
        return Row(name, in_job, None, State.NOT_HERE, is_needed)
    if address is not None:
        return Row(name, in_job, here, State.UNKNOWN, is_needed)
    fits = (specifier & limit).contains(here, prereleases=True)
    return Row(name, in_job, here, State.SAME if fits else State.DIFFERENT, is_needed)
