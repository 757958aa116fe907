"""The reference page of `azureml.yml`, written from its models."""

from __future__ import annotations

import types
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from kedro_azureml_compiler.config import AzureMLConfig

_HEAD = """# Settings: azureml.yml

Lies in `conf/base/` (or another environment of the configuration), and is read with the project's
config loader. A key that is not listed here is an error. Files of kedro-azureml-pipeline 0.1.0 are
accepted as they are. This page is written from the models; `nox -s docs` writes it anew.
"""


def settings_page() -> str:
    """Give the page, as Markdown.

    Example:
        >>> settings_page().splitlines()[0]
        '# Settings: azureml.yml'
    """
    sections = [_HEAD]
    for place, model in _models("", AzureMLConfig):
        title = f"`{place}`" if place else "The whole file"
        rows = ["| key | value | default | meaning |", "|---|---|---|---|"]
        for name, field in model.model_fields.items():
            default = (
                "needed"
                if field.is_required()
                else _default(field.get_default(call_default_factory=True))
            )
            kind = _type_in_words(field.annotation)
            rows.append(
                f"| `{field.alias or name}` | {kind} | {default} | {field.description or ''} |"
            )
        text = (model.__doc__ or "").strip()
        sections.append(f"## {title}\n\n{text}\n\n" + "\n".join(rows) + "\n")
    return "\n".join(sections)


def _models(place: str, model: type[BaseModel]) -> list[tuple[str, type[BaseModel]]]:
    found = [(place, model)]
    for name, field in model.model_fields.items():
        key = f"{place}.{field.alias or name}".lstrip(".")
        annotation: Any = field.annotation
        if get_origin(annotation) is dict:
            key, annotation = f"{key}.<name>", get_args(annotation)[1]
        if key == "jobs.<name>.schedule":
            continue  # what it holds stands at `schedules`
        for part in _flat(annotation):
            if _is_model(part):
                found += _models(key, part)
    return found


def _is_model(annotation: Any) -> bool:
    # Python 3.10 takes list[int] for a class.
    is_class = isinstance(annotation, type) and get_origin(annotation) is None
    return is_class and issubclass(annotation, BaseModel)


def _flat(annotation: Any) -> tuple[Any, ...]:
    if get_origin(annotation) in {Union, types.UnionType}:
        return tuple(part for arg in get_args(annotation) for part in _flat(arg))
    return (annotation,)


def _type_in_words(annotation: Any) -> str:
    words = []
    for part in _flat(annotation):
        origin, args = get_origin(part), get_args(part)
        if part is type(None):
            words.append("null")
        elif origin is Literal:
            words += [f"`{value}`" for value in args]
        elif origin is dict:
            words.append("a section for each name" if args[1] is not Any else "a section")
        elif origin is tuple:
            words.append(f"a list of {_type_in_words(args[0])}")
        elif _is_model(part):
            words.append("a section")
        else:
            words.append({"str": "text", "int": "number"}.get(part.__name__, part.__name__))
    return " or ".join(dict.fromkeys(words))


def _default(value: Any) -> str:
    return f"`{value}`" if isinstance(value, str) else ""
