"""Check within two seconds, and without the SDK, whether Azure can be reached at all.

The SDK takes seconds to be imported and then tries ten times. Without a network the answer should
not take so long.
"""

from __future__ import annotations

import importlib.util
import socket
import threading
import urllib.request
from urllib.parse import urlsplit

from kedro_azureml_datasets.azure_ml.clouds import find_known_cloud
from kedro_azureml_datasets.azure_ml.errors import AzureExtraMissingError, AzureUnreachableError

TIMEOUT_S = 2.0


def check_extra() -> None:
    """Check whether the packages of the extra `[azure]` are installed; import none of them.

    Raises:
        AzureExtraMissingError: One is not.
    """
    for module in ("azure.ai.ml", "azure.identity", "azure.storage.blob", "filelock"):
        if not is_installed(module):
            raise AzureExtraMissingError(module)


def is_installed(module: str) -> bool:
    """Check whether a module can be imported, without importing it.

    Args:
        module: Its name.

    Example:
        >>> is_installed("json"), is_installed("no.such.module")
        (True, False)
    """
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):  # a parent is missing
        return False


def check_connection(timeout_s: float = TIMEOUT_S, host: str | None = None) -> None:
    """Open and close a connection to Azure, or to the proxy that leads there.

    Args:
        timeout_s: How long to wait for each answer, in seconds.
        host: The host that is going to be asked; that of Azure Resource Manager by default.

    Raises:
        AzureUnreachableError: None came.
    """
    if host is None:
        cloud = find_known_cloud()
        if cloud is None:
            return  # its host is found out with the SDK
        host = cloud.management_host
    proxy = urllib.request.getproxies().get("https")
    if proxy and not urllib.request.proxy_bypass(host):
        url = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        target = (url.hostname or "", url.port or (443 if url.scheme == "https" else 80))
        tunnel = host if url.scheme == "http" else None
    else:
        target, tunnel = (host, 443), None
    failure = _failure_of(target, tunnel, timeout_s)
    if failure:
        raise AzureUnreachableError(f"{target[0]}:{target[1]}", failure)


def _failure_of(target: tuple[str, int], tunnel: str | None, timeout_s: float) -> str | None:
    answer: list[str | None] = []

    def attempt() -> None:
        try:
            with socket.create_connection(target, timeout_s) as connection:
                answer.append(_refusal_of_proxy(connection, tunnel) if tunnel else None)
        except (OSError, UnicodeError) as error:
            answer.append(str(error) or type(error).__name__)

    # In a thread, because looking up a name has no time limit of its own.
    thread = threading.Thread(target=attempt, daemon=True)
    thread.start()
    thread.join(2 * timeout_s + 0.5)
    return answer[0] if answer else "no answer"


def _refusal_of_proxy(connection: socket.socket, host: str) -> str | None:
    """Ask a proxy for the way: one whose own way is broken takes connections, too."""
    connection.sendall(f"CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n".encode())
    status = connection.recv(64).split()[1:2]
    if not status:
        return "the proxy closed the connection"
    # 407: it wants to know who asks, which the SDK tells it.
    return (
        None
        if status[0][:1] == b"2" or status[0] == b"407"
        else (f"the proxy answered {status[0].decode('latin-1')}")
    )
