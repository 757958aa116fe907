"""Check within two seconds, and without the SDK, whether Azure can be reached at all.

The SDK takes seconds to be imported and then tries ten times. Without a network the answer should
not take so long.
"""

from __future__ import annotations

import importlib.util
import socket
import ssl
import threading
import urllib.request
from urllib.parse import urlsplit

from kedro_azureml_datasets.azure_ml.clouds import find_known_cloud
from kedro_azureml_datasets.azure_ml.errors import AzureExtraMissingError, AzureUnreachableError

TIMEOUT_S = 2.0
_LONGEST_ANSWER = 65_536  # bytes


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
    """Open and close a connection to Azure, through the proxy that leads there if there is one.

    A host that takes connections and never answers is found out too: it is greeted as TLS has it.

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
    failed = _try_connection(target, tunnel, host, timeout_s)
    if failed is not None:
        raise AzureUnreachableError(*failed)


def _try_connection(
    target: tuple[str, int], tunnel: str | None, host: str, timeout_s: float
) -> tuple[str, str] | None:
    """Return which host did not answer, and why; None if all did."""
    first = f"{target[0]}:{target[1]}"
    answer: list[tuple[str, str] | None] = []

    def attempt() -> None:
        try:
            with socket.create_connection(target, timeout_s) as connection:
                status = _ask_proxy(connection, tunnel) if tunnel else "200"
                if status == "407":  # it wants to know who asks, which the SDK tells it
                    answer.append(None)
                elif status[:1] == "2":
                    silent = _is_silent(connection, host)
                    answer.append((host, f"no answer in {timeout_s:g} s") if silent else None)
                elif status:
                    answer.append((host, f"the proxy {first} answered {status}"))
                else:
                    answer.append((host, f"the proxy {first} closed the connection"))
        except (OSError, UnicodeError) as error:
            answer.append((first, str(error) or type(error).__name__))

    # In a thread, because looking up a name has no time limit of its own.
    thread = threading.Thread(target=attempt, daemon=True)
    thread.start()
    thread.join(3 * timeout_s + 0.5)
    return answer[0] if answer else (first, "no answer")


def _ask_proxy(connection: socket.socket, host: str) -> str:
    """Ask a proxy for the way, and return its status; one whose own way is broken listens, too."""
    connection.sendall(f"CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n".encode())
    answer = b""
    while b"\r\n\r\n" not in answer and len(answer) < _LONGEST_ANSWER:
        piece = connection.recv(1024)
        if not piece:
            break
        answer += piece
    words = answer.partition(b"\r\n")[0].decode("latin-1").split()
    return words[1] if len(words) > 1 else ""


def _is_silent(connection: socket.socket, host: str) -> bool:
    """Check whether nobody answers the greeting of TLS; any answer will do, a refusal included."""
    try:
        # Trusts no certificate, so that nobody is taken for Azure: the handshake ends there.
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).wrap_socket(connection, server_hostname=host)
    except TimeoutError:
        return True
    except (OSError, ValueError):
        return False
    return False
