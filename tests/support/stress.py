"""How many examples a property test tries: few with every change, many in `nox -s stress`."""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings

FACTOR = float(os.environ.get("KEDRO_AZUREML_STRESS", "1"))

# A time limit for an example would measure the machine, which may be busy with other things.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")

WITHOUT_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
"""Phases of a test whose examples start processes: it fails at once, not after minutes."""

GIVEN: dict[tuple[str, str], int] = {}
"""The examples of each property test that was imported, by module and name."""


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
