"""Choose the settings of each step from the patterns of `azureml.yml` that match it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kedro_azureml_compiler.findings import About, Finding, FindingKind, Severity
from kedro_azureml_compiler.planning.left_out import NOTHING, LeftOut
from kedro_azureml_compiler.planning.node_patterns import (
    PATTERN_MATCHES_NOTHING,
    NodePattern,
    suggest_patterns,
)
from kedro_azureml_compiler.settings.models import DEFAULT
from kedro_azureml_compiler.settings.steps import OutputPlace, StepSettings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kedro_azureml_compiler.planning.grouping import NodeGroup
    from kedro_azureml_compiler.settings.models import AzureMLConfig, Job

_BY_PART = {"environment_variables", "output"}
"""Sections whose keys are chosen one by one; the others are chosen as a whole."""

_NAME_OF_THE_STEP = (5, 0)
_COMPUTE_TAG = (1, 0)


SETTINGS_CONTRADICT = FindingKind(
    code="settings-contradict",
    severity=Severity.ERROR,
    about=About.STEP,
    title="Two patterns of `steps` give a step different values",
    explanation="The more specific pattern wins; here, none is more specific than the others.",
    hint="Name the step itself.",
    example=("steps:\n  train: {compute: gpu}"),
    fixed=True,
)


@dataclass
class _Offers:
    """The candidates for one step: key to values, each with the precision of its pattern."""

    by_key: dict[tuple[str, ...], list[tuple[tuple[int, int], str, Any]]] = field(
        default_factory=dict
    )

    def add(
        self, key: tuple[str, ...], precision: tuple[int, int], pattern: str, value: Any
    ) -> None:
        self.by_key.setdefault(key, []).append((precision, pattern, value))


def choose_settings(
    name: str,
    job: Job,
    config: AzureMLConfig,
    groups: Sequence[NodeGroup],
    left_out: LeftOut = NOTHING,
) -> tuple[dict[str, StepSettings], tuple[Finding, ...]]:
    """Choose the settings of each step: for each key the one with the most specific pattern.

    A node tag that is the name of a compute counts as `tag:NAME` with that compute.

    Args:
        name: Name of the job.
        job: The job, with its `steps`.
        config: The content of `azureml.yml`.
        groups: The steps with their nodes.
        left_out: What the job has and the command leaves out.

    Returns:
        Name of the step to its settings, for the steps that have any, and what was found wrong.
    """
    nodes = [node for group in groups for node in group.nodes]
    findings = []
    patterns = []
    for text, settings in job.steps.items():
        pattern = NodePattern(text)
        if any(pattern.matches(node) for node in nodes) or any(
            pattern.names(g.name) for g in groups
        ):
            patterns.append((pattern, list(_given(settings))))
            continue
        if left_out.has(pattern):
            continue
        hint = suggest_patterns(
            text,
            [*nodes, *left_out.nodes],
            (group.name for group in groups if len(group.nodes) > 1),
        )
        findings.append(
            PATTERN_MATCHES_NOTHING.found(
                f"jobs.{name}.steps.{text}", "this pattern matches no node of the job.", hint
            )
        )
    computes = set(config.compute) - {DEFAULT}
    chosen = {}
    for group in groups:
        offers = _Offers()
        for tag in computes.intersection(group.tags):
            offers.add(("compute",), _COMPUTE_TAG, f"tag:{tag}", tag)
        for pattern, given in patterns:
            if pattern.names(group.name):
                exact = pattern.text == group.name
                precision = _NAME_OF_THE_STEP if exact else pattern.precision
            elif any(pattern.matches(node) for node in group.nodes):
                precision = pattern.precision
            else:
                continue
            for key, value in given:
                offers.add(key, precision, pattern.text, value)
        if offers.by_key:
            settings, found = _choose(group.name, offers)
            findings += found
            chosen[group.name] = settings
    return chosen, tuple(findings)


def _given(settings: StepSettings) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key in settings.model_fields_set:
        value = getattr(settings, key)
        if key in _BY_PART and value is not None:
            parts = dict(value) if isinstance(value, OutputPlace) else value
            yield from (((key, part), inner) for part, inner in parts.items() if inner is not None)
        elif value is not None:
            yield (key,), value


def _choose(step: str, offers: _Offers) -> tuple[StepSettings, list[Finding]]:
    values: dict[str, Any] = {}
    findings = []
    for key, offered in sorted(offers.by_key.items()):
        narrowest = max(precision for precision, _, _ in offered)
        best = sorted((o for o in offered if o[0] == narrowest), key=lambda o: o[1])
        value = best[0][2]
        if any(other != value for _, _, other in best):
            findings.append(_contradiction(step, key, [pattern for _, pattern, _ in best]))
        if len(key) == 1:
            values[key[0]] = value
        else:
            values.setdefault(key[0], {})[key[1]] = value
    return StepSettings(**values), findings


def _contradiction(step: str, key: Sequence[str], patterns: Sequence[str]) -> Finding:
    listed = " and ".join(f"'{pattern}'" for pattern in patterns)
    message = f"{listed} give different values of '{'.'.join(key)}'; none is more specific."
    hint = f"Name the step itself below 'steps':  {step!r}: {{{key[0]}: ...}}"
    return SETTINGS_CONTRADICT.found(step, message, hint)


def find_step_settings(chosen: Mapping[str, StepSettings], step: str) -> StepSettings:
    """Return the settings of a step; empty if none were chosen for it."""
    return chosen.get(step, _NOTHING)


_NOTHING = StepSettings.model_construct()  # nothing to validate, so the model need not be built
