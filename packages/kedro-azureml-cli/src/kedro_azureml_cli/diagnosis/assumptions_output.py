"""Show what was found out about the assumptions, and the page that lists them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from kedro_azureml_cli.diagnosis.assumptions import ASSUMPTIONS, Verdict
from kedro_azureml_cli.terminal.tables import format_json
from kedro_azureml_cli.terminal.wrapping import escape_unprintable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kedro_azureml_cli.diagnosis.assumptions import Judgement

_PAGE = """# Assumed, never seen

This plugin was tested with Microsoft's client against servers on one machine, never with Azure ML
itself. So each thing that it takes for granted of the service is listed here. To check them on your
workspace, run

    kedro azureml doctor --assumptions -j JOB

It sends one job of two steps that run for seconds, in the environment and on the compute of JOB's
first step, waits until it has ended, and prints a line for each assumption: `holds`,
`does not hold` or `could not be checked`. The exit code is 1 if one does not hold. What the job
leaves is a file of a few bytes below `azureml/` in the default datastore, and the job itself, in
the experiment `kedro-azureml-doctor`.

| | assumption | used for | if it is wrong | checked |
|---|---|---|---|---|
"""


def as_text(found: Sequence[Judgement], job: str) -> str:
    """Return a line for each assumption, what speaks against it below, and a count at the end.

    Args:
        found: What was found out.
        job: Name in Azure ML of the job that has shown it.
    """
    width = max(len(verdict.value) for verdict in Verdict)
    lines = []
    for one in found:
        lines.append(f"{one.verdict.value:<{width}}  {one.assumption.key}: {one.assumption.claim}")
        if one.found:
            lines.append(f"{'':<{width}}  {escape_unprintable(one.found)}")
        if one.verdict is Verdict.BROKEN:
            lines.append(f"{'':<{width}}  So {one.assumption.if_wrong}.")
    counts = Counter(one.verdict for one in found)
    shown = ", ".join(
        f"{counts[verdict]} {verdict.value}" for verdict in Verdict if counts[verdict]
    )
    return "".join(f"{line}\n" for line in [*lines, "", f"{shown}, by the job {job}."])


def as_json(found: Sequence[Judgement], job: str) -> str:
    """Return the same as JSON.

    Args:
        found: What was found out.
        job: Name in Azure ML of the job that has shown it.
    """
    rows = [
        {
            "key": one.assumption.key,
            "claim": one.assumption.claim,
            "verdict": one.verdict.value,
            "found": one.found,
        }
        for one in found
    ]
    return format_json({"job": job, "assumptions": rows})


def render_assumptions_page() -> str:
    """Return the page that lists all assumptions."""
    rows = [
        f"| `{one.key}` | {one.claim} | {one.used_for} | {one.if_wrong} "
        f"| {'yes' if one.check else f'no: {one.why_unchecked}'} |\n"
        for one in ASSUMPTIONS
    ]
    return _PAGE + "".join(rows)
