"""Suggests the word that was probably meant."""

import difflib
from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Suggest a known word, or list them all where none is near.

    Example:
        >>> did_you_mean("trainign", ["training", "scoring"])
        "(did you mean 'training'?)"
        >>> did_you_mean("x", ["training", "scoring"])
        '(there are: scoring, training)'
    """
    words = sorted(known)
    near = difflib.get_close_matches(word, words, n=1)
    if near:
        return f"(did you mean '{near[0]}'?)"
    return f"(there are: {', '.join(words)})" if words else "(there are none)"
