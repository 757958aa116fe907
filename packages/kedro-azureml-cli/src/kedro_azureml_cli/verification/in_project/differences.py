"""Differences of two objects, in words: where, what is here, what is in the job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

LONGEST = 120
"""Characters of a value that a difference shows."""


@dataclass(frozen=True)
class Difference:
    """Where and how two objects differ, or why that cannot be told.

    Args:
        text: What differs, and where in the object: `['a'][0]: 1 locally, 2 in the job`.
        known: Whether they do differ; False where they cannot be compared.
    """

    text: str
    known: bool = True


Found: TypeAlias = "Difference | None"


def qualify(kind: type) -> str:
    """Return the full name of a class, without the module of built-in ones."""
    module = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
    return f"{module}{kind.__qualname__}"


def describe(where: str, local: str, job: str) -> Difference:
    """Say what is at a place locally, and what is there in the job."""
    return Difference(put_at(where, f"{local} locally, {job} in the job"))


def put_at(where: str, text: str) -> str:
    """Put the place before what is said of it; the object as a whole has none."""
    return f"{where}: {text}" if where else text


def shorten(text: str, most: int = LONGEST) -> str:
    """Return a text in one line of at most so many characters."""
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1]}…"
