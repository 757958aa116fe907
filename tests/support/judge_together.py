"""Asks the real SDK of Azure ML which of many pipeline files it refuses.

Files that are the same but for their only step become one job: the SDK takes as long for a job of
one step as for one of ten. What it says of `jobs.<name>` it says of that file; where it says
something else, it is asked about each half of them.

It gets text, not files: it would look up the line of each problem, in half of its time. Paths in
the jobs are therefore relative to the working directory.
"""

from __future__ import annotations

import gc
import io
import json
import re
import sys
from pathlib import Path
from typing import Any

import yaml
from azure.ai.ml import load_job

STEP = "a"
LIKELY_TOGETHER, OTHERS_TOGETHER = 100, 8
"""How many become one job; with errors in it, its time grows with the square of them."""
_OF_A_STEP = re.compile(r'(?:"path": "|^)jobs\.(s\d+)\b', re.MULTILINE)


def problems_of(written: str) -> str:
    """Return all that the SDK says is wrong with a job, as text; empty for a good one."""
    try:
        job = load_job(io.StringIO(written))
        # A sweep job has no validation beyond its loading.
        found = job._validate().error_messages if hasattr(job, "_validate") else {}
    except Exception as error:  # whatever the SDK raises is its judgement
        return f"{type(error).__name__}: {error}"
    return "\n".join(f"{place}: {text}" for place, text in found.items())


def refused(likely: list[Path], others: list[Path]) -> list[Path]:
    """Return the files that the SDK refuses.

    Args:
        likely: Those that it is likely to accept.
        others: All others.
    """
    found: list[Path] = []
    for files, size in ((likely, LIKELY_TOGETHER), (others, OTHERS_TOGETHER)):
        groups: dict[str, list[tuple[Path, Any]]] = {}
        for file in files:
            written = file.read_text(encoding="utf-8")
            content = yaml.safe_load(written)
            around = _around(content)
            if around is not None:
                groups.setdefault(around, []).append((file, content))
            elif problems_of(written):
                found.append(file)
        for cases in groups.values():
            for start in range(0, len(cases), size):
                found += _refused_together(cases[start : start + size])
    return found


def _around(content: Any) -> str | None:
    """Return all of a job but its only step; None where the step cannot stand beside others."""
    steps = content.get("jobs") if isinstance(content, dict) else None
    if not isinstance(steps, dict) or list(steps) != [STEP] or "${{parent." in str(content):
        return None
    if not isinstance(content.get("settings"), dict):
        return None
    return json.dumps({**content, "jobs": None}, default=str)


def _refused_together(cases: list[tuple[Path, Any]]) -> list[Path]:
    if not cases:
        return []
    if len(cases) == 1:
        return [cases[0][0]] if problems_of(cases[0][0].read_text(encoding="utf-8")) else []
    text = _problems_together([content for _, content in cases])
    if not text:
        return []
    named = {int(name[1:]) for name in _OF_A_STEP.findall(text)}
    if named:
        # Without them the others are judged: the SDK stops at the first kind of problem.
        rest = [case for number, case in enumerate(cases) if number not in named]
        return [cases[number][0] for number in named] + _refused_together(rest)
    middle = len(cases) // 2
    return _refused_together(cases[:middle]) + _refused_together(cases[middle:])


def _problems_together(contents: list[Any]) -> str:
    steps = {f"s{number}": content["jobs"][STEP] for number, content in enumerate(contents)}
    job = {**contents[0], "jobs": steps}
    return problems_of(yaml.safe_dump(job, sort_keys=False, allow_unicode=True))


if __name__ == "__main__":
    gc.disable()  # half of the time; the process is short
    given = json.load(sys.stdin)
    answer = refused([Path(name) for name in given["likely"]], [Path(n) for n in given["others"]])
    sys.stdout.write(f"REFUSED {json.dumps([str(file) for file in answer])}\n")
