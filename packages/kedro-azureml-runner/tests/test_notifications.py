"""What a step sends to a real server on this machine, and what becomes of what cannot be sent."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from kedro_azureml_runner.__main__ import main
from kedro_azureml_runner.notifications.message import find_form, make_body, make_studio_link
from kedro_azureml_runner.notifications.noted_warnings import (
    StepWarnings,
    read_warnings,
    write_warnings,
)
from kedro_azureml_runner.notifications.posting import PostingError, check_address, post
from kedro_azureml_runner.notifications.sending import notify
from kedro_azureml_runner.protocol.notification import VARIABLE, NotificationSettings, Value

WORKSPACE = {
    "AZUREML_RUN_ID": "step-run",
    "AZUREML_ROOT_RUN_ID": "calm_fig",
    "AZUREML_ARM_SUBSCRIPTION": "s",
    "AZUREML_ARM_RESOURCEGROUP": "r",
    "AZUREML_ARM_WORKSPACE_NAME": "w",
}
LINK = "https://ml.azure.com/runs/calm_fig?wsid=/subscriptions/s/resourcegroups/r/workspaces/w"
STEP = ("--protocol", "1", "--pipeline", "__default__", "--node", "eat")


class Receiver:
    """An HTTP server that keeps what it gets and answers as a test wants."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], dict[str, object]]] = []
        self.status, self.answer, self.wait_s = 200, b"ok", 0.0
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                content = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((dict(self.headers), json.loads(content)))
                time.sleep(receiver.wait_s)
                self.send_response(receiver.status)
                self.send_header("Location", receiver.url)
                self.send_header("Content-Length", str(len(receiver.answer)))
                with suppress(OSError):  # of who has given up waiting
                    self.end_headers()
                    self.wfile.write(receiver.answer)

            def log_message(self, *_: object) -> None:
                """Keep the test's output clean."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/s3cret"

    @property
    def bodies(self) -> list[dict[str, object]]:
        return [body for _, body in self.got]


@pytest.fixture
def receiver():
    made = Receiver()
    thread = threading.Thread(target=made.server.serve_forever, args=(0.02,))
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


def asked(*events: str, **more: object) -> str:
    return NotificationSettings("train", "eat", events, Value("HOOK"), **more).to_text()


@pytest.fixture
def failing(project):
    project.pipeline(
        """
        def eat():
            try:
                {}["apple"]
            except KeyError as error:
                raise ValueError("no dinner") from error

        def register_pipelines():
            return {"__default__": Pipeline([node(eat, None, "full", name="eat")])}
        """
    )
    return project


def test_a_failing_step_sends_node_root_cause_and_link(failing, receiver):
    environ = {VARIABLE: asked("failure"), "HOOK": receiver.url, **WORKSPACE}
    done = failing.step(*STEP, **environ)
    assert done.returncode == 1
    (body,) = receiver.bodies
    assert (body["event"], body["job"], body["node"]) == ("failure", "train", "eat")
    assert body["cause"] == "KeyError: 'apple'"
    assert body["link"] == LINK
    assert body["text"] == f"Job 'train' failed in node 'eat': KeyError: 'apple'\n{LINK}"
    assert "s3cret" not in done.stdout + done.stderr


def test_a_dataset_that_cannot_be_loaded_is_named(project, receiver, tmp_path):
    project.pipeline(
        """
        def register_pipelines():
            return {"__default__": Pipeline([node(len, "apples", "full", name="eat")])}
        """
    )
    (tmp_path / "apples.json").write_text("{")
    environ = {VARIABLE: asked("failure"), "HOOK": receiver.url}
    done = project.step(*STEP, "--input", "apples", str(tmp_path), **environ)
    assert done.returncode == 1
    (body,) = receiver.bodies
    assert (body["node"], body["dataset"]) == ("eat", "apples")


def test_only_the_first_process_of_a_distributed_step_sends(failing, receiver):
    environ = {VARIABLE: asked("failure"), "HOOK": receiver.url, "WORLD_SIZE": "2"}
    failing.step(*STEP, RANK="1", **environ)
    assert receiver.got == []
    failing.step(*STEP, RANK="0", **environ)
    assert len(receiver.got) == 1


def test_a_step_that_does_not_start_sends_why(project, receiver):
    environ = {VARIABLE: asked("failure"), "HOOK": receiver.url}
    assert project.step("--protocol", "7", **environ).returncode == 2
    assert "step protocol 7" in receiver.bodies[0]["cause"]


def test_a_simulated_step_sends_only_where_it_is_asked_to(failing, receiver):
    environ = {VARIABLE: asked("failure"), "HOOK": receiver.url, "KEDRO_AZUREML_SIMULATION": "1"}
    done = failing.step(*STEP, **environ)
    assert "Notification of 'failure' not sent: this is a simulation." in done.stderr
    assert receiver.got == []
    failing.step(*STEP, KEDRO_AZUREML_SEND_NOTIFICATIONS="1", **environ)
    assert len(receiver.got) == 1


@contextmanager
def variables(monkeypatch, **environ: str):
    with monkeypatch.context() as patch:
        for name, value in environ.items():
            patch.setenv(name, value)
        yield


def finish(monkeypatch, settings: str, *arguments: str, **environ: str) -> int:
    with variables(monkeypatch, **{VARIABLE: settings, **environ}):
        return main(["--notify-success", *arguments])


def test_the_last_step_announces_success(monkeypatch, receiver):
    assert finish(monkeypatch, asked("success"), HOOK=receiver.url) == 0
    assert receiver.bodies[0]["text"] == "Job 'train' has succeeded."


@pytest.fixture
def warning(project):
    project.pipeline(
        """
        import logging
        import warnings

        def eat():
            warnings.warn("a worm")
            warnings.warn("old", DeprecationWarning)
            warnings.warn("soon", FutureWarning)
            for number in range(9):
                logging.getLogger("orchard").warning("worm %d", number // 2)
            logging.getLogger("orchard").info("fine")
            logging.getLogger("kedro.io").warning("of the framework")
            return 1

        def register_pipelines():
            logging.getLogger("orchard").warning("before the first node")
            return {"__default__": Pipeline([node(eat, None, "full", name="eat")])}
        """
    )
    return project


def test_a_step_leaves_what_its_nodes_warn_of(warning, mount):
    left = mount("_finished")
    argv = ("--output", "full", mount("full"), "--order-output", left)
    done = warning.step(*STEP, *argv, **{VARIABLE: asked("warning")})
    assert done.returncode == 0, done.stderr
    (found,) = read_warnings([left])
    assert (found.step, found.count) == ("eat", 10)
    assert found.texts == ("UserWarning: a worm", "worm 0", "worm 1")


def test_a_process_that_is_not_the_first_leaves_no_warnings(warning, mount):
    left = mount("_finished")
    argv = ("--output", "full", mount("full"), "--order-output", left)
    environ = {VARIABLE: asked("warning"), "WORLD_SIZE": "2", "RANK": "1"}
    assert warning.step(*STEP, *argv, **environ).returncode == 0
    assert read_warnings([left]) == []


def leave(folder, step: str, count: int, *texts: str) -> str:
    folder.mkdir()
    write_warnings([str(folder)], [StepWarnings(step, count, texts)])
    return str(folder)


def test_the_last_step_sends_the_warnings_of_all_and_no_success(monkeypatch, receiver, tmp_path):
    folders = [leave(tmp_path / "a", "fit", 5, "worm", "<!here>"), leave(tmp_path / "b", "eat", 0)]
    gathered = tmp_path / "gathered"
    gathered.mkdir()
    assert main(["--notify-gather", str(gathered), *folders]) == 0
    assert (gathered / "finished").exists()
    settings = asked("success", "warning", form="slack")
    finish(monkeypatch, settings, "--warned", str(gathered), HOOK=receiver.url)
    assert receiver.bodies == [{
        "text": "Job 'train' has succeeded, with 5 warnings:\n- fit: worm\n- fit: &lt;!here&gt;\n"
        "- fit: and 3 more"
    }]  # fmt: skip


def test_a_job_without_warnings_sends_its_success(monkeypatch, receiver, tmp_path):
    folder = leave(tmp_path / "a", "fit", 0)
    finish(monkeypatch, asked("success", "warning"), "--warned", folder, HOOK=receiver.url)
    assert [body["event"] for body in receiver.bodies] == ["success"]


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"step": "a"}', '{"step": 1, "count": "x", "texts": []}']
)
def test_warnings_that_cannot_be_read_keep_no_success_back(
    monkeypatch, receiver, tmp_path, capsys, content
):
    (tmp_path / "warnings.json").write_text(content)
    settings = asked("success", "warning")
    assert finish(monkeypatch, settings, "--warned", str(tmp_path), HOOK=receiver.url) == 0
    assert "Warning: the notification of 'warning' was not sent" in capsys.readouterr().err
    assert [body["event"] for body in receiver.bodies] == ["success"]


def test_the_warnings_of_many_steps_are_cut_for_people_and_whole_for_programs(
    monkeypatch, receiver, tmp_path
):
    folders = [leave(tmp_path / f"{n}", f"s{n}", 1, "worm") for n in range(12)]
    finish(monkeypatch, asked("warning"), "--warned", *folders, HOOK=receiver.url)
    (body,) = receiver.bodies
    assert len(body["warnings"]) == body["count"] == 12
    assert body["text"].splitlines()[-1] == "- and those of 2 more steps"


def test_without_tracking_recovered_is_a_warning_and_success_is_sent(monkeypatch, receiver, capsys):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    finish(monkeypatch, asked("success", "recovered"), HOOK=receiver.url)
    assert "Warning: how the job ended before is not known: this step" in capsys.readouterr().err
    assert [body["event"] for body in receiver.bodies] == ["success"]


def test_a_simulated_step_asks_no_key_vault(monkeypatch, capsys):
    settings = NotificationSettings("t", "s", ("success",), Value(in_vault="slack-hook")).to_text()
    environ = {"KEDRO_AZUREML_SIMULATION": "1", "KEDRO_AZUREML_SEND_NOTIFICATIONS": "1"}
    assert finish(monkeypatch, settings, **environ) == 0
    said = capsys.readouterr().err
    assert "a simulation asks no key vault: pass --env-var SLACK_HOOK." in said


@pytest.mark.parametrize(("run", "note"), [("calm_fig", False), ("an_earlier_job", True)])
def test_a_start_that_was_reused_is_told_at_the_end(monkeypatch, receiver, tmp_path, run, note):
    (tmp_path / "started").write_text(run)
    environ = {"HOOK": receiver.url, **WORKSPACE}
    finish(monkeypatch, asked("success"), "--started", str(tmp_path), **environ)
    assert ("was not announced" in receiver.bodies[0]["text"]) is note


def test_slack_gets_text_channel_and_bearer(monkeypatch, receiver):
    settings = asked("success", token=Value("TOKEN"), channel="#jobs", form="slack")
    receiver.answer = b'{"ok": true}'
    finish(monkeypatch, settings, HOOK=receiver.url, TOKEN="xoxb-1")
    ((headers, body),) = receiver.got
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
    assert receiver.got == []


@pytest.mark.parametrize("status", [302, 307, 400, 404, 429, 500, 503])
def test_an_answer_that_is_no_success_is_a_warning_without_the_address(
    monkeypatch, receiver, capsys, status
):
    receiver.status = status
    assert finish(monkeypatch, asked("success"), HOOK=receiver.url) == 0
    said = capsys.readouterr().err
    assert f"HTTP {status}" in said
    assert "s3cret" not in said
    assert len(receiver.got) == 1  # no redirect was followed, and nothing was sent twice


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
