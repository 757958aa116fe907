"""The names that packages export for each other: one list for programs, one for type checkers."""

import ast
from importlib import import_module
from pathlib import Path

import pytest

PACKAGES = ["cli", "compiler", "datasets", "runner", "simulator"]


def _names_for_type_checkers(package):
    tree = ast.parse(Path(package.__file__).read_text(encoding="utf-8"))
    (block,) = [
        node
        for node in tree.body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    return {
        name.name: statement.module.removeprefix(f"{package.__name__}.")
        for statement in block.body
        for name in statement.names
    }


@pytest.mark.parametrize("name", PACKAGES)
def test_type_checkers_and_programs_see_the_same_names(name):
    package = import_module(f"kedro_azureml_{name}")
    assert _names_for_type_checkers(package) == package._MODULES
    assert set(package.__all__) == {*package._MODULES, "__version__"}


@pytest.mark.parametrize("name", PACKAGES)
def test_every_exported_name_exists_and_is_described(name):
    package = import_module(f"kedro_azureml_{name}")
    for exported in package.__all__:
        assert getattr(package, exported) is not None
    with pytest.raises(AttributeError, match="nothing_of_that_name"):
        package.nothing_of_that_name  # noqa: B018


def test_the_documentation_of_the_compiler_names_everything_that_it_exports():
    package = import_module("kedro_azureml_compiler")
    unnamed = [name for name in package._MODULES if f"`{name}`" not in package.__doc__]
    assert unnamed == []
