"""Decide to which hosts a token, a key or a SAS may be sent.

An asset's address and a datastore's endpoint come from the workspace, where others write. So a
credential goes to storage of the workspace's own cloud alone, and over https alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kedro_azureml_datasets.azure_ml.errors import UntrustedStorageError

if TYPE_CHECKING:
    from kedro_azureml_datasets.azure_ml.clouds import Cloud

_ADDRESS = re.compile(r"https://([a-z0-9.-]+)(?:[/?].*)?", re.IGNORECASE | re.DOTALL)


def is_own_storage(url: str, cloud: Cloud) -> bool:
    """Check whether an address is that of a storage account of a cloud, over https.

    Args:
        url: The address; a path and a query do not count.
        cloud: The cloud.

    Example:
        >>> from kedro_azureml_datasets.azure_ml.clouds import PUBLIC
        >>> is_own_storage("https://penguins.blob.core.windows.net/c/p.csv", PUBLIC)
        True
        >>> is_own_storage("https://penguins.blob.core.windows.net@example.com/c/p.csv", PUBLIC)
        False
    """
    # Nothing but a host may stand before the path: a user or a port would lead elsewhere.
    match = _ADDRESS.fullmatch(url)
    return match is not None and cloud.is_storage(match[1])


def check_storage(url: str, cloud: Cloud, what: str) -> None:
    """Refuse an address to which no credential may be sent.

    Args:
        url: The address of the storage account.
        cloud: The cloud of the workspace.
        what: What is there, as in "the datastore 'lake'".

    Raises:
        UntrustedStorageError: It is not storage of that cloud, or does not use https.
    """
    if not is_own_storage(url, cloud):
        raise UntrustedStorageError(what, _host_of(url), cloud.name)


def _host_of(url: str) -> str:
    scheme, _, rest = url.partition("://")
    # As it is written: what a user has to recognise may be what no parser takes.
    host = rest.partition("?")[0].partition("/")[0].rpartition("@")[2]
    return host if scheme.lower() == "https" else f"{scheme}://{host}"
