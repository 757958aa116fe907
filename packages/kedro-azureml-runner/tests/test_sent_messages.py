"""What the receivers of notifications get, and what becomes of what they do not take."""

import json
import socket
import struct
import threading
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
from kedro_azureml_runner.notifications.message import find_form, make_body, make_studio_link
from kedro_azureml_runner.notifications.posting import PostingError, check_address, post
from kedro_azureml_runner.notifications.sending import notify
from kedro_azureml_runner.protocol.notification import VARIABLE, NotificationSettings, Value
from notified_steps import LINK, WORKSPACE, asked, finish, variables


def test_slack_gets_text_channel_and_bearer(monkeypatch, receiver):
    settings = asked("success", token=Value("TOKEN"), channel="#jobs", form="slack")
    receiver.answer = b'{"ok": true}'
    finish(monkeypatch, settings, HOOK=receiver.url, TOKEN="xoxb-1")
    (headers,), (body,) = receiver.headers, receiver.bodies
    assert headers["Authorization"] == "Bearer xoxb-1"
    assert body == {"text": "Job 'train' has succeeded.", "channel": "#jobs"}


def test_slack_saying_no_with_200_is_a_warning(monkeypatch, receiver, capsys):
    receiver.answer = b'{"ok": false, "error": "channel_not_found"}'
    assert finish(monkeypatch, asked("success", form="slack"), HOOK=receiver.url) == 0
    assert "was not sent: 127.0.0.1 answered: channel_not_found." in capsys.readouterr().err


def test_teams_gets_an_adaptive_card_with_a_button(monkeypatch, receiver):
    finish(monkeypatch, asked("success", form="teams"), HOOK=receiver.url, **WORKSPACE)
    (attachment,) = receiver.bodies[0]["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert attachment["content"]["actions"][0]["url"] == LINK
    assert [block["inlines"][0]["text"] for block in attachment["content"]["body"]] == [
        "Job 'train' has succeeded."
    ]


@pytest.mark.parametrize("returned", ["{'said': event['job']}", "None"])
def test_a_function_of_the_project_makes_the_body(monkeypatch, receiver, tmp_path, returned):
    name = "orchard_words_none" if returned == "None" else "orchard_words"
    (tmp_path / "src").mkdir()
    (tmp_path / f"src/{name}.py").write_text(f"def make(event):\n    return {returned}\n")
    monkeypatch.chdir(tmp_path)
    finish(monkeypatch, asked("success", payload=f"{name}:make"), HOOK=receiver.url)
    assert receiver.bodies == ([] if returned == "None" else [{"said": "train"}])


@pytest.mark.parametrize(
    "payload", ["no_such_module:make", "json:nothing", "os:getcwd", "sys:exit"]
)
def test_a_function_that_makes_no_body_is_a_warning(monkeypatch, receiver, capsys, payload):
    assert finish(monkeypatch, asked("success", payload=payload), HOOK=receiver.url) == 0
    assert "Warning: the notification of 'success' was not sent" in capsys.readouterr().err
    assert receiver.bodies == []


@pytest.mark.parametrize("status", [302, 307, 400, 404, 429, 500, 503])
def test_an_answer_that_is_no_success_is_a_warning_without_the_address(
    monkeypatch, receiver, capsys, status
):
    receiver.status = status
    assert finish(monkeypatch, asked("success"), HOOK=receiver.url) == 0
    said = capsys.readouterr().err
    assert f"HTTP {status}" in said
    assert "s3cret" not in said
    assert len(receiver.bodies) == 1  # no redirect was followed, and nothing was sent twice


def test_what_a_receiver_answers_cannot_bring_a_secret_or_a_line_into_the_log(
    monkeypatch, receiver, capsys
):
    url = f"{receiver.url}/?api-version=1&sig=s%2Fgnature"
    told = f"no \n{url} xoxb-1\x1b[31m{urlsplit(url).path}?sig=s/gnature " + "x" * 1000
    receiver.answer = json.dumps({"ok": False, "error": told}).encode()
    settings = asked("success", token=Value("TOKEN"))
    assert finish(monkeypatch, settings, HOOK=url, TOKEN="xoxb-1") == 0
    (line,) = (line for line in capsys.readouterr().err.splitlines() if "Warning" in line)
    assert "answered: no *** *** [31m***?sig=*** xx" in line
    assert "gnature" not in line
    assert len(line) < 300


@pytest.mark.parametrize(
    "name", ["a\nb", "\ud800", "${{inputs.x}}", "'; rm -rf /", "[x](http://evil)", "é" * 999]
)
@pytest.mark.parametrize("form", ["slack", "teams", "json"])
def test_hostile_names_and_causes_travel_as_text(monkeypatch, receiver, name, form):
    settings = NotificationSettings(name, name, ("failure",), Value("HOOK"), form=form)
    assert NotificationSettings.from_text(settings.to_text()) == settings
    assert "${{" not in settings.to_text()
    with variables(monkeypatch, **{VARIABLE: settings.to_text(), "HOOK": receiver.url}):
        assert notify("failure", node=name, cause=name * 5000)
    (body,) = receiver.bodies
    assert len(json.dumps(body)) < 100_000
    assert "TextBlock" not in json.dumps(body).replace("RichTextBlock", "")


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 2", b"nonsense\r\n\r\n", None])
def test_a_connection_that_breaks_off_is_a_warning(monkeypatch, capsys, answer):
    with socket.create_server(("127.0.0.1", 0)) as server:

        def break_off() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                if answer is None:  # a reset
                    linger = struct.pack("ii", 1, 0)
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                else:
                    connection.sendall(answer)

        thread = threading.Thread(target=break_off)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/s3cret"
        assert finish(monkeypatch, asked("success"), HOOK=url) == 0
        thread.join()
    said = capsys.readouterr().err
    assert "Warning: the notification of 'success' was not sent: 127.0.0.1" in said
    assert "s3cret" not in said


def test_a_receiver_that_does_not_answer_is_given_up(receiver):
    receiver.wait_s = 0.6
    with pytest.raises(PostingError, match=r"not answered within 0\.2 s"):
        post(receiver.url, {}, timeout_s=0.2)


def test_a_receiver_that_answers_byte_by_byte_is_given_up():
    given_up = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            connection, _ = server.accept()
            with connection, suppress(OSError):
                connection.recv(65536)
                for byte in b"HTTP/1.1 200 OK\r\nX: " + b"x" * 1000:
                    connection.sendall(bytes([byte]))
                    if given_up.wait(0.05):  # far sooner than any time limit of the socket
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        with pytest.raises(PostingError, match=r"not answered within 0\.3 s"):
            post(f"http://127.0.0.1:{server.getsockname()[1]}/", {}, timeout_s=0.3)
        given_up.set()
        thread.join()


def test_a_host_without_a_server_is_a_warning(monkeypatch, capsys):
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}/s3cret"
    assert finish(monkeypatch, asked("success"), HOOK=url) == 0
    said = capsys.readouterr().err
    assert "127.0.0.1 cannot be reached" in said
    assert "s3cret" not in said


@pytest.mark.parametrize(
    "url",
    ["http://example.org/s3cret", "file:///s3cret", "s3cret", "https://", "https://[s3cret/",
     "https://example.org:s3cret/", "https://example.org/s3cret x", "https://example.org/s3crét"],
)  # fmt: skip
def test_an_address_without_tls_or_without_a_host_is_refused_and_not_repeated(url):
    with pytest.raises(PostingError) as caught:
        check_address(url)
    assert "s3cret" not in str(caught.value)


def test_a_variable_that_the_step_lacks_is_named(monkeypatch, capsys):
    monkeypatch.delenv("HOOK", raising=False)
    assert finish(monkeypatch, asked("success")) == 0
    assert "there is no environment variable HOOK in this step." in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "{", "[]", '{"events": 1}', '{"events": [], "new": 1}'])
def test_settings_that_cannot_be_read_are_a_warning(monkeypatch, capsys, text):
    assert finish(monkeypatch, text) == 0
    assert "Warning: the notification of 'success' was not sent" in capsys.readouterr().err


def test_the_form_follows_the_host():
    assert find_form("https://contoso.webhook.office.com/x") == "teams"
    assert find_form("https://slack.com/api/chat.postMessage") == "slack"
    assert find_form("https://notslack.com/x") == "json"


def test_slack_takes_no_mention_out_of_an_error():
    facts = {"event": "failure", "job": "j", "step": "s", "cause": "<!channel> & more"}
    assert "&lt;!channel&gt; &amp; more" in make_body(facts, "slack")["text"]


def test_studio_has_another_host_in_another_cloud():
    endpoint = {"AZUREML_SERVICE_ENDPOINT": "https://usgovvirginia.api.ml.azure.us"}
    link = make_studio_link({**WORKSPACE, **endpoint}, "x")
    assert link is not None
    assert link.startswith("https://ml.azure.us/runs/x?")
