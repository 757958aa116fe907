"""A command that waits for the project's own code says so, and for which line."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from threading import TIMEOUT_MAX, Thread

import pytest
from checked_project import CheckedProject
from kedro_azureml_cli.terminal.start_up.slow_project import (
    VARIABLE,
    find_waiting_place,
    read_limit_s,
)
from pluggy import HookimplMarker, HookspecMarker, PluginManager

pytestmark = pytest.mark.once

NAP = "import time\n\n\ndef connect():\n    time.sleep(1.3)\n\n\n"
HOOK = """
from kedro.framework.hooks import hook_impl


class Hook:
    @hook_impl
    def after_context_created(self, context):
        connect()


HOOKS = (Hook(),)
"""
PIPELINES = """
connect()


def register_pipelines():
    return {"__default__": Pipeline([node(lambda: 1, None, "x", name="a")])}
"""


@pytest.fixture
def project(tmp_path) -> CheckedProject:
    project = CheckedProject(tmp_path / "farm")
    project.write("logging.yml", "version: 1\n")
    return project


def kedro(project: CheckedProject, *args: str, after: str = "0.3"):
    environ = {
        **os.environ,
        "KEDRO_DISABLE_TELEMETRY": "1",
        "KEDRO_LOGGING_CONFIG": str(project.root / "logging.yml"),
        VARIABLE: after,
    }
    return subprocess.run(
        [sys.executable, "-m", "kedro", "azureml", *args],
        cwd=project.root, env=environ, capture_output=True, text=True, check=True,
    )  # fmt: skip


def notices(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("Waiting for ")]


@pytest.mark.parametrize(
    ("command", "file"),
    [("compile", "settings.py"), ("check", "pipeline_registry.py"), ("plan", "a hook")],
)
def test_the_line_of_the_project_that_takes_long_is_named_on_the_standard_error(
    project, command, file
):
    if file == "pipeline_registry.py":
        project.pipelines(NAP + PIPELINES)
    else:
        file = "settings.py"
        project.settings(NAP + (HOOK if command == "plan" else "connect()"))
    done = kedro(project, command)
    line = re.escape(f"src/{project.package}/{file}") + r":\d+, in connect \((\S+) s so far\)"
    line = f"Waiting for the project's code: {line}"
    # On a busy machine, other code may take long as well.
    found = [match for notice in notices(done.stderr) if (match := re.fullmatch(line, notice))]
    waited_s = [float(match[1]) for match in found]
    assert len(waited_s) >= 2
    assert waited_s == sorted(set(waited_s))
    assert "Waiting" not in done.stdout


def test_nothing_is_said_of_a_project_that_takes_no_longer_than_usual(project):
    project.settings(NAP + "connect()")
    assert notices(kedro(project, "compile", after="60").stderr) == []
    assert notices(kedro(project, "compile", after="0").stderr) == []


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("2.5", 2.5), ("-1", 0), ("-inf", 0), ("soon", 5), ("nan", 5), (None, 5),
        ("1e-9", 0.1), ("1e300", TIMEOUT_MAX), ("inf", TIMEOUT_MAX),
    ],
)  # fmt: skip
def test_the_limit_is_a_number_of_seconds_and_five_by_default(monkeypatch, text, limit):
    monkeypatch.delenv(VARIABLE, raising=False)
    if text is not None:
        monkeypatch.setenv(VARIABLE, text)
    assert read_limit_s() == limit


def in_a_thread(call) -> None:
    """Call with a stack of its own: pytest itself runs in a hook of pluggy."""
    thread = Thread(target=call)
    thread.start()
    thread.join()


def test_a_hook_of_an_installed_plugin_is_named_if_no_code_of_the_project_runs(tmp_path):
    here = Path(__file__)

    class Spec:
        @HookspecMarker("farm")
        def opened(self, places): ...

    class Plugin:
        @HookimplMarker("farm")
        def opened(self, places):
            places.append(find_waiting_place(sys._getframe(), tmp_path))
            places.append(find_waiting_place(sys._getframe(), here.parent))

    manager = PluginManager("farm")
    manager.add_hookspecs(Spec)
    manager.register(Plugin())
    places: list[str] = []
    in_a_thread(lambda: manager.hook.opened(places=places))
    plugin, code = (re.sub(r":\d+", "", place) for place in places)
    assert plugin == f"a hook of a plugin: {here.as_posix()}, in opened"
    assert code == f"the project's code: {here.name}, in opened"


def test_the_libraries_in_a_project_are_not_its_source(tmp_path):
    frames = []
    names = {"keep": lambda: frames.append(find_waiting_place(sys._getframe(1), tmp_path))}
    for file in (".venv/lib/python3/site-packages/library.py", "nodes.py"):
        code = compile("keep()", str(tmp_path / file), "exec")
        in_a_thread(lambda code=code: exec(code, names))
    assert frames == [None, "the project's code: nodes.py:1"]


def test_the_watch_costs_a_command_nothing_that_it_notices():
    from kedro_azureml_cli.terminal.start_up import slow_project

    before = time.process_time()
    for _ in range(20):
        with slow_project.watch():
            pass
    assert (time.process_time() - before) / 20 < 0.01  # 0.1 ms on an idle machine


def test_a_limit_that_no_clock_reaches_prints_nothing(project):
    done = kedro(project, "check", after="inf")
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
