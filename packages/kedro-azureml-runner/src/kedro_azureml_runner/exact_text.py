"""Keep strings from outside from being read as interpolations of OmegaConf.

What a project's own runtime parameters hold is resolved as `kedro run --params` resolves it. The
text of a promoted parameter comes from a form: `${globals:key}` in it is a text.
"""

from __future__ import annotations

import re

from kedro import __version__ as kedro_version
from kedro.config import OmegaConfigLoader
from kedro.framework.project import settings

from kedro_azureml_runner.protocol.promoted import InvocationError

_INTERPOLATION = re.compile(r"(\\*)\$\{")


def keep_exact(text: str) -> str:
    r"""Return the runtime parameter that the project's config loader turns into the string.

    Args:
        text: The text that a node is to get.

    Raises:
        InvocationError: The text holds `${`, and Kedro is 1.2, which shows a node the runtime
            parameter as it was given and resolves it elsewhere.
    """
    if "${" not in text or not issubclass(settings.CONFIG_LOADER_CLASS, OmegaConfigLoader):
        return text
    if kedro_version.startswith("1.2."):
        raise InvocationError(
            f"A promoted parameter holds '${{': {text[:80]!r}. Kedro {kedro_version} cannot give "
            "that to a node as it is. Install a later one in the step image: "
            'pip install "kedro>=1.3"'
        )
    return escape_interpolations(text)


def escape_interpolations(text: str) -> str:
    r"""Escape interpolations as OmegaConf's grammar has it: those alone, and backslashes there.

    Example:
        >>> print(escape_interpolations("${a} costs $5 {b}"))
        \${a} costs $5 {b}
    """
    return _INTERPOLATION.sub(lambda match: match[1] * 2 + "\\${", text)
