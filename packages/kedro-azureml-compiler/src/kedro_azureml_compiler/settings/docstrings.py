"""Make the docstrings below the fields of the models of `azureml.yml` their descriptions.

Pydantic does so itself with `use_attribute_docstrings`, but with every import: it reads the source
of each model, which doubles the time that the models take to load.
"""

from __future__ import annotations

import ast
import inspect
import sys
from typing import TYPE_CHECKING

from kedro_azureml_compiler.settings.fields import Section

if TYPE_CHECKING:
    from collections.abc import Iterator


def add_descriptions() -> None:
    """Set the descriptions of the fields, for pages and schemas made from the models.

    Example:
        >>> from kedro_azureml_compiler.settings.models import Limits
        >>> add_descriptions()
        >>> Limits.model_fields["timeout"].description
        'Maximum duration of every step in seconds.'
    """
    models = list(_subclasses(Section))
    for module in sorted({model.__module__ for model in models}):
        texts = _texts_in(module)
        for model in models:
            if model.__module__ == module:
                for name, text in texts.get(model.__name__, {}).items():
                    model.model_fields[name].description = text
    for model in models:
        model.model_rebuild(force=True)


def _subclasses(model: type[Section]) -> Iterator[type[Section]]:
    for subclass in model.__subclasses__():
        yield subclass
        yield from _subclasses(subclass)


def _texts_in(module: str) -> dict[str, dict[str, str]]:
    """Find the texts in a module, by class and by field."""
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    found = {}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            found[node.name] = dict(_texts_below_fields(node))
    return found


def _texts_below_fields(model: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for field, below in zip(model.body, model.body[1:], strict=False):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(below, ast.Expr)
            and isinstance(below.value, ast.Constant)
            and isinstance(below.value.value, str)
        ):
            yield field.target.id, inspect.cleandoc(below.value.value)
