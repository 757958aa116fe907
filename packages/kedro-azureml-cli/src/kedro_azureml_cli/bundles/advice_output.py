"""Show an advice: as text, with YAML to paste, and as a value for JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from kedro_azureml_cli.terminal.tables import format_duration, format_table
from kedro_azureml_cli.terminal.wrapping import escape_unprintable, line_width, wrap_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kedro_azureml_compiler import Advice, Prediction

    from kedro_azureml_cli.bundles.advising import GivenAdvice

_SOURCES = {
    "given": "as given with --step-overhead",
    "measured": "the median of that job",
    "default": "a guess, since nothing has measured it; set it with --step-overhead SECONDS",
}

_MOST_NAMED = 6
"""Names in a sentence."""


def advice_as_text(given: GivenAdvice) -> str:
    """Return an advice as text: what it takes now and after, what was assumed, YAML to paste.

    Args:
        given: The advice.
    """
    advice = given.advice
    found = advice.grouping is not None
    lines = [f"Advice for '{escape_unprintable(given.job)}', with the times of {given.source}", ""]
    head = ("", "now", "advised") if found else ("", "now")
    shown = [advice.now, advice.advised] if found else [advice.now]
    rows = [
        ("steps", *(str(len(one.steps)) for one in shown)),
        ("time", *(format_duration(one.seconds) for one in shown)),
        ("instances held", *(format_duration(sum(one.held_s.values())) for one in shown)),
        ("cost", *(_format_cost(one) for one in shown)),
        ("overhead on the critical path", *(f"{one.overhead_share:.0%}" for one in shown)),
    ]
    lines += format_table(head, rows).splitlines()
    lines += ["", "Critical path now:", *_wrap(_name_path(advice.now))]
    if found:
        lines += ["", "Critical path as advised:", *_wrap(_name_path(advice.advised))]
    lines += ["", "Assumed:", *_list_assumptions(advice)]
    if advice.is_restricted:
        lines += [
            "",
            *wrap_text(
                "The job would be faster with groups that the compiler refuses; they are left out.",
                line_width(),
            ),
        ]
    if not found:
        lines += ["", "No grouping was found that takes less time, or as long for less."]
    else:
        where = f"jobs.{escape_unprintable(given.job)}"
        lines += ["", f"Write below {where} in azureml.yml, instead of its grouping:", ""]
        lines += [f"  {line}" for line in advice.as_yaml().splitlines()]
    return "".join(f"{line}\n" for line in lines)


def advice_as_dict(given: GivenAdvice) -> dict[str, Any]:
    """Return an advice as values of JSON.

    Args:
        given: The advice.
    """
    content = asdict(given.advice)
    return {"times_from": given.source, **content, "yaml": given.advice.as_yaml()}


def _format_cost(prediction: Prediction) -> str:
    return "-" if prediction.cost is None else f"{prediction.cost:,.2f}"


def _name_path(prediction: Prediction) -> str:
    names = [escape_unprintable(name) for name in prediction.critical_path]
    if len(names) > 2 * _MOST_NAMED:
        left_out = len(names) - 2 * _MOST_NAMED
        names[_MOST_NAMED:-_MOST_NAMED] = [f"({left_out} more)"]
    return " -> ".join(names)


def _list_assumptions(advice: Advice) -> list[str]:
    source = _SOURCES[advice.overhead_source]
    sentences = [
        f"Each step takes {advice.overhead_s:.3g} s besides its code: {source}."
        if advice.overhead_s < 1000
        else f"Each step takes {format_duration(advice.overhead_s)} besides its code: {source}."
    ]
    used = list(advice.now.held_s)
    limited = [f"{name} {advice.limits[name]}" for name in used if name in advice.limits]
    unlimited = [name for name in used if name not in advice.limits]
    if limited:
        sentences.append(f"Instances at most: {', '.join(limited)}.")
    if unlimited:
        sentences.append(
            f"As many instances as are wanted: {', '.join(unlimited)}; limit them with "
            "--max-instances COMPUTE=N."
        )
    unpriced = [name for name in used if name not in advice.prices]
    if unpriced:
        sentences.append(
            f"No price is known of {', '.join(unpriced)}; set it with --price COMPUTE=AMOUNT, per "
            "hour of one instance."
        )
    else:
        sentences.append("An instance costs its price while it runs a step, and nothing between.")
    if advice.unknown:
        sentences.append(
            f"The median of the others for nodes without a time: {_name_some(advice.unknown)}."
        )
    if advice.divided:
        sentences.append(
            f"Evenly divided, since they were measured together: {_name_some(advice.divided)}."
        )
    return [line for sentence in sentences for line in _wrap(sentence)]


def _name_some(names: Sequence[str]) -> str:
    shown = [escape_unprintable(name) for name in names[:_MOST_NAMED]]
    more = [f"{len(names) - _MOST_NAMED} more"] if len(names) > _MOST_NAMED else []
    return ", ".join(shown + more)


def _wrap(text: str) -> list[str]:
    return [f"  {line}" for line in wrap_text(text, line_width() - 2)]
