"""What needs no Azure opens no connection; the telemetry that comes with Kedro is by itself."""

import json

import pytest

WATCHED = """
import json, os, sys, traceback

def watch(event, args):
    inet = event == "socket.connect" and isinstance(args[1], tuple)
    if inet or event == "socket.getaddrinfo":
        stack = {frame.filename for frame in traceback.extract_stack()}
        seen = {"place": str(args[:2]), "telemetry": any("kedro_telemetry" in f for f in stack)}
        with open(os.environ["WATCH_LOG"], "a") as log:
            log.write(json.dumps(seen) + "\\n")
        raise ConnectionRefusedError("A test goes nowhere.")

sys.addaudithook(watch)
"""


@pytest.fixture
def watch(penguins, local, tmp_path):
    """Run a command in the starter's project and return each connection that it tried to open."""
    with (penguins / "conf/base/azureml.yml").open("a") as settings:
        settings.write("  first:\n    pipeline: {node_names: [processing.clean_penguins]}\n")
    (tmp_path / "watch").mkdir()
    (tmp_path / "watch/sitecustomize.py").write_text(WATCHED)

    def watch(*command, **environ):
        log = tmp_path / "connections"
        log.write_text("")
        environ |= {"PYTHONPATH": str(tmp_path / "watch"), "WATCH_LOG": str(log)}
        done = local.run(*command, cwd=penguins, **environ)
        assert done.returncode == 0, done.stdout + done.stderr
        return [json.loads(line) for line in log.read_text().splitlines()]

    return watch


def test_a_connection_that_is_opened_is_seen(watch):
    code = "import socket\ntry: socket.create_connection(('127.0.0.1', 9))\nexcept OSError: pass"
    (seen,) = watch("python", "-c", code)
    assert seen == {"place": "('127.0.0.1', 9)", "telemetry": False}


@pytest.mark.parametrize("command", ["check", "compile", "plan", "simulate", "verify"])
def test_commands_that_need_no_azure_open_no_connection(watch, command):
    job = () if command == "check" else ("-j", "first")
    assert watch("kedro", "azureml", command, *job) == []


@pytest.mark.parametrize("command", [("kedro", "azureml", "check"), ("kedro-azureml", "check")])
def test_where_telemetry_is_on_kedros_own_plugin_alone_sends_something(watch, command):
    opened = watch(*command, KEDRO_DISABLE_TELEMETRY="")
    assert opened != []
    assert all(seen["telemetry"] for seen in opened)
