r"""Convert Kedro's names to names that Azure ML allows, without collisions.

Azure ML requires `^[a-z_][a-z\\d_]*$` for a step and `^[a-zA-Z_]+[a-zA-Z0-9_]*$` for an output port
(the patterns in azure-ai-ml 1.35.2); Kedro allows dots in node names and any character in dataset
names. Names from this module start with a letter: those that start with `_` are reserved for
ports that belong to no dataset.
"""

import hashlib
import re
from functools import cache

MAX_LENGTH = 80
"""Longer names are shortened. Azure ML allows more, but shows less."""

_WORD = r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*"
_READABLE = re.compile(rf"{_WORD}(?:\.{_WORD})*")
_HASH_LENGTH = 10
_LIKE_A_HASH = re.compile(rf".*_[0-9a-f]{{{_HASH_LENGTH}}}")


@cache
def make_azure_name(kedro_name: str) -> str:
    """Return the name of a node or a dataset in Azure ML.

    Lower-case words stay as they are, and a dot becomes two underscores. Every other name gets a
    hash of itself, so that `Model` and `model`, or `a.b`, `a_b` and `a__b`, stay apart.

    Args:
        kedro_name: Name of a node or a dataset in Kedro.

    Returns:
        At most 80 characters, all of them lower-case letters, digits and underscores.

    Example:
        >>> make_azure_name("model_input"), make_azure_name("training.split")
        ('model_input', 'training__split')
        >>> make_azure_name("Model"), make_azure_name("a__b")
        ('model_5e2c614c23', 'a_b_63e5c1c455')
    """
    if _READABLE.fullmatch(kedro_name):
        name = kedro_name.replace(".", "__")
        if len(name) <= MAX_LENGTH and not _LIKE_A_HASH.fullmatch(name):
            return name
    digest = hashlib.sha256(kedro_name.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_LENGTH]
    words = re.sub(r"[^a-z0-9]+", "_", kedro_name.lower()).strip("_")
    if not words or not words[0].isalpha():
        words = f"x_{words}".rstrip("_")
    return f"{words[: MAX_LENGTH - _HASH_LENGTH - 1].rstrip('_')}_{digest}"
