"""The files that a project needs besides its own: `azureml.yml` and `.amlignore`."""

from __future__ import annotations

from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kedro_azureml_compiler import FileChange

IGNORE_FILE = ".amlignore"
SCHEMA_FILE = "azureml.schema.json"
"""For editors. In the project's root: what lies in the configuration and is named so is read."""


def render_settings(values: Mapping[str, str]) -> str:
    """Return an `azureml.yml` with one job.

    Args:
        values: What stands for the placeholders of the template.
    """
    return _read_template("azureml.yml").substitute(values)


def render_schema_line(path: str) -> str:
    """Return the comment with which `azureml.yml` names its schema, for editors.

    Args:
        path: The schema, relative to the folder of `azureml.yml`.
    """
    return f"# yaml-language-server: $schema={path}"


def render_ignore_rules(conf_source: str) -> str:
    """Return an `.amlignore` that keeps secrets and what no step needs out of the upload.

    Args:
        conf_source: Folder of the configuration, relative to the project.
    """
    return _read_template("amlignore").substitute(conf_source=conf_source)


def plan_ignore_file(project: Path) -> list[FileChange]:
    """Return the rules for a project whose ignore file is missing or empty.

    With an empty one, which earlier plugins have written, everything would be uploaded.

    Args:
        project: The project's folder.
    """
    from kedro.framework.project import settings
    from kedro_azureml_compiler import FileChange

    path = project / IGNORE_FILE
    before = path.read_bytes() if path.exists() else None
    if before is not None and before.strip():
        return []
    rules = render_ignore_rules(settings.CONF_SOURCE).encode("utf-8")
    return [FileChange(IGNORE_FILE, path.resolve(), before, rules)]


def _read_template(name: str) -> Template:
    template = files("kedro_azureml_cli").joinpath("templates").joinpath(name)
    return Template(template.read_text(encoding="utf-8"))
