"""Probes: each is declared once, in a module of `probes/`, and collected from there."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from graphlib import TopologicalSorter
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kedro_azureml_cli.diagnosis.rows import Row
    from kedro_azureml_cli.diagnosis.subject import Place, Subject


@dataclass(frozen=True)
class Probe:
    """A question about this machine, the project or the sign-in.

    Args:
        name: Its name, as in `sign-in`.
        question: What it answers, for the page of the command.
        examine: Answers it; what it finds out for others it leaves in the subject.
        after: Names of the probes whose findings it uses, or below which it is to stand.
    """

    name: str
    question: str
    examine: Callable[[Subject], Iterable[Row]]
    after: tuple[str, ...] = ()


@dataclass(frozen=True)
class WorkspaceProbe:
    """A question to a workspace that has answered; all of them are asked together.

    Args:
        name: Its name, as in `compute`.
        question: What it answers, for the page of the command.
        examine: Answers it for one workspace; in a thread of its own.
    """

    name: str
    question: str
    examine: Callable[[Place], Iterable[Row]]


def collect_probes() -> tuple[list[Probe], list[WorkspaceProbe]]:
    """Return all probes in the order in which they are shown.

    Example:
        >>> [probe.name for probe in collect_probes()[1]]
        ['compute', 'data-asset', 'datastore', 'environment', 'key-vault']
    """
    package = import_module(f"{__package__}.probes")
    declared = [
        value
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")
        for value in vars(import_module(module.name)).values()
    ]
    first = {value.name: value for value in declared if isinstance(value, Probe)}
    order = TopologicalSorter({name: first[name].after for name in sorted(first)}).static_order()
    last = [value for value in declared if isinstance(value, WorkspaceProbe)]
    return [first[name] for name in order], sorted(last, key=lambda probe: probe.name)
