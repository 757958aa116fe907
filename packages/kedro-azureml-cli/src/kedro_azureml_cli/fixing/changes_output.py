"""Show changes of files as a diff, and what is left to the owner of the project."""

from __future__ import annotations

from difflib import unified_diff
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kedro_azureml_compiler import FileChange, FixPlan

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


def format_diff(changes: Iterable[FileChange]) -> str:
    """Return changes of files as a unified diff, as `git apply` reads it.

    Args:
        changes: The files.
    """
    return "".join(line for change in changes for line in _format_file(change))


def _format_file(change: FileChange) -> Iterator[str]:
    is_new = change.before is None
    old, new = (
        (content or b"").decode("utf-8", "surrogateescape").splitlines(keepends=True)
        for content in (change.before, change.after)
    )
    for line in unified_diff(
        old, new, "/dev/null" if is_new else f"a/{change.file}", f"b/{change.file}"
    ):
        text = line.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        shown = text.rstrip("\r\n")
        is_name = text.startswith(("---", "+++"))
        yield click.style(shown, fg=_COLOURS.get(text[:1]), bold=is_name) + "\n"
        if not text.endswith(("\n", "\r")):
            yield "\\ No newline at end of file\n"


def format_left(plan: FixPlan) -> str:
    """Return the entries that are left to the owner, and what else to know, as lines of text.

    Args:
        plan: The changes.
    """
    lines = []
    for key in plan.unversioned:
        lines.append(f"'{key}' has no versions of Kedro afterwards; those that exist stay on disk.")
    if plan.left:
        count = len(plan.left)
        lines.append(f"Left to you: {count} {'entry' if count == 1 else 'entries'}.")
    for left in plan.left:
        place = f"{left.place}: " if left.place else ""
        lines.append(f"  {place}{left.entry}: {left.reason}.")
    return "".join(f"{line}\n" for line in lines)
