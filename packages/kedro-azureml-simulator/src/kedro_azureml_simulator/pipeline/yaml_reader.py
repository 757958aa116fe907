"""YAML files as plain values that know the lines that they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from kedro_azureml_simulator.errors import PipelineError
from kedro_azureml_simulator.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# libyaml's parser gives the same values, several times as fast, where PyYAML was built with it.
_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MERGE = "tag:yaml.org,2002:merge"


class YamlMapping(dict[Any, Any]):
    """A mapping of a YAML file, with the line of each key and the keys that stand there twice."""

    def __init__(self) -> None:
        super().__init__()
        self.line = 0
        self.lines: dict[Any, int] = {}
        self.repeated: list[tuple[str, int]] = []


class GivenText(str):
    """A literal that a caller gives: it is never a binding."""

    __slots__ = ()


class _Loader(_Base):  # type: ignore[misc]
    pass


def _construct_mapping(loader: Any, node: Any) -> Iterator[YamlMapping]:
    mapping = YamlMapping()
    mapping.line = node.start_mark.line + 1
    yield mapping
    seen: set[str] = set()
    for key, _ in node.value:
        if isinstance(key, yaml.ScalarNode) and key.tag != _MERGE:
            if key.value in seen:
                mapping.repeated.append((key.value, key.start_mark.line + 1))
            seen.add(key.value)
    mapping.update(loader.construct_mapping(node))
    for key, _ in node.value:
        if isinstance(key, yaml.ScalarNode):
            mapping.lines[loader.construct_object(key)] = key.start_mark.line + 1


_Loader.add_constructor("tag:yaml.org,2002:map", _construct_mapping)


def read_yaml(path: Path) -> Any:
    """Read one YAML file.

    Args:
        path: The file.

    Returns:
        What the file holds; its mappings are `YamlMapping`.

    Raises:
        PipelineError: The file cannot be read, or is not YAML.
    """
    try:
        return parse_yaml(path.read_text(encoding="utf-8"), path)
    except OSError as error:
        problem = Problem(
            "", f"the file cannot be read: {error.strerror}", "check its path", file=path
        )
    except UnicodeDecodeError:
        problem = Problem("", "the file is not text in UTF-8", "save it as UTF-8", file=path)
    raise PipelineError(path, [problem])


def parse_yaml(text: str, path: Path) -> Any:
    """Parse YAML.

    Args:
        text: The YAML.
        path: The file that messages name.

    Raises:
        PipelineError: The text is not YAML.
    """
    try:
        return yaml.load(text, _Loader)  # noqa: S506 - a subclass of the safe loader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        words = " ".join(part for part in (error.context, error.problem) if part)
        hint = ""
        if any(
            row.lstrip(" ").startswith("\t") for row in text.splitlines()[max(0, line - 1) :][:1]
        ):
            hint = "tabs are not allowed in YAML; indent with spaces"
        problem = Problem("", f"the file is not YAML: {words}", hint, file=path, line=line)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        # A date that no calendar has is a ValueError, a nesting without end a RecursionError.
        words = " ".join(str(error).split())
        problem = Problem("", f"the file is not YAML: {words}", file=path)
    raise PipelineError(path, [problem])


def write_literal(value: object) -> str | None:
    """Return the text that Azure ML sends for a literal, None for a value that is not a literal.

    Args:
        value: The value as YAML gives it.

    Example:
        >>> write_literal(True), write_literal(0.001), write_literal(None)
        ('True', '0.001', None)
    """
    return str(value) if isinstance(value, str | bool | int | float) else None


def is_literal_of(type_name: str, text: str) -> bool:
    """Check whether a text can be a literal of one of Azure ML's types.

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
