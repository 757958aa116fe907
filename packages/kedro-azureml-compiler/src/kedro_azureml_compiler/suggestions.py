"""Suggest the word that was probably meant."""

import difflib
from collections.abc import Iterable

_MOST_LISTED = 20


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Suggest a known word, or list them if none is similar.

    A name without its namespace is similar, too.

    Example:
        >>> did_you_mean("trainign", ["training", "scoring"])
        "(did you mean 'training'?)"
        >>> did_you_mean("split", ["eu.split", "us.north.split", "fit"])
        "(did you mean 'eu.split' or 'us.north.split'?)"
        >>> did_you_mean("x", ["training", "scoring"])
        '(there are: scoring, training)'
        >>> did_you_mean("x", map(str, range(100, 200)))[-22:]
        '118, 119, and 80 more)'
    """
    words = sorted(known)
    inside = [other for other in words if word and other.endswith(f".{word}")]
    near = inside[:3] or difflib.get_close_matches(word, words, n=1)
    if near:
        return f"(did you mean {' or '.join(map(repr, near))}?)"
    listed = words[:_MOST_LISTED]
    if len(words) > len(listed):
        listed.append(f"and {len(words) - len(listed)} more")
    return f"(there are: {', '.join(listed)})" if words else "(there are none)"
