"""Find modules that the project's code imports from folders beside the project."""

from __future__ import annotations

import os
import site
import sys
import sysconfig
from pathlib import Path
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from kedro_azureml_compiler.planning.facts import OutsideModule

if TYPE_CHECKING:
    from collections.abc import Iterator

# Steps bring the one along, and compare the versions of the others with those in the image.
_KNOWN = ("kedro", "kedro_azureml_", "kedro_datasets")


def find_outside_modules(project: Path) -> tuple[OutsideModule, ...]:
    """Find such modules, one for each top-level package; the project has been imported.

    Args:
        project: The project's folder, absolute and resolved.
    """
    installed = _installation_folders()
    found: dict[str, OutsideModule] = {}
    for module in list(sys.modules.values()):
        file = _file_outside(installed, module)
        if file is None or not file.is_relative_to(project):
            continue
        for name in _used_modules(module):
            package = name.partition(".")[0]
            if package in found or package.startswith(_KNOWN):
                continue
            other = _file_outside(installed, sys.modules.get(name))
            if other is not None and not other.is_relative_to(project):
                importer = file.relative_to(project).as_posix()
                found[package] = OutsideModule(package, str(other), importer)
    return tuple(found[name] for name in sorted(found))


def _used_modules(module: ModuleType) -> Iterator[str]:
    for value in list(vars(module).values()):
        # By type: isinstance would wake lazy objects, such as the settings of Kedro.
        kind = type(value)
        if kind is ModuleType:
            yield value.__name__
        elif kind in {FunctionType, BuiltinFunctionType} or issubclass(kind, type):
            owner: Any = getattr(value, "__module__", None)
            if isinstance(owner, str):
                yield owner


def _file_outside(installed: tuple[str, ...], module: Any) -> Path | None:
    """Return the file of a module that is not installed."""
    file = getattr(module, "__file__", None) if type(module) is ModuleType else None
    # Before links are followed, which takes most of the time: nearly all modules are installed.
    if not isinstance(file, str) or file.startswith(installed):
        return None
    real = os.path.realpath(file)
    return None if real.startswith(installed) else Path(real)


def _installation_folders() -> tuple[str, ...]:
    """Return where Python and what is installed live; a project may have its environment inside."""
    places = {*sysconfig.get_paths().values(), *site.getsitepackages()}
    places |= {site.getusersitepackages(), sys.prefix, sys.base_prefix}
    # A system's Python has `/usr` as its prefix, where nothing but installations lies.
    named = {os.path.abspath(place) for place in places if place}  # noqa: PTH100  (resolve() follows links)
    both = named | set(map(os.path.realpath, named))
    return tuple(sorted(f"{folder.rstrip(os.sep)}{os.sep}" for folder in both))
