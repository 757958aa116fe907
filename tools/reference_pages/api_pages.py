"""The pages of the Python API: the public names of each package; and the hooks and the runner."""

from __future__ import annotations

import dataclasses
import enum
import importlib
import inspect
from typing import TYPE_CHECKING, Any, get_origin

from reference_pages.docstrings import (
    escape_markup,
    read_docstring,
    render_docstring,
    render_signature,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGES = {
    "datasets": "the two datasets of the catalog, and what a local run adds",
    "compiler": "a job as values: examine, check, compile",
    "simulator": "run any Azure ML pipeline on this machine",
    "runner": "one step, as it runs in a container",
    "cli": "`verify`, as a function; all else it has are commands",
}
"""The packages with a Python API."""

_INDEX = """# Python API

The public names of each package, from its `__all__`; all other modules are private and may change.
Made from the code; `nox -s docs` writes these pages again.

"""
_HOOKS = """# Hooks and runner

Nothing here has to be registered or chosen: the hooks come with `kedro-azureml-datasets` by an
entry point of Kedro, and the runner travels inside the snapshot of a job.

This page is made from the code; `nox -s docs` writes it again.
"""


def render_api_pages() -> dict[str, str]:
    """Return the pages by their paths in `docs/reference/`."""
    rows = "\n".join(
        f"| [`kedro_azureml_{name}`](api/{name}.md) | {about} |" for name, about in PACKAGES.items()
    )
    index = f"{_INDEX}| package | about |\n|---|---|\n{rows}\n"
    pages = {f"api/{name}.md": _render_package(f"kedro_azureml_{name}") for name in PACKAGES}
    return {"api.md": index, **pages, "hooks-and-runner.md": render_hooks_page()}


def render_hooks_page() -> str:
    """Return the page of the hooks and the runner."""
    datasets = importlib.import_module("kedro_azureml_datasets")
    runner = importlib.import_module("kedro_azureml_runner")
    shown = [
        *(
            (name, getattr(datasets, name))
            for name in ("AzureMLLocalRunHook", "AzureMLSecretsHook")
        ),
        ("fetch_secrets", datasets.fetch_secrets),
        ("AzurePipelinesRunner", runner.AzurePipelinesRunner),
    ]
    return "\n".join([_HOOKS, *(_render_name(name, value) for name, value in shown)])


def _render_package(package: str) -> str:
    module = importlib.import_module(package)
    names = sorted(set(module.__all__) - {"__version__"})
    parts = [f"# {package}\n\n{render_docstring(module)}\n"]
    return "\n".join([*parts, *(_render_name(name, getattr(module, name)) for name in names)])


def _render_name(name: str, value: Any) -> str:
    title = f"## {name}\n"
    if inspect.isclass(value):
        return f"{title}\n{_render_class(name, value)}"
    if get_origin(value) is not None:
        return f"{title}\nThe type `{value}`.\n"
    if inspect.isfunction(inspect.unwrap(value)):  # also one that remembers its results
        code = f"```python\n{render_signature(name, value)}\n```"
        return f"{title}\n{code}\n\n{render_docstring(value)}\n"
    if isinstance(value, (str, int, float, frozenset, tuple)) and not _is_large(value):
        return f"{title}\n`{value!r}`\n"
    return f"{title}\nA value of the type `{type(value).__name__}`.\n"


def _is_large(value: Any) -> bool:
    return len(repr(value)) > 80 or isinstance(value, frozenset)  # whose order differs


def _render_class(name: str, value: type) -> str:
    if issubclass(value, enum.Enum):
        members = "".join(f"- `{member.name}`: `{member.value!r}`\n" for member in value)
        return f"{render_docstring(value)}\n\n{members}"
    start = f"```python\n{render_signature(name, value)}\n```\n\n" if _has_own_start(value) else ""
    base = value.__mro__[1]
    if issubclass(value, BaseException):
        start = f"An exception, a subclass of `{base.__name__}`.\n\n"
    parts = [start + render_docstring(value) + "\n"]
    for member, documented in _list_members(value):
        if isinstance(documented, property):
            text = escape_markup(read_docstring(documented).text)
            parts.append(f"### {name}.{member}\n\nA property. {text}\n")
        else:
            code = f"```python\n{render_signature(member, documented)}\n```"
            parts.append(f"### {name}.{member}\n\n{code}\n\n{render_docstring(documented)}\n")
    return "\n".join(parts)


def _has_own_start(value: type) -> bool:
    is_named_tuple = issubclass(value, tuple) and hasattr(value, "_fields")
    return (
        is_named_tuple
        or dataclasses.is_dataclass(value)
        or any(
            "__init__" in kind.__dict__ and kind.__module__.startswith("kedro_azureml_")
            for kind in value.__mro__
        )
    )


def _list_members(value: type) -> Iterator[tuple[str, Any]]:
    """Return the documented public methods and properties that a class itself defines."""
    for name, member in vars(value).items():
        found = getattr(member, "__func__", member)
        is_shown = isinstance(found, property) or inspect.isfunction(found)
        if is_shown and not name.startswith("_") and inspect.getdoc(found):
            yield name, found
