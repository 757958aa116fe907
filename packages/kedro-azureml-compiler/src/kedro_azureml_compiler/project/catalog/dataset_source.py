"""Read what a dataset class takes from its source, so that no library of it is imported."""

from __future__ import annotations

import ast
from functools import cache
from importlib.machinery import PathFinder
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator


class DatasetSource(NamedTuple):
    """A dataset class as its source describes it.

    Args:
        module: The module that defines it.
        name: Its name there.
        arguments: What its constructor takes; None if the source does not tell.
        takes_any: Whether it takes any keyword argument (`**kwargs`).
        default_addresses: Addresses among the literals of its class attributes, which it uses
            where an entry names none.
    """

    module: str
    name: str
    arguments: tuple[str, ...] | None
    takes_any: bool = False
    default_addresses: tuple[str, ...] = ()


@cache
def read_class(module: str, name: str) -> DatasetSource | None:
    """Read a class from the source of a module, of which nothing is imported.

    Args:
        module: The module or package, such as `kedro_datasets.pandas`.
        name: The class in it, defined there, imported there, or attached lazily.

    Returns:
        What it takes; None if the source has no such class.

    Example:
        >>> read_class("kedro_datasets.pandas", "CSVDataset").arguments[:2]
        ('filepath', 'load_args')
    """
    tree = _parsed(module)
    if tree is None:
        return None
    for statement in tree.body:
        if isinstance(statement, ast.ClassDef) and statement.name == name:
            return _described(module, statement)
    origin = _lazily_attached(module).get(name) or _imported(tree, module).get(name)
    if origin is None or origin == (module, name):
        return None
    return read_class(*origin)


@cache
def list_class_names(module: str) -> tuple[str, ...]:
    """List the classes that a package attaches lazily, or that a module defines.

    Args:
        module: The module or package.

    Example:
        >>> "CSVDataset" in list_class_names("kedro_datasets.pandas")
        True
    """
    tree = _parsed(module)
    own = [s.name for s in tree.body if isinstance(s, ast.ClassDef)] if tree else []
    return tuple(sorted({*own, *_lazily_attached(module)}))


@cache
def list_submodules(package: str) -> tuple[str, ...]:
    """List the packages and modules directly in a package.

    Args:
        package: The package.
    """
    place = _place(package)
    if place is None or place.name != "__init__.py":
        return ()
    found = [p.parent.name for p in place.parent.glob("*/__init__.py")]
    found += [p.stem for p in place.parent.glob("*.py")]
    return tuple(sorted(name for name in found if not name.startswith("_")))


@cache
def _place(module: str) -> Path | None:
    """Find the file of a module below a package that is installed."""
    top, *rest = module.split(".")
    spec = PathFinder.find_spec(top)  # imports nothing, and a name of one part is all it gets
    if spec is None or not spec.submodule_search_locations:
        return None
    for folder in spec.submodule_search_locations:
        path = Path(folder).joinpath(*rest)
        for file in (path / "__init__.py", path.with_suffix(".py") if rest else path):
            if file.is_file():
                return file
    return None


@cache
def _parsed(module: str) -> ast.Module | None:
    place = _place(module)
    try:
        return ast.parse(place.read_text(encoding="utf-8")) if place else None
    except (OSError, SyntaxError, ValueError):
        return None


@cache
def _lazily_attached(module: str) -> dict[str, tuple[str, str]]:
    """Read the table of `lazy.attach`: name to the module that defines it, and its name there."""
    tree = _parsed(module)
    found: dict[str, tuple[str, str]] = {}
    for call in _calls_of_attach(tree) if tree else ():
        tables = [*call.args[2:3], *(k.value for k in call.keywords if k.arg == "submod_attrs")]
        for table in tables:
            try:
                attributes = ast.literal_eval(table)
            except ValueError:
                continue
            for submodule, names in attributes.items():
                found |= {name: (f"{module}.{submodule}", name) for name in names}
    return found


def _calls_of_attach(tree: ast.Module) -> Iterator[ast.Call]:
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):
            function = statement.value.func
            if isinstance(function, ast.Attribute) and function.attr == "attach":
                yield statement.value


def _imported(tree: ast.Module, module: str) -> dict[str, tuple[str, str]]:
    place = _place(module)
    package = module if place and place.name == "__init__.py" else module.rpartition(".")[0]
    found: dict[str, tuple[str, str]] = {}
    for statement in ast.walk(tree):
        if isinstance(statement, ast.ImportFrom):
            source = statement.module or ""
            if statement.level:
                above = package.split(".")[: len(package.split(".")) - statement.level + 1]
                source = ".".join([*above, source]).rstrip(".")
            found |= {alias.asname or alias.name: (source, alias.name) for alias in statement.names}
    return found


def _described(module: str, definition: ast.ClassDef) -> DatasetSource:
    defaults = tuple(dict.fromkeys(_default_addresses(definition)))
    for member in definition.body:
        if isinstance(member, ast.FunctionDef) and member.name == "__init__":
            given = member.args
            names = [a.arg for a in (*given.posonlyargs, *given.args, *given.kwonlyargs)][1:]
            return DatasetSource(
                module, definition.name, tuple(names), given.kwarg is not None, defaults
            )
    for base in definition.bases:
        node = base.value if isinstance(base, ast.Subscript) else base
        inherited = read_class(module, node.id) if isinstance(node, ast.Name) else None
        if inherited and inherited.arguments is not None:
            return DatasetSource(
                module,
                definition.name,
                inherited.arguments,
                inherited.takes_any,
                defaults or inherited.default_addresses,
            )
    return DatasetSource(module, definition.name, None, True, defaults)


def _default_addresses(definition: ast.ClassDef) -> Iterator[str]:
    """Find URLs, and the databases of embedded engines, in the class attributes `DEFAULT_...`."""
    for statement in definition.body:
        if isinstance(statement, ast.Assign):
            targets: list[ast.expr] = statement.targets
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            targets = [statement.target]
        else:
            continue
        if not any(isinstance(t, ast.Name) and t.id.startswith("DEFAULT_") for t in targets):
            continue
        for node in ast.walk(statement):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                if "://" in node.value:
                    yield node.value
            elif isinstance(node, ast.Dict):
                items = {
                    key.value: value.value
                    for key, value in zip(node.keys, node.values, strict=True)
                    if isinstance(key, ast.Constant) and isinstance(value, ast.Constant)
                }
                if "backend" in items:
                    yield f"{items['backend']!s}:///{items.get('database', '')!s}"
