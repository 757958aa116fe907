"""What a mapping may call a component, an asset or an environment of a workspace or registry."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

Found = TypeVar("Found")

_VERSION = r"(?:/versions/(?P<version>[^/]+)|/labels/(?P<label>[^/]+))?"
_ADDRESS = re.compile(
    r"(?://registries/[^/]+|//locations/[^/]+/workspaces/[^/]+|//?subscriptions/.+/workspaces/[^/]+)"
    rf"/(?:components|data|models|environments)/(?P<name>[^/]+){_VERSION}/?"
)
_SHORT = re.compile(r"(?P<name>[^:@/]+)(?::(?P<version>.+)|@(?P<label>.+))?")


def list_spellings(reference: str) -> tuple[str, ...]:
    """Return what a reference may be called, without `azureml:`, the most exact first.

    Args:
        reference: As it stands in a YAML; the prefix `azureml:` may be missing.

    Returns:
        The whole reference, then `name:version` or `name@label`, then the name. A path in a
        datastore and a web address have no name.

    Example:
        >>> list_spellings("azureml:train:3")
        ('train:3', 'train')
        >>> list_spellings("azureml://registries/shared/components/train/labels/default")
        ('//registries/shared/components/train/labels/default', 'train@default', 'train')
    """
    bare = reference.removeprefix("azureml:")
    match = _ADDRESS.fullmatch(bare) or _SHORT.fullmatch(bare)
    if match is None:
        return (bare,)
    name, version, label = match["name"], match["version"], match["label"]
    exact = f"{name}:{version}" if version else f"{name}@{label}" if label else name
    return tuple(dict.fromkeys((bare, exact, name)))


def find_mapped(reference: str, mapping: Mapping[str, Found]) -> Found | None:
    """Return what stands for a reference; None where nothing does.

    Args:
        reference: As it stands in a YAML, with or without `azureml:`.
        mapping: What was given, by any spelling of a reference; the most exact one counts.

    Example:
        >>> find_mapped("azureml:birds:2", {"birds": "any", "azureml:birds:2": "the second"})
        'the second'
        >>> find_mapped("birds@latest", {"birds": "any"})
        'any'
    """
    if reference in mapping:
        return mapping[reference]
    known = {name.removeprefix("azureml:"): value for name, value in mapping.items()}
    return next((known[name] for name in list_spellings(reference) if name in known), None)
