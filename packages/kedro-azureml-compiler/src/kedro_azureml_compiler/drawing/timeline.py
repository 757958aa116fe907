"""Draw when the steps of a run ran, and which step each waited for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_azureml_compiler.drawing.labels import escape_markup, label_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kedro_azureml_compiler.drawing.run_facts import RunFacts, StepRun
    from kedro_azureml_compiler.planning.plan import Plan

_ROW, _BAR = 30, 8
_CELLS = 44  # of a name and a duration: what a phone shows in a line
_LEAST = 0.2  # percent of the width: a bar of a short step is seen


def find_last_awaited(plan: Plan, run: RunFacts) -> dict[str, str]:
    """Return for each step that ran the one that it waited for: of those it needs, the last to end.

    Args:
        plan: The plan.
        run: What came of the run.

    Example:
        >>> from kedro_azureml_compiler.drawing.run_facts import RunFacts, StepRun
        >>> from kedro_azureml_compiler.planning.plan import Plan, PlannedStep
        >>> fit = PlannedStep("fit", ("fit",), waits_for=("load",))
        >>> plan = Plan("j", ("p",), (PlannedStep("load", ("load",)), fit), ())
        >>> steps = {"load": StepRun("completed", 0.0, 2.0), "fit": StepRun("completed", 2.1, 1.0)}
        >>> find_last_awaited(plan, RunFacts("Simulation", "completed", steps=steps))
        {'fit': 'load'}
    """
    found = {}
    for step in plan.steps:
        writers = (plan.dataset(name).written_by for name in step.reads)
        needed = [name for name in (*writers, *step.waits_for) if name is not None]
        needed = [name for name in needed if end_of(run, name) is not None]
        came = run.steps.get(step.name)
        if needed and came is not None and came.start_s is not None:
            found[step.name] = max(needed, key=lambda name: end_of(run, name) or 0.0)
    return found


def end_of(run: RunFacts, name: str) -> float | None:
    """Return when a step ended, in seconds from the start of the run; None if it is not known."""
    step = run.steps.get(name)
    if step is None or step.start_s is None or step.duration_s is None:
        return None
    return _not_negative(step.start_s) + _not_negative(step.duration_s)


def _not_negative(seconds: float) -> float:
    """Return a time that can be drawn: a clock that was set back makes some that are negative."""
    return max(seconds, 0.0)


def format_duration(seconds: float) -> str:
    """Return a duration in words.

    Example:
        >>> format_duration(4.25), format_duration(200), format_duration(7300)
        ('4.2 s', '3 min 20 s', '2 h 1 min')
    """
    seconds = _not_negative(seconds)
    if round(seconds, 1) < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def draw_timeline(run: RunFacts, awaited: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines of an SVG with a bar for each step that ran, in the order of their starts.

    It is as wide as its place, so that a phone shows all of it: bars are parts of the width. A
    dashed line before a bar is the time between the end of what the step waited for and its own
    start: it waited for a free machine.

    Args:
        run: What came of the run.
        awaited: Step to the one that it waited for.
    """
    ran = [
        (_not_negative(step.start_s), name, step)
        for name, step in run.steps.items()
        if step.start_s is not None and step.duration_s is not None
    ]
    if not ran:
        return
    ran.sort(key=lambda each: (each[0], each[1]))
    whole = max(*(end_of(run, name) or 0.0 for _, name, _ in ran), 0.001)
    yield '<svg xmlns="http://www.w3.org/2000/svg" class="times" role="img"'
    yield f' aria-labelledby="timeline" width="100%" height="{_ROW * len(ran) + 6}">'
    for number, (start, name, step) in enumerate(ran):
        free = end_of(run, awaited[name]) if name in awaited else None
        yield from _row(name, step, start, number * _ROW + 4, whole, free)
    yield "</svg>"


def _row(
    name: str, step: StepRun, start: float, y: int, whole: float, free: float | None
) -> Iterator[str]:
    duration = _not_negative(step.duration_s or 0.0)
    took = format_duration(duration)
    label = f"{label_lines(name, _CELLS - len(took) - 2, 1)[0]}, {took}"
    yield f'<text x="0" y="{y + 12}">{escape_markup(label)}</text>'
    x, width, top = 100 * start / whole, 100 * duration / whole, y + 16
    if free is not None and free < start:
        line = f'x1="{100 * free / whole:.2f}%" x2="{x:.2f}%"'
        yield f'<line class="wait" {line} y1="{top + _BAR / 2:g}" y2="{top + _BAR / 2:g}"/>'
    state = "failed" if step.status.lower() == "failed" else "done"
    title = f"{name}: {step.status}, {took}"
    width = max(width, _LEAST)
    x = min(x, 100 - width)
    size = f'x="{x:.2f}%" y="{top}" width="{width:.2f}%" height="{_BAR}"'
    yield f'<rect class="bar {state}" {size}>'
    yield f"<title>{escape_markup(title)}</title></rect>"
