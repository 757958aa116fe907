"""Seed the global random generators before each node, so that two runs can be compared."""

from __future__ import annotations

import os
import random
import sys
from typing import Any

SEED_VARIABLE = "KEDRO_AZUREML_SEED"
"""Environment variable with the seed; without it nothing is seeded."""


def seed_generators() -> None:
    """Seed `random`, and the global generators of NumPy and PyTorch where they are imported.

    Does nothing without the environment variable. Hashes of strings are seeded by `PYTHONHASHSEED`,
    which Python reads when a process starts.

    Raises:
        ValueError: The variable is not a number from 0 to 4294967295.

    Example:
        >>> os.environ[SEED_VARIABLE] = "7"
        >>> seed_generators(); first = random.random()
        >>> seed_generators(); first == random.random()
        True
        >>> del os.environ[SEED_VARIABLE]
    """
    text = os.environ.get(SEED_VARIABLE)
    if text is None:
        return
    seed = int(text)
    random.seed(seed)
    numpy: Any = sys.modules.get("numpy.random")
    if numpy is not None:
        numpy.seed(seed)
    torch: Any = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(seed)  # of every device
