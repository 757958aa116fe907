"""Show a diagnosis, as text or as JSON."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from kedro_azureml_cli.diagnosis.rows import State
from kedro_azureml_cli.terminal.exit_codes import MACHINE_FAILED, USER_MUST_CHANGE_SOMETHING
from kedro_azureml_cli.terminal.tables import format_json
from kedro_azureml_cli.terminal.wrapping import escape_unprintable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kedro_azureml_cli.diagnosis.diagnosing import Diagnosis
    from kedro_azureml_cli.diagnosis.rows import Row

_COLOURS = {State.OK: "green", State.WARNING: "yellow", State.FAILED: "red", State.SKIPPED: "cyan"}
_WIDEST_LABEL = 32


def as_text(found: Sequence[Diagnosis]) -> str:
    """Return a line for each row, the fix below it, and a count at the end.

    Args:
        found: What the probes have found.
    """
    rows = list(_rows(found))
    labels = [len(row.label) for row in rows if len(row.label) <= _WIDEST_LABEL]
    width = max(labels, default=0)
    lines = [line for row in rows for line in _format(row, width)]
    counts = Counter(row.state for row in rows)
    shown = ", ".join(
        f"{counts[state]} {state.value}{'s' * (state is State.WARNING and counts[state] > 1)}"
        for state in State
        if counts[state]
    )
    return "".join(f"{line}\n" for line in [*lines, "", f"{shown}."])


def as_json(found: Sequence[Diagnosis]) -> str:
    """Return the rows as JSON.

    Args:
        found: What the probes have found.
    """
    counts = Counter(row.state for row in _rows(found))
    return format_json(
        {
            "counts": {state.value: counts[state] for state in State},
            "rows": [
                {
                    "probe": diagnosis.probe,
                    "label": row.label,
                    "state": row.state.value,
                    "found": row.found,
                    "fix": row.fix,
                }
                for diagnosis in found
                for row in diagnosis.rows
            ],
        }
    )


def choose_exit_code(found: Sequence[Diagnosis]) -> int:
    """Return the exit code: 0, or that of the failures, where those of the user come first.

    Args:
        found: What the probes have found.
    """
    blamed = {row.blame for row in _rows(found) if row.state is State.FAILED}
    if "user" in blamed:
        return USER_MUST_CHANGE_SOMETHING
    return MACHINE_FAILED if blamed else 0


def _rows(found: Iterable[Diagnosis]) -> Iterable[Row]:
    return (row for diagnosis in found for row in diagnosis.rows)


def _format(row: Row, width: int) -> list[str]:
    widest = max(len(state.value) for state in State)
    state = click.style(row.state.value, fg=_COLOURS[row.state], bold=True)
    gap = " " * (widest - len(row.state.value))
    first, *more = row.found.splitlines() or [""]
    label = escape_unprintable(row.label)
    lines = [f"{state}{gap}  {label:<{width}}  {escape_unprintable(first)}", *more]
    fixes = row.fix.splitlines()
    if fixes:
        lines += [f"Fix: {fixes[0]}", *(f"     {fix}" for fix in fixes[1:])]
    indent = " " * (widest + 2)
    return [lines[0], *(f"{indent}{escape_unprintable(line)}" for line in lines[1:])]
