"""Decide which names of blobs may become files, and what those files are called."""

from __future__ import annotations

import os
import unicodedata
from pathlib import PurePosixPath

from kedro_azureml_datasets.azure_ml.errors import UnsafeBlobNameError

_LONGEST_PART_BYTES = 255  # of one name, on every file system in use


def make_path_below(name: str) -> PurePosixPath:
    """Turn the name of a blob, relative to its asset, into a path below the version's folder.

    Args:
        name: The name below the asset's folder, with `/` between its parts.

    Returns:
        The path, relative; it never leads out of the folder to which it is joined.

    Raises:
        UnsafeBlobNameError: It would lead out, or is not a file name.

    Example:
        >>> make_path_below("2024/p.csv").parts
        ('2024', 'p.csv')
        >>> make_path_below("../p.csv")  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ...
        kedro_azureml_datasets.azure_ml.errors.UnsafeBlobNameError: ... climbs out of ...
    """
    parts = name.split("/")
    if "\\" in name:
        raise UnsafeBlobNameError(name, "has a backslash")
    if any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in name):
        raise UnsafeBlobNameError(name, "has a control character")
    if ".." in parts:
        raise UnsafeBlobNameError(name, "climbs out of its folder")
    if "" in parts or "." in parts:
        raise UnsafeBlobNameError(name, "is not the relative path of a file")
    if any(len(os.fsencode(part)) > _LONGEST_PART_BYTES for part in parts):
        raise UnsafeBlobNameError(name, "is longer than a file's name can be")
    if os.name == "nt" and any(":" in part for part in parts):
        raise UnsafeBlobNameError(name, "has a colon")
    return PurePosixPath(*parts)
