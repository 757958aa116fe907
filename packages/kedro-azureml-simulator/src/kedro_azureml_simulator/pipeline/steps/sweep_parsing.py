"""A sweep step: the space of values, how they are chosen, and what makes a trial the best."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from kedro_azureml_simulator.pipeline.bound_literals import find_bound_value
from kedro_azureml_simulator.pipeline.component_parsing import (
    COMMAND_FIELDS,
    read_component,
    read_includes,
)
from kedro_azureml_simulator.pipeline.declaration_parsing import read_component_inputs
from kedro_azureml_simulator.pipeline.input_parsing import read_step_inputs
from kedro_azureml_simulator.pipeline.labels import check_labels
from kedro_azureml_simulator.pipeline.model import Space, Step, Sweep
from kedro_azureml_simulator.pipeline.output_parsing import read_component_outputs, read_outputs
from kedro_azureml_simulator.pipeline.section import did_you_mean
from kedro_azureml_simulator.pipeline.steps.command_parsing import (
    read_code_folder,
    read_command,
    read_timeout_s,
    read_variables,
)
from kedro_azureml_simulator.pipeline.steps.distribution_parsing import read_distribution
from kedro_azureml_simulator.pipeline.steps.environment_parsing import read_environment, read_image
from kedro_azureml_simulator.pipeline.steps.merging import (
    ANY_NODE_FIELDS,
    choose_display_name,
    ignore_undeclared,
    merge_outputs,
    read_step_kind,
    select_declared,
)
from kedro_azureml_simulator.pipeline.yaml_reader import is_literal_of

if TYPE_CHECKING:
    from pathlib import Path

    from kedro_azureml_simulator.pipeline.model import InputDeclaration
    from kedro_azureml_simulator.pipeline.section import Section

_NUMBERS: dict[str, tuple[str, ...]] = {
    "uniform": ("min_value", "max_value"),
    "loguniform": ("min_value", "max_value"),
    "quniform": ("min_value", "max_value", "q"),
    "qloguniform": ("min_value", "max_value", "q"),
    "normal": ("mu", "sigma"),
    "lognormal": ("mu", "sigma"),
    "qnormal": ("mu", "sigma", "q"),
    "qlognormal": ("mu", "sigma", "q"),
    "randint": ("upper",),
}
_POLICIES: dict[str, tuple[str, ...]] = {
    "bandit": ("slack_factor", "slack_amount"),
    "median_stopping": (),
    "truncation_selection": ("truncation_percentage",),
}
_LIMITS = ("max_total_trials", "max_concurrent_trials", "timeout", "trial_timeout")
_NEVER_NULL = (
    "compute", "early_termination", "inputs", "outputs", "properties", "queue_settings",
    "resources", "sampling_algorithm",
)  # fmt: skip
_STEP_FIELDS = (
    *ANY_NODE_FIELDS, "trial", "search_space", "sampling_algorithm", "objective",
    "early_termination", "limits", "queue_settings", "resources", "comment",
)  # fmt: skip


def read_sweep_step(step: Section, name: str, folder: Path) -> Step | None:
    """Read a sweep step; None and a problem if its trial cannot be read.

    Args:
        step: Its section.
        name: Its name.
        folder: What local paths are relative to.
    """
    check_labels(step, "node")
    step.ignore_others(_STEP_FIELDS)
    step.refuse_nulls(_NEVER_NULL)
    work = _sweep_of(step)
    read = read_component(step, folder, "trial")
    if read is None:
        return None
    trial, trial_folder = read
    if read_step_kind(trial, "component") not in {"command", None}:
        trial.problem("type", "is not a command", "a trial is a command component")
        return None
    trial.ignore_others(COMMAND_FIELDS)
    declared: dict[str, InputDeclaration] | None = read_component_inputs(trial.section("inputs"))
    if "inputs" not in trial.values:
        declared = None
    else:
        ignore_undeclared(step, trial, declared or {})
    space = work.space if work else {}
    given = select_declared(read_step_inputs(step.section("inputs"), folder), declared)
    own_outputs = read_component_outputs(trial.section("outputs"))
    return Step(
        name=name,
        display_name=choose_display_name(step, trial, name),
        command=read_command(trial),
        section=step,
        code=read_code_folder(trial, trial_folder),
        includes=read_includes(trial, trial_folder),
        # A value of the sweep stands for the trial's input of that name.
        inputs={port: value for port, value in given.items() if port not in space},
        declared=None
        if declared is None
        else {port: value for port, value in declared.items() if port not in space},
        outputs=merge_outputs(step, own_outputs)
        if "outputs" in trial.values
        else read_outputs(step.section("outputs")),
        environment=read_environment(trial, trial_folder),
        image=read_image(trial, trial_folder),
        environment_variables=read_variables(trial),
        distribution=read_distribution(step, trial),
        is_deterministic=trial.flag("is_deterministic", default=True),
        has_compute=step.values.get("compute") is not None,
        timeout_s=read_timeout_s(step),
        sweep=work,
    )


def _sweep_of(section: Section) -> Sweep | None:
    """Read what a sweep does, all but its trial; None and a problem if it cannot be read."""
    space = _space(section)
    algorithm, seed = _algorithm(section)
    objective = section.section("objective")
    objective.only(("primary_metric", "goal"))
    metric = objective.bound_string("primary_metric")
    goal = str(objective.values.get("goal") or "").lower()
    if not objective.values.get("primary_metric"):
        objective.problem("primary_metric", "is missing", "name the metric that the trials log")
    if goal not in {"maximize", "minimize"}:
        objective.problem("goal", f"`{goal}` is not a goal", "write maximize or minimize")
    limits = section.section("limits")
    limits.only(_LIMITS)
    limits.refuse_nulls(_LIMITS, but=("max_total_trials",))
    total = concurrent = None
    if limits.values.get("max_total_trials") is not None:
        total = limits.count("max_total_trials", 1)
    if limits.values.get("max_concurrent_trials") is not None:
        concurrent = limits.count("max_concurrent_trials", 1)
    if total is None:
        section.problem(
            "limits.max_total_trials", "is missing", "write how many trials there are at most"
        )
    _check_early_termination(section)
    for name, drawn in space.items():
        kind = find_continuous(drawn)
        if algorithm == "grid" and kind:
            section.problem(
                f"search_space.{name}", f"grid sampling cannot draw from `{kind}`",
                "use `type: choice`, or random sampling", rule="trials",
            )  # fmt: skip
    if not (metric and goal):
        return None
    return Sweep(
        space=space,
        algorithm=algorithm,
        metric=metric,
        maximize=goal == "maximize",
        max_trials=total,
        concurrent_trials=concurrent,
        trial_timeout_s=read_timeout_s(section, "trial_timeout"),
        seed=seed,
    )


def _check_early_termination(section: Section) -> None:
    if section.values.get("early_termination") is None:
        return
    described = section.section("early_termination")
    policy = str(described.values.get("type")).lower()
    if policy not in _POLICIES:
        described.problem("type", f"`{policy}` is not a policy", did_you_mean(policy, _POLICIES))
        return
    described.only(("type", "evaluation_interval", "delay_evaluation", *_POLICIES[policy]))
    for key in _POLICIES[policy]:
        value = described.values.get(key)
        is_whole = key == "truncation_percentage"
        if (is_whole and value is None) or not _may_be_number(value, is_whole=is_whole):
            described.problem(key, f"{value!r} is not a number", "write a number")
    section.warn("early_termination", "is not simulated: every trial runs to its end")


def _may_be_number(value: object, *, is_whole: bool) -> bool:
    """Check whether the SDK takes a value for a number; null and a binding are."""
    if isinstance(value, str):
        return "${{" in value or is_literal_of("integer" if is_whole else "number", value)
    return isinstance(value, int | float | None) and not isinstance(value, bool)


def _algorithm(section: Section) -> tuple[Literal["grid", "random", "sobol"], int | None]:
    value = section.values.get("sampling_algorithm")
    if isinstance(value, dict):
        described = section.subsection("sampling_algorithm", value)
        name = str(described.values.get("type") or "").lower()
        rule = str(described.values.get("rule") or "random").lower()
        seed = described.values.get("seed")
        if seed is not None:
            seed = described.whole_number("seed", 0)
        if rule not in {"random", "sobol"}:
            described.problem("rule", f"unknown rule `{rule}`", "write random or sobol")
    else:
        name, rule, seed = str(value or "").lower(), "random", None
    if name == "grid":
        return "grid", seed
    if name == "bayesian":
        section.warn("sampling_algorithm", "bayesian sampling is simulated as random sampling")
    elif name not in {"random", ""}:
        section.problem(
            "sampling_algorithm", f"`{name}` is not an algorithm",
            "write random, grid or bayesian",
        )  # fmt: skip
    return ("sobol" if rule == "sobol" else "random"), seed


def _space(section: Section) -> dict[str, Space]:
    described = section.section("search_space")
    if not described.values:
        section.problem(
            "search_space", "is empty", "write what the values of a trial are drawn from",
            rule="trials",
        )  # fmt: skip
    found = {}
    for name, value in described.values.items():
        drawn = _drawn(described.subsection(name, value))
        if drawn is not None:
            found[name] = drawn
    return found


def _drawn(section: Section) -> Space | None:
    name = str(section.values.get("type") or "").lower()
    if name == "choice":
        values = section.values.get("values")
        if not isinstance(values, list) or not values:
            section.problem(
                "values", "must be a list with at least one value",
                rule="trials" if isinstance(values, list) or values is None else "",
            )  # fmt: skip
            return None
        section.only(("type", "values"))
        choices = (_choice(section, f"values.{n}", value) for n, value in enumerate(values))
        return Space("choice", tuple(choices))
    if name not in _NUMBERS:
        known = ("choice", *_NUMBERS)
        section.problem("type", f"`{name}` is not a distribution", did_you_mean(name, known))
        return None
    section.only(("type", *_NUMBERS[name]))
    numbers = {key: _number(section, key) for key in _NUMBERS[name]}
    present = {key: number for key, number in numbers.items() if number is not None}
    if len(present) < len(numbers):
        return None
    low, high = present.get("min_value"), present.get("max_value")
    if (low is not None and high is not None and low > high) or present.get("upper", 1) < 1:
        section.problem("", "is empty: there is nothing to draw", "make it a range", rule="trials")
    if present.get("sigma", 0) < 0 or present.get("q", 1) <= 0:
        section.problem("", "sigma and q are above 0", "write positive numbers", rule="trials")
    return Space(name, (), present)


def _choice(section: Section, key: str, value: object) -> object:
    """Read one value of a choice; in a mapping each value may be drawn from a distribution too."""
    value = find_bound_value(value, section.literals)
    if isinstance(value, dict):
        below = section.subsection(key, value)
        return {
            name: _drawn(below.subsection(name, item))
            if isinstance(item, dict)
            else _choice(below, name, item)
            for name, item in below.values.items()
        }
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        section.problem(key, f"{value!r} is not a string or a number", "quote it")
    return value


def find_continuous(space: Space) -> str:
    """Return the kind of the distribution that a space draws from; "" where it can be counted."""
    if space.kind != "choice":
        return space.kind
    nested = (v for value in space.values if isinstance(value, dict) for v in value.values())
    return next((kind for v in nested if isinstance(v, Space) and (kind := find_continuous(v))), "")


def _number(section: Section, key: str) -> float | None:
    value: Any = find_bound_value(section.values.get(key), section.literals)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    if section.refuse_unbound(key, value):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        section.problem(key, "is missing" if value is None else f"{value!r} is not a number")
        return None
