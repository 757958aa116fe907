"""Whether there is a way to Azure is known without the SDK."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from typing import TYPE_CHECKING

import pytest
from kedro_azureml_datasets.azure_ml.connection import check_connection
from kedro_azureml_datasets.azure_ml.errors import AzureUnreachableError

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _no_surroundings_of_azure(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("AZUREML_", "ARM_")) or "PROXY" in name.upper():
            monkeypatch.delenv(name)


class Proxy:
    """Takes one connection after another and gives each the same answer."""

    def __init__(self, answer: bytes | None) -> None:
        self._answer = answer
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        self.asked = b""
        self._open: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):  # it is closed when the test is over
            while True:
                connection, _ = self._server.accept()
                self.asked += connection.recv(4096)
                if self._answer is None:
                    self._open.append(connection)  # and says nothing
                    continue
                connection.sendall(self._answer)
                connection.close()

    def close(self) -> None:
        for connection in self._open:
            connection.close()
        self._server.close()


class Hole(Proxy):
    """Answers once as a proxy does, if at all, and takes what comes then without a word."""

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._server.accept()
                self._open.append(connection)
                if self._answer:
                    connection.recv(4096)
                    connection.sendall(self._answer)


@pytest.fixture
def proxy(request: pytest.FixtureRequest) -> Iterator[Proxy]:
    started = Proxy(request.param)
    yield started
    started.close()


OK = b"HTTP/1.1 200 Connection established\r\n\r\n"
FORMS = ["http://127.0.0.1:{}", "127.0.0.1:{}", "http://u:p@127.0.0.1:{}/"]


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("proxy", [OK], indirect=True)
def test_a_proxy_that_answers_is_a_way(
    monkeypatch: pytest.MonkeyPatch, proxy: Proxy, form: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", form.format(proxy.port))
    check_connection()
    assert proxy.asked.startswith(b"CONNECT management.azure.com:443 HTTP/1.1\r\n")


@pytest.mark.parametrize("proxy", [b"HTTP/1.1 407 Who are you\r\n\r\n"], indirect=True)
def test_a_proxy_that_asks_who_is_there_is_left_to_the_sdk(
    monkeypatch: pytest.MonkeyPatch, proxy: Proxy
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
    check_connection()
    assert proxy.asked.count(b"CONNECT management.azure.com:443 ") == 1


@pytest.mark.parametrize(
    ("proxy", "told"),
    [
        (b"HTTP/1.1 502 Bad Gateway\r\n\r\n", "'management.azure.com' .* answered 502"),
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", "'management.azure.com' .* answered 403"),
        (b"", "closed the connection"),
        (b"nonsense", "closed the connection"),
        (None, "timed out"),
    ],
    indirect=["proxy"],
)
def test_a_proxy_without_an_address_is_not_used(
    monkeypatch: pytest.MonkeyPatch, proxy: Proxy, told: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
    with pytest.raises(AzureUnreachableError, match=told):
        check_connection(timeout_s=0.5)


def test_a_proxy_that_does_not_answer_is_named_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    port = closed_port()
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:secret@127.0.0.1:{port}")
    with pytest.raises(AzureUnreachableError, match=f"'127.0.0.1:{port}'") as caught:
        check_connection()
    assert "HTTPS_PROXY" in caught.value.hint
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("of_proxy", [False, True])
def test_a_host_that_takes_connections_and_never_answers_is_named(
    monkeypatch: pytest.MonkeyPatch, of_proxy: bool
) -> None:
    hole = Hole(
        OK.replace(b"\r\n\r\n", b"\r\nVia: " + b"x" * 3000 + b"\r\n\r\n") if of_proxy else b""
    )
    if of_proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{hole.port}")
    else:  # leads to a port that a test may listen on
        monkeypatch.setenv("HTTPS_PROXY", f"https://127.0.0.1:{hole.port}")
    with pytest.raises(AzureUnreachableError) as caught:
        check_connection(timeout_s=0.3)
    assert caught.value.host == "management.azure.com"
    assert "no answer in 0.3 s" in caught.value.message
    hole.close()


def test_no_answer_in_time_is_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    # A listening socket whose queue is full: connections to it are neither taken nor refused.
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        address = server.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for client in waiting:
            client.setblocking(False)
            client.connect_ex(address)
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{address[1]}")
        with pytest.raises(AzureUnreachableError):
            check_connection(timeout_s=0.2)
        for client in waiting:
            client.close()


@pytest.mark.parametrize(
    ("variable", "value"),
    [("AZUREML_CURRENT_CLOUD", "OwnCloud"), ("ARM_CLOUD_METADATA_URL", "https://own.example")],
)
def test_of_a_cloud_of_ones_own_only_the_sdk_knows_the_way(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{closed_port()}")
    with pytest.raises(AzureUnreachableError):  # the way to the public cloud is closed
        check_connection()
    monkeypatch.setenv(variable, value)
    check_connection()  # none was tried
