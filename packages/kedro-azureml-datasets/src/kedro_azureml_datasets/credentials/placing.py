"""Refuse references to secrets outside credentials, where their values would be shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kedro_azureml_datasets.credentials.marks import find_marked_secrets
from kedro_azureml_datasets.credentials.resolvers import secrets_were_read
from kedro_azureml_datasets.errors import AzureMLDatasetError

if TYPE_CHECKING:
    from pathlib import Path

_SUFFIXES = frozenset({".yml", ".yaml", ".json"})
_COMMENT = re.compile(r"(?:^|\s)#.*")
_REFERENCE = re.compile(r"\$\{\s*azureml\.secret\s*:")
_ALLOWED = ("credentials", "azureml")
"""Parts of the names of files that hold credentials, or settings, which the compiler judges."""

PLACING_HINT = (
    "Write it into a credentials file, and name that entry in 'credentials' of the catalog entry."
)


def refuse_misplaced_secrets(
    configs: Mapping[str, Any], folders: Iterable[Path] | None = None
) -> None:
    """Refuse `${azureml.secret:NAME}` in the catalog, the parameters and other configuration.

    Nothing is read unless a secret has been referred to in this process.

    Args:
        configs: Kinds of configuration to their content as it has been read.
        folders: Folders of the configuration, each that of one environment.

    Raises:
        AzureMLDatasetError: There is one; the file and the line are named.
    """
    if not secrets_were_read():
        return
    for folder in folders or ():
        for file in sorted(folder.rglob("*")):
            name = file.relative_to(folder).as_posix().lower()
            if file.suffix not in _SUFFIXES or any(part in name for part in _ALLOWED):
                continue
            for line in find_secret_references(file):
                place = file.relative_to(folder.parents[1]).as_posix()
                _refuse(f"{place}:{line}")
    for kind, content in configs.items():
        for _ in find_marked_secrets(content):
            _refuse(f"The {kind}")


def find_secret_references(file: Path) -> Iterator[int]:
    """Yield the lines of a file that refer to a secret, counted from 1; comments do not count.

    Args:
        file: The file; one that cannot be read has none.
    """
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    if "azureml.secret" in text:
        for number, line in enumerate(text.splitlines(), 1):
            if _REFERENCE.search(_COMMENT.sub("", line)):
                yield number


def _refuse(where: str) -> None:
    raise AzureMLDatasetError(
        f"{where}: '${{azureml.secret:...}}' is resolved only in credentials.", hint=PLACING_HINT
    )
