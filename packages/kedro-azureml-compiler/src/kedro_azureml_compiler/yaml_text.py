"""Read YAML safely, with libyaml where PyYAML has it: its own parser is ten times slower."""

from typing import Any

import yaml

WORDS_OF_YAML = frozenset(["yes", "no", "on", "off", "y", "n", "true", "false", "null"])
"""In small letters, the words that some reader of YAML takes for another value than a text."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load_yaml(text: str) -> Any:
    """Return the content of a YAML document; nothing but plain values is made.

    Args:
        text: The document.

    Raises:
        yaml.YAMLError: It is not YAML.
        ValueError: A value cannot be what it looks like, as the date 2024-13-01.

    Example:
        >>> load_yaml("jobs: {train: {}}")
        {'jobs': {'train': {}}}
    """
    loader = _LOADER(text)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def compose_yaml(text: str) -> Any:
    """Return the node of a YAML document, which knows its lines; None if it is empty.

    Args:
        text: The document.

    Raises:
        yaml.YAMLError: It is not YAML.

    Example:
        >>> compose_yaml("jobs: {}").value[0][0].start_mark.line
        0
    """
    return yaml.compose(text, _LOADER)
