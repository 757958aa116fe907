"""Digests by which two values, or two files, are known to be the same later."""

from __future__ import annotations

import datetime as dt
import decimal
import hashlib
import os
import secrets
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import BinaryIO

_EXACT = (bool, int, float, complex, str, bytes, type(None), decimal.Decimal, PurePath)
_DATES = (dt.date, dt.time, dt.timedelta)  # a datetime is a date


_ROUNDS = 100_000
"""So often a digest of a secret is made, that trying passwords takes long: some 30 ms each."""


def make_salt() -> str:
    """Return a salt for the digests of one record: those of other records cannot be looked up."""
    return secrets.token_hex(16)


def digest_value(value: object, salt: str = "") -> str:
    """Return a digest that is equal for equal values of equal types.

    A value of a type whose content cannot be told gets another digest each time: it never counts as
    unchanged.

    Args:
        value: Nested mappings and lists of plain values, as configuration has them.
        salt: Digests with different salts differ.

    Example:
        >>> digest_value({"x": [1, None]}) == digest_value({"x": [1, None]})
        True
        >>> digest_value(1) == digest_value(1.0)
        False
    """
    return hashlib.sha256(_encode(value, salt)).hexdigest()[:32]


def digest_secret(value: object, salt: str) -> str:
    """Return a digest of a value that may hold passwords: who has it learns nothing of them.

    Args:
        value: As for `digest_value`.
        salt: The salt of the record.

    Example:
        >>> digest_secret({"key": "k"}, "a") == digest_secret({"key": "k"}, "b")
        False
    """
    made = hashlib.pbkdf2_hmac("sha256", _encode(value, ""), salt.encode(), _ROUNDS)
    return made.hex()[:32]


def _encode(value: object, salt: str) -> bytes:
    return (salt + _write(value)).encode("utf-8", "surrogatepass")


def _write(value: object) -> str:
    if isinstance(value, Mapping):  # in its order, which a node can see
        return "{" + ",".join(f"{_write(k)}:{_write(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return f"{type(value).__name__}[" + ",".join(map(_write, value)) + "]"
    if isinstance(value, (set, frozenset)):
        return "set[" + ",".join(sorted(map(_write, value))) + "]"
    if isinstance(value, type):
        return f"{value.__module__}.{value.__qualname__}"
    if type(value) in _EXACT or isinstance(value, (*_DATES, PurePath)):
        return f"{type(value).__name__} {value!r}"
    return secrets.token_hex()


def is_plain(value: object) -> bool:
    """Check whether the content of a value can be told, so that its digest is always the same.

    Args:
        value: Any value.

    Example:
        >>> is_plain({"x": [1, None]}), is_plain(object())
        (True, False)
    """
    if isinstance(value, Mapping):
        return all(is_plain(key) and is_plain(inner) for key, inner in value.items())
    if isinstance(value, (list, tuple, set, frozenset)):
        return all(map(is_plain, value))
    return (
        isinstance(value, type) or type(value) in _EXACT or isinstance(value, (*_DATES, PurePath))
    )


def digest_path(path: Path, within: str = "") -> str:
    """Return a digest of a file, or of all files of a folder with their names; links are followed.

    Args:
        path: The file or folder.
        within: The path that it has inside of a folder: then the digest is that of this folder.

    Raises:
        OSError: It cannot be read.
    """
    if not path.is_dir():
        with path.open("rb") as file:
            digest = _digest_file(file)
        return digest_value([(within, digest)]) if within else digest
    seen: set[str] = set()
    parts = []
    for folder, folders, files in os.walk(path, followlinks=True):
        real = os.path.realpath(folder)
        if real in seen:  # a link to a folder above it
            folders.clear()
            continue
        seen.add(real)
        for name in files:
            found = Path(folder, name)
            with found.open("rb") as file:
                parts.append(
                    ((PurePath(within) / found.relative_to(path)).as_posix(), _digest_file(file))
                )
    return digest_value(sorted(parts))


def _digest_file(file: BinaryIO) -> str:
    found = hashlib.sha256()
    while chunk := file.read(1 << 20):
        found.update(chunk)
    return found.hexdigest()[:32]
