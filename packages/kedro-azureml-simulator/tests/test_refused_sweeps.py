"""What is refused of a sweep step before any trial runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from kedro_azureml_simulator import PipelineError

if TYPE_CHECKING:
    from conftest import Project

pytestmark = pytest.mark.once

SWEEP = {
    "type": "sweep",
    "sampling_algorithm": "random",
    "objective": {"goal": "minimize", "primary_metric": "loss"},
    "limits": {"max_total_trials": 2},
    "search_space": {"value": {"type": "choice", "values": [1, 2]}},
    "trial": {
        "type": "command",
        "environment": "azureml:any:1",
        "command": "echo ${{search_space.value}}",
    },
}


def value(kind: str, **settings: Any) -> dict[str, Any]:
    return {"search_space": {"value": {"type": kind, **settings}}}


@pytest.mark.parametrize(
    ("changes", "where", "words"),
    [
        ({"objective": {"goal": "best", "primary_metric": "loss"}}, "objective.goal", "not a goal"),
        ({"objective": {"goal": "minimize"}}, "objective.primary_metric", "is missing"),
        ({"limits": {}}, "limits.max_total_trials", "is missing"),
        ({"sampling_algorithm": "genetic"}, "sampling_algorithm", "`genetic` is not an algorithm"),
        (
            {"sampling_algorithm": {"type": "random", "rule": "halton"}},
            "sampling_algorithm.rule",
            "unknown rule `halton`",
        ),
        ({"search_space": {}}, "search_space", "is empty"),
        (value("chioce"), "search_space.value.type", "did you mean `choice`?"),
        (value("choice", values=[]), "search_space.value.values", "at least one value"),
        (value("choice", values=3), "search_space.value.values", "must be a list"),
        (value("choice", values=[True]), "search_space.value.values.0", "True is not a string"),
        (value("uniform", max_value=1), "search_space.value.min_value", "is missing"),
        (
            value("uniform", min_value="low", max_value=1),
            "search_space.value.min_value",
            "'low' is not a number",
        ),
        (value("uniform", min_value=2, max_value=1), "search_space.value", "nothing to draw"),
        (value("randint", upper=0), "search_space.value", "nothing to draw"),
        (value("normal", mu=0, sigma=-1), "search_space.value", "sigma and q are above 0"),
        (
            {**value("uniform", min_value=0, max_value=1), "sampling_algorithm": "grid"},
            "search_space.value",
            "grid sampling cannot draw from `uniform`",
        ),
        (
            {
                **value("choice", values=[{"rate": {"type": "normal", "mu": 0, "sigma": 1}}]),
                "sampling_algorithm": {"type": "grid", "seed": 7},
            },
            "search_space.value",
            "grid sampling cannot draw from `normal`",
        ),
        ({"early_termination": {"type": "median"}}, "early_termination.type", "is not a policy"),
        (
            {"early_termination": {"type": "truncation_selection"}},
            "early_termination.truncation_percentage",
            "None is not a number",
        ),
        (
            {"early_termination": {"type": "bandit", "slack_factor": "much"}},
            "early_termination.slack_factor",
            "'much' is not a number",
        ),
        ({"trial": {**SWEEP["trial"], "type": "parallel"}}, "trial.type", "is not a command"),
    ],
)
def test_what_no_trial_could_follow_is_refused_with_its_place(
    project: Project, changes: dict[str, Any], where: str, words: str
) -> None:
    with pytest.raises(PipelineError) as caught:
        project.run({"search": {**SWEEP, **changes}})
    found = [
        f"{problem.text}; {problem.hint}"
        for problem in caught.value.problems
        if problem.where == f"jobs.search.{where}"
    ]
    assert len(found) == 1, caught.value
    assert words in found[0]
    assert not project.run_dir.exists()


def test_what_is_only_simulated_otherwise_is_said(project: Project) -> None:
    result = project.run({"search": {**SWEEP, "sampling_algorithm": "bayesian"}})
    said = [f"{problem.where}: {problem.text}" for problem in result.warnings]
    assert (
        "jobs.search.sampling_algorithm: bayesian sampling is simulated as random sampling" in said
    )
