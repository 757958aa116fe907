"""Are the packages installed in versions that fit each other?"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, requires, version
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from kedro_azureml_cli.diagnosis.probe import Probe
from kedro_azureml_cli.diagnosis.rows import failed, ok

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kedro_azureml_cli.diagnosis.rows import Row
    from kedro_azureml_cli.diagnosis.subject import Subject

_FIRST = "kedro-azureml-cli"
_OURS = "kedro-azureml-"
_SHOWN = ("kedro", "azure-ai-ml", "azure-identity")
"""Packages of others that are shown though they fit: reports of failures begin with them."""

Wanted = dict[str, list[tuple[str, Requirement]]]
"""Name of a package to what is required of it, and by which package."""


def find_requirements(first: str) -> Wanted:
    """Return what a package of ours and those that it needs require, with their extras.

    Args:
        first: Name of the package.

    Example:
        >>> sorted(find_requirements("kedro-azureml-runner"))[:1]
        ['cloudpickle']
    """
    wanted: Wanted = {}
    waiting, seen = [Requirement(first)], set[str]()
    while waiting:
        asked = waiting.pop()
        if str(asked) in seen:
            continue
        seen.add(str(asked))
        try:
            lines = requires(asked.name) or []
        except PackageNotFoundError:
            continue  # a row of its own
        for requirement in map(Requirement, lines):
            extras = asked.extras or {""}
            if requirement.marker and not any(
                requirement.marker.evaluate({"extra": extra}) for extra in extras
            ):
                continue
            name = canonicalize_name(requirement.name)
            of = wanted.setdefault(name, [])
            if (asked.name, requirement) not in of:
                of.append((asked.name, requirement))
            if name.startswith(_OURS):
                waiting.append(requirement)
    return wanted


def judge_package(name: str, requirements: Iterable[tuple[str, Requirement]]) -> Row:
    """Return the row about one package.

    Args:
        name: Its name.
        requirements: What is required of it, and by which package.
    """
    label = f"package {name}"
    requirements = list(requirements)
    ranges = ",".join(sorted({str(one.specifier) for _, one in requirements if one.specifier}))
    install = f'Install it:  pip install "{name}{ranges}"'
    try:
        found = version(name)
    except PackageNotFoundError:
        by = ", ".join(sorted({by for by, _ in requirements}))
        return failed(label, f"not installed; {by} needs it", install)
    misfits = [
        f"{by} needs {one.specifier}"
        for by, one in requirements
        if not one.specifier.contains(found, prereleases=True)
    ]
    if misfits:
        return failed(label, f"{found}; {', '.join(dict.fromkeys(misfits))}", install)
    return ok(label, found)


def _examine(_: Subject) -> Iterator[Row]:
    wanted = find_requirements(_FIRST)
    ours = sorted(name for name in {*wanted, _FIRST} if name.startswith(_OURS))
    for name in (*ours, *_SHOWN, *sorted(wanted.keys() - {*ours, *_SHOWN})):
        row = judge_package(name, wanted.get(name, ()))
        if name in ours or name in _SHOWN or row.state.value != "ok":
            yield row


PACKAGES = Probe(
    "packages",
    "Are the packages, Kedro and the SDK installed in versions that fit each other?",
    _examine,
    after=("python",),
)
