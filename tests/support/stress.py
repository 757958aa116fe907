"""How many examples a property test tries: few with every change, many in `nox -s stress`."""

import os

from hypothesis import settings

FACTOR = float(os.environ.get("KEDRO_AZUREML_STRESS", "1"))


def examples(count: int, **more: object) -> settings:
    """Give the settings of a property test.

    A time limit for one example would measure the machine, so there is none.

    Args:
        count: How many examples are enough while one waits.
        more: Further settings of hypothesis.
    """
    return settings(max_examples=max(1, round(count * FACTOR)), deadline=None, **more)
