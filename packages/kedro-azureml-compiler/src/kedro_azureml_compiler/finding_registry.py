"""Every kind of finding, collected from the modules whose rules report them.

A kind is a `FindingKind` constant of a module in one of the folders below. `--explain`, the pages
of the documentation, `checks:` and the JSON document of `check` come from here.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from kedro_azureml_compiler.findings import FindingKind

if TYPE_CHECKING:
    from collections.abc import Mapping

_FOLDERS = ("checks", "planning", "project")
"""Folders whose rules report findings; `compile` imports all of their modules anyway."""


@cache
def collect_finding_kinds() -> Mapping[str, FindingKind]:
    """Return every kind of finding by its code, sorted.

    Raises:
        ValueError: Two kinds have the same code.

    Example:
        >>> collect_finding_kinds()["nothing-produces"].severity.value
        'error'
    """
    import pkgutil

    kinds: dict[str, FindingKind] = {}
    for folder in _FOLDERS:
        package = import_module(f"{__package__}.{folder}")
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            for value in vars(import_module(module.name)).values():
                # By type: isinstance would wake Kedro's lazy settings, and import half of Kedro.
                if type(value) is FindingKind and kinds.setdefault(value.code, value) != value:
                    raise ValueError(f"Two kinds of findings have the code '{value.code}'.")
    return dict(sorted(kinds.items()))
