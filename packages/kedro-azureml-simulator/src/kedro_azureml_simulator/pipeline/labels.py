"""Labels, and names of computes and datastores, as Azure ML takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from kedro_azureml_simulator.pipeline.section import Section

_DISPLAY_NAME, _DESCRIPTION, _TAGS = 256, 5_000, 50
"""Limits of Azure ML's documentation, characters and count."""


def check_labels(section: Section, of: Literal["job", "component", "node"] = "job") -> None:
    """Check display name, description, tags and properties against Azure ML's limits.

    Args:
        section: Where they stand.
        of: What they are of, which decides what the SDK refuses besides: a job, or an inline
            command; a component; or a step of another kind.
    """
    for key, limit in (("display_name", _DISPLAY_NAME), ("description", _DESCRIPTION)):
        value = section.values.get(key)
        if of != "node":
            value = section.string(key)
        if value is not None and not isinstance(value, str):
            section.warn(key, f"{value!r} is not a string", "quote it")
        elif value is not None and len(value) > limit:
            section.problem(
                key, f"has {len(value)} characters; Azure ML takes {limit}", rule="labels"
            )
    for key in ("properties", "tags"):
        mapping = section.values.get(key)
        is_lax = key == "tags" and of == "node"
        if not isinstance(mapping, dict) or not is_lax:
            mapping = section.section(key).values
        for name, value in mapping.items():
            if value is not None and not isinstance(value, str):
                refused = of == "job" or (of == "node" and key == "properties")
                report = section.problem if refused else section.warn
                report(f"{key}.{name}", f"{value!r} is not a string", "quote it")
            elif not isinstance(name, str):
                section.warn(f"{key}.{name}", f"{name!r} is not a string", "quote it")
    tags = section.values.get("tags")
    if isinstance(tags, dict) and len(tags) > _TAGS:
        section.problem("tags", f"are {len(tags)}; Azure ML takes {_TAGS}", rule="labels")


def check_compute(section: Section, key: str, *, refused: bool = False) -> None:
    """Check the name of a compute.

    Args:
        section: Where it stands.
        key: Its key.
        refused: Whether the SDK refuses a name without `azureml:`.
    """
    value = section.values.get(key)
    if value is not None and not isinstance(value, str):
        section.problem(key, f"{value!r} is not a string", "write `azureml:<compute>`")
        return
    if value is None or value.startswith(("azureml:", "/")):
        return
    if value.startswith("${{"):
        if refused:
            section.problem(key, "cannot be bound to an input", "write `azureml:<compute>`")
        return
    if value == "serverless":
        return
    hint = f"write `azureml:{value}`"
    if value == "local":
        section.problem(
            key, "a pipeline cannot run on `local`", "write `azureml:<compute>`",
            rule="" if refused else "compute-local",
        )  # fmt: skip
    elif refused:
        section.problem(key, f"`{value}` lacks the prefix `azureml:`", hint)
    else:
        section.warn(key, f"`{value}` lacks the prefix `azureml:`", hint)


def check_datastore(section: Section, key: str) -> None:
    """Check the name of a datastore."""
    value = section.string(key)
    if value is not None and not value.startswith(("azureml:", "${{", "/")):
        section.problem(key, f"`{value}` lacks the prefix `azureml:`", f"write `azureml:{value}`")
