"""Typed access to a mapping read from YAML, collecting what is wrong instead of raising."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from kedro_azureml_simulator.errors import PipelineError, Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path


_DISPLAY_NAME, _DESCRIPTION, _TAGS = 256, 5_000, 50
"""Limits of Azure ML's documentation, characters and count; its Python SDK does not check them."""


def read_yaml(path: Path) -> Any:
    """Read one YAML file.

    Args:
        path: The file.

    Returns:
        What the file holds.

    Raises:
        PipelineError: The file cannot be read, or is not YAML.
    """
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        problem = Problem("", f"the file cannot be read: {error.strerror}", "check its path")
    except UnicodeDecodeError:
        problem = Problem("", "the file is not text in UTF-8", "save it as UTF-8")
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        # A date that no calendar has is a ValueError, a nesting without end a RecursionError.
        problem = Problem("", "the file is not YAML: " + " ".join(str(error).split()))
    raise PipelineError(path, [problem])


def literal_text(value: object) -> str | None:
    """Return the text that Azure ML sends for a literal, None for what is no literal.

    Args:
        value: The value as YAML gives it.

    Example:
        >>> literal_text(True), literal_text(0.001), literal_text(None)
        ('True', '0.001', None)
    """
    return str(value) if isinstance(value, str | bool | int | float) else None


def is_literal_of(type_name: str, text: str) -> bool:
    """Tell whether a text can be a literal of one of Azure ML's types.

    Args:
        type_name: string, number, integer or boolean.
        text: The literal.

    Example:
        >>> is_literal_of("integer", "3"), is_literal_of("integer", "3.5")
        (True, False)
    """
    if type_name == "boolean":
        return text.lower() in {"true", "false"}
    if type_name == "string":
        return True
    try:
        int(text) if type_name == "integer" else float(text)
    except ValueError:
        return False
    return True


@dataclass(frozen=True)
class Section:
    """One mapping of the YAML and its place, sharing one list of problems with its parts."""

    where: str
    values: Mapping[str, Any]
    problems: list[Problem] = field(repr=False)

    def problem(self, key: str, text: str, hint: str = "") -> None:
        """Note what is wrong with one key; an empty key means the section itself."""
        place = ".".join(part for part in (self.where, key) if part)
        self.problems.append(Problem(place, text, hint))

    def section(self, key: str) -> Section:
        """Return the mapping under a key, empty where there is none."""
        return self.subsection(key, self.values.get(key))

    def subsection(self, key: str, value: object) -> Section:
        """Return a value as a section below this one."""
        place = ".".join(part for part in (self.where, key) if part)
        if value is None:
            value = {}
        if not isinstance(value, dict):
            self.problem(key, f"must be a mapping, not {_kind(value)}")
            value = {}
        for name in value:
            if not isinstance(name, str):
                self.problem(key, f"the key {name!r} is not text", f'quote it: "{name}"')
        named = {name: item for name, item in value.items() if isinstance(name, str)}
        return Section(place, named, self.problems)

    def text(self, key: str) -> str | None:
        """Return a text, None where there is none."""
        value = self.values.get(key)
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
        self.problem(key, f"must be text, not {_kind(value)}")
        return None

    def number(self, key: str) -> float | None:
        """Return a number above zero, None where there is none."""
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
            return value
        self.problem(key, f"must be a number above 0, not {value!r}")
        return None

    def only(self, known: Collection[str]) -> None:
        """Note every key that is not known."""
        for key in self.values:
            if key not in known:
                self.problem(key, "is not a field of Azure ML here", did_you_mean(key, known))


def check_prefix(section: Section, key: str) -> None:
    """Note a compute or an environment that Azure ML would refuse."""
    value = section.values.get(key)
    if not isinstance(value, str) or value.startswith(("azureml:", "${{")):
        return
    if value == "serverless" and key != "environment":
        return
    if value == "local" and key != "environment":
        section.problem(key, "a pipeline cannot use `local`", "write `azureml:<compute>`")
    else:
        section.problem(key, "lacks the prefix of Azure ML", f"write `azureml:{value}`")


def check_labels(section: Section) -> None:
    """Note names, descriptions and tags beyond what Azure ML's documentation allows."""
    for key, limit in (("display_name", _DISPLAY_NAME), ("description", _DESCRIPTION)):
        value = section.values.get(key)
        if isinstance(value, str) and len(value) > limit:
            section.problem(key, f"has {len(value)} characters; Azure ML takes {limit}")
    tags = section.values.get("tags")
    if tags is None:
        return
    for name, value in section.subsection("tags", tags).values.items():
        if not isinstance(value, str):
            section.problem(
                f"tags.{name}", f"{value!r} is not text, and Azure ML refuses it", "quote it"
            )
    if isinstance(tags, dict) and len(tags) > _TAGS:
        section.problem("tags", f"are {len(tags)}; Azure ML takes {_TAGS}")


def did_you_mean(name: str, known: Collection[str]) -> str:
    """Return a hint that offers the nearest known names, or all of them.

    Args:
        name: The name that is not known.
        known: The names that are.

    Example:
        >>> did_you_mean("comand", ["command", "code"])
        'did you mean `command`?'
        >>> did_you_mean("x", [])
        'there is none'
    """
    near = difflib.get_close_matches(name, known, n=1)
    if near:
        return f"did you mean `{near[0]}`?"
    if not known:
        return "there is none"
    return "known: " + ", ".join(sorted(known))


def _kind(value: object) -> str:
    kinds = {dict: "a mapping", list: "a list", str: "text", bool: "true or false"}
    return kinds.get(type(value), f"{value!r}")
