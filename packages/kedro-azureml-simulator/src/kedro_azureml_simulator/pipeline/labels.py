"""Labels, and names of computes and datastores, as Azure ML takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kedro_azureml_simulator.pipeline.section import Section

_DISPLAY_NAME, _DESCRIPTION, _TAGS = 256, 5_000, 50
"""Limits of Azure ML's documentation, characters and count."""


def check_labels(section: Section, *, tags_are_strings: bool = True) -> None:
    """Check display name, description and tags against Azure ML's limits.

    Args:
        section: Where they stand.
        tags_are_strings: Whether the SDK refuses tags that are not.
    """
    for key, limit in (("display_name", _DISPLAY_NAME), ("description", _DESCRIPTION)):
        value = section.string(key)
        if value is not None and len(value) > limit:
            section.problem(
                key, f"has {len(value)} characters; Azure ML takes {limit}", rule="labels"
            )
    for name, value in section.section("properties").values.items():
        if value is not None and not isinstance(value, str):
            section.problem(f"properties.{name}", f"{value!r} is not a string", "quote it")
    tags = section.values.get("tags")
    if tags is None:
        return
    for name, value in section.subsection("tags", tags).values.items():
        if isinstance(value, str):
            continue
        report = section.problem if tags_are_strings else section.warn
        report(f"tags.{name}", f"{value!r} is not a string", "quote it")
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
    if not isinstance(value, str) or value.startswith(("azureml:", "${{", "/")):
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
