"""How many examples a property test tries: few with every change, many in `nox -s stress`."""

import os

from hypothesis import HealthCheck, settings

FACTOR = float(os.environ.get("KEDRO_AZUREML_STRESS", "1"))

# A time limit for an example would measure the machine, which may be busy with other things.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


def examples(count: int, **more: object) -> settings:
    """Return the settings of a property test.

    Args:
        count: How many examples are enough while one waits.
        more: Further settings of hypothesis.
    """
    return settings(max_examples=max(1, round(count * FACTOR)), **more)
