"""Convert the files of `azureml.yml` that kedro-azureml 1.0 has written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import yaml

from kedro_azureml_compiler.config_files import list_config_files
from kedro_azureml_compiler.fixing.writing import FileChange
from kedro_azureml_compiler.migrating.remarks import Remark
from kedro_azureml_compiler.settings.older_format import convert_older_format, is_older_format

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def convert_settings(
    root: Path, folders: Iterable[str], patterns: Iterable[str]
) -> tuple[list[FileChange], list[Remark]]:
    """Convert the settings of all environments, and find what they say about images.

    The comments at the start of a file stay. A file in the current format stays as it is.

    Args:
        root: The project's folder, absolute.
        folders: Folders of the environments, relative to it.
        patterns: Globs of the files below them.

    Returns:
        The changes, and what the owner must know besides.
    """
    changes, remarks = [], []
    for file in list_config_files(root, folders, patterns):
        path = (root / file).resolve()
        content = path.read_bytes()
        try:
            text = content.decode("utf-8")
            raw = yaml.safe_load(text)
        except (ValueError, yaml.YAMLError):
            remarks.append(Remark(file, None, "it is not YAML, so it is left as it is"))
            continue
        if not isinstance(raw, Mapping):
            continue
        if not path.is_relative_to(root.resolve()):
            remarks.append(Remark(file, None, "it is a link to a file outside the project"))
            continue
        execution = raw.get("execution")
        azure = raw.get("azure")
        if is_older_format(raw):
            changes.append(FileChange(file, path, content, _convert(text, raw).encode("utf-8")))
            in_image = not (isinstance(azure, Mapping) and azure.get("code_directory"))
        else:
            in_image = isinstance(execution, Mapping) and (
                execution.get("code_directory", ".") is None
            )
        if in_image:
            what = "the code comes from the image (code_directory: null), so that image needs "
            remarks.append(Remark(file, None, f"{what}kedro-azureml-runner and its requirements"))
    return changes, remarks


def _convert(text: str, raw: Mapping[Any, Any]) -> str:
    line_end = "\r\n" if "\r\n" in text else "\n"
    comments = []
    for line in text.splitlines():
        if line.strip("\ufeff \t") and not line.lstrip("\ufeff \t").startswith("#"):
            break
        comments.append(line)
    lines = [*comments, *convert_older_format(raw).splitlines()]
    return line_end.join(lines) + line_end
