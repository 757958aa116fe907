"""How many examples a property test tries: few with every change, many in `nox -s stress`."""

import json
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings

FACTOR = float(os.environ.get("KEDRO_AZUREML_STRESS", "1"))

# A time limit for an example would measure the machine, which may be busy with other things.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")

WITHOUT_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
"""Phases of a test whose examples start processes: it fails at once, not after minutes."""

GIVEN: dict[tuple[str, str], int] = {}
"""The examples of each property test that was imported, by module and name."""


EVERY_DAY = ("lost", "truncated", 403)
"""Faults that are tried with every change: it was done and nobody knows, half of it, refused."""


def spread_faults(kinds: Iterable[str | int]) -> list[Any]:
    """Return the faults of a test, of which `nox -s stress` alone tries those that are similar."""
    apart = pytest.mark.stress
    return [kind if kind in EVERY_DAY else pytest.param(kind, marks=apart) for kind in kinds]


def examples(count: int, **more: object) -> Callable[..., Callable[..., object]]:
    """Return a decorator with the settings of a property test.

    Args:
        count: How many examples are enough while one waits.
        more: Further settings of hypothesis.
    """
    given = max(1, round(count * FACTOR))
    chosen = settings(max_examples=given, **more)

    def apply(test: Callable[..., object]) -> Callable[..., object]:
        GIVEN[test.__module__, test.__name__] = given
        return chosen(test)

    return apply


def record_counts(name: str, counts: Mapping[str, Mapping[str, int]]) -> None:
    """Write what a property test has counted to where `nox -s stress` collects it for its page.

    Args:
        name: Name of the property on the page.
        counts: Tables of counts by their name.
    """
    folder = os.environ.get("KEDRO_AZUREML_STRESS_COUNTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        text = json.dumps({"examples factor": FACTOR, **counts}, indent=2)
        Path(folder, f"{name}.json").write_text(text, encoding="utf-8")
