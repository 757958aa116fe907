"""What an owner of a project must change by hand, with its place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Remark:
    """Something that a migration tells and does not change.

    Args:
        file: The file, relative to the project.
        line: The line in it, counted from 1; None for the whole file.
        text: What to do, without a full stop.

    Example:
        >>> print(Remark("src/p/settings.py", 3, "remove the hook"))
        src/p/settings.py:3: remove the hook.
    """

    file: str
    line: int | None
    text: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.text}."
