"""The reference page of `azureml.yml`, made from its models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from kedro_azureml_compiler.settings.docstrings import add_descriptions
from kedro_azureml_compiler.settings.fields import SectionWithType
from kedro_azureml_compiler.settings.models import AzureMLConfig
from kedro_azureml_compiler.settings.places import is_model, is_union, strip_annotation

if TYPE_CHECKING:
    from pydantic import BaseModel

_HEAD = """# Settings: azureml.yml

The file is in `conf/base/` (or another environment of the configuration), and is read with the
project's config loader. A key that is not listed here is an error. Files of kedro-azureml-pipeline
0.1.0 are accepted as they are, with one difference: without `execution.code_directory`, the project
is uploaded; write `code_directory: null` if the image contains the code. For a file of
kedro-azureml 1.0, the error message contains the same settings in this format.
[Jobs](../how-to/jobs.md) explains how one entry creates several jobs, and which nodes a job runs.

[azureml.schema.json](azureml.schema.json) is the JSON schema of the file, for editors. `kedro
azureml init` and the starter write it into the project's root, and name it in the first line of
`azureml.yml`, from where editors that use the YAML language server, such as VS Code with the YAML
extension, find it without a network. Commit it; after an update of `kedro-azureml-compiler`,
`kedro azureml init --schema` writes it again. It accepts what the commands accept: references such
as `${globals:timeout}` in place of any value, keys at the top that begin with `_`, which Kedro
drops, and files that hold a part of the settings, as those of other environments do.

This page and the schema are made from the models; `nox -s docs` writes them again.
"""


def render_settings_page() -> str:
    """Return the page, as Markdown.

    Example:
        >>> render_settings_page().splitlines()[0]
        '# Settings: azureml.yml'
    """
    add_descriptions()
    sections = [_HEAD]
    for place, model in _models("", AzureMLConfig):
        title = f"`{place}`" if place else "The whole file"
        rows = ["| key | value | default | meaning |", "|---|---|---|---|"]
        for name, field in model.model_fields.items():
            default = (
                "required"
                if field.is_required()
                else _default(field.get_default(call_default_factory=True))
            )
            kind = _type_in_words(field.annotation)
            meaning = _in_one_line(field.description)
            rows.append(f"| `{field.alias or name}` | {kind} | {default} | {meaning} |")
        text = (model.__doc__ or "").strip()
        sections.append(f"## {title}\n\n{text}\n\n" + "\n".join(rows) + "\n")
    return "\n".join(sections)


def _in_one_line(text: str | None) -> str:
    return " ".join((text or "").split())


def _models(place: str, model: type[BaseModel]) -> list[tuple[str, type[BaseModel]]]:
    found = [(place, model)]
    for name, field in model.model_fields.items():
        key = f"{place}.{field.alias or name}".lstrip(".")
        if key == "jobs.<name>.schedule":
            continue  # as for `schedules`
        if key == "jobs.<name>.steps.<name>.environment":
            continue  # as for `execution`
        annotation: Any = strip_annotation(field.annotation)
        if get_origin(annotation) is dict:
            key, annotation = f"{key}.<name>", get_args(annotation)[1]
        for part in _flat(annotation):
            if is_model(part):
                found += _models(key, part)
    return found


def _flat(annotation: Any) -> list[Any]:
    annotation = strip_annotation(annotation)
    if is_union(annotation):
        return [part for arg in get_args(annotation) for part in _flat(arg)]
    return [annotation]


def _type_in_words(annotation: Any) -> str:
    words = []
    for part in _flat(annotation):
        origin, args = get_origin(part), get_args(part)
        if origin is Literal:
            words += [f"`{value}`" for value in args]
        elif origin is dict:
            inner = strip_annotation(args[1])
            words.append("a mapping" if inner is Any else f"{_type_in_words(inner)} for each name")
        elif origin is tuple:
            words.append(f"a list of {_type_in_words(args[0])}")
        elif is_model(part):
            if issubclass(part, SectionWithType):
                words.append(_type_in_words(part.model_fields["type"].annotation))
            words.append("a mapping")
        else:
            names = {"str": "string", "int": "integer", "bool": "`true` or `false`"}
            words.append(names.get(part.__name__, part.__name__))
    if type(None) in get_args(annotation):
        words.append("null")
    return " or ".join(dict.fromkeys(words))


def _default(value: Any) -> str:
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`" if isinstance(value, str) else ""
