"""Have Kedro's logging leave out its line about itself.

Kedro prints it before any plugin is loaded; on the standard output, it would stand before JSON.
"""

from __future__ import annotations

import re
from importlib.resources import files
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from pathlib import Path

_LOGGER = "kedro.framework.project"
_ENTRY = {"level": "WARNING"}


def find_logging_file(project: Path) -> Path:
    """Return the logging configuration where Kedro looks for it, whether it exists or not.

    Args:
        project: The project's folder.
    """
    named = [project / "conf" / f"logging{ending}" for ending in (".yml", ".yaml")]
    return next((path for path in named if path.is_file()), named[0])


def render_logging() -> str:
    """Return Kedro's default configuration without the line about itself."""
    template = files("kedro_azureml_cli").joinpath("templates").joinpath("logging.yml")
    return template.read_text(encoding="utf-8")


def extend_logging(text: str) -> str | None:
    r"""Return a logging configuration with a level for the line, or None if it cannot be added.

    All other text stays as it is. A level that the configuration gives that logger is kept.

    Args:
        text: The configuration.

    Example:
        >>> print(extend_logging("version: 1\nloggers:\n    shop: {level: INFO}\n"), end="")
        version: 1
        loggers:
            kedro.framework.project:
                level: WARNING
            shop: {level: INFO}
    """
    try:
        root = yaml.compose(text, yaml.SafeLoader)
        content = yaml.safe_load(text)
    except yaml.YAMLError:
        return None
    if not isinstance(content, dict) or not isinstance(root, yaml.MappingNode) or root.flow_style:
        return None
    loggers = content.get("loggers")
    if isinstance(loggers, dict) and _LOGGER in loggers:
        return text
    extended = _insert(text, root)
    if extended is None:
        return None
    wanted = {**content, "loggers": {**(loggers or {}), _LOGGER: _ENTRY}}
    try:
        return extended if yaml.safe_load(extended) == wanted else None
    except yaml.YAMLError:
        return None


def _insert(text: str, root: yaml.MappingNode) -> str | None:
    """Insert the logger before the first one, or with the key `loggers` at the end."""
    lines = text.splitlines(keepends=True)
    end = "\r\n" if "\r\n" in text else "\n"
    for key, value in root.value:
        if key.value != "loggers":
            continue
        if not isinstance(value, yaml.MappingNode) or value.flow_style or not value.value:
            return None
        first = value.value[0][0].start_mark
        indent = " " * first.column
        entry = f"{indent}{_LOGGER}:{end}{indent * 2}level: WARNING{end}"
        return "".join([*lines[: first.line], entry, *lines[first.line :]])
    if re.search(r"^(\.\.\.|---)\s*$", "".join(lines[1:]), re.MULTILINE):
        return None  # another document, or the end of this one
    entry = f"loggers:{end}  {_LOGGER}:{end}    level: WARNING{end}"
    return text + ("" if text.endswith("\n") else end) + entry
