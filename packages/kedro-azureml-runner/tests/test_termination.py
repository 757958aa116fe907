"""A step that is cancelled: what it leaves is a log, and no process."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from kedro_azureml_runner import StepInvocation, read_step_times
from kedro_azureml_runner.protocol.shell_quoting import quote

LONG = 300
WAIT_S = 30.0

NODES = """
import asyncio, hashlib, multiprocessing, os, signal, subprocess, sys, time
from pathlib import Path

here = Path("processes")

def note(pid):
    here.mkdir(exist_ok=True)
    (here / str(pid)).touch()

def sleep():
    print("the node has begun", end="")
    note("ready")
    time.sleep({long})

def compute():
    note("ready")
    hashlib.pbkdf2_hmac("sha256", b"x", b"y", 2**31 - 1)  # many minutes in C, uninterrupted

def child():
    started = subprocess.Popen(["sleep", "{long}"])
    note(started.pid)
    note("ready")
    started.wait()

def stubborn():
    # The first ends, what it has started does not: not even when it is asked to.
    code = "trap '' TERM; echo $$ > processes/stubborn; touch processes/ready; sleep {long}"
    first = subprocess.Popen(["bash", "-c", "bash -c \\"$1\\" & wait", "first", code])
    note(first.pid)
    first.wait()

def work(number):
    note(os.getpid())
    note("ready")
    time.sleep({long})

def pool():
    with multiprocessing.get_context("fork").Pool(2) as workers:
        workers.map(work, range(2))

def spawn():
    with multiprocessing.get_context("spawn").Pool(2) as workers:
        workers.map(work, range(2))

def after_asyncio():
    async def nothing():
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, print)
    asyncio.run(nothing())
    sleep()

def own():
    signal.signal(signal.SIGTERM, lambda number, frame: print("handled"))
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(0.2)
    return "alive"

def use_pool():
    with multiprocessing.get_context("fork").Pool(2) as workers:
        return sum(workers.map(abs, [-1, -2]))

def end_new_children():
    for _ in range(300):
        child = os.fork()
        if child == 0:
            time.sleep({long})
            os._exit(0)
        os.kill(child, signal.SIGTERM)  # often before the child has run one instruction of Python
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGTERM
    return "ended"

def children_keep_own_handler():
    signal.signal(signal.SIGTERM, lambda number, frame: os._exit(7))
    child = os.fork()
    if child == 0:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep({long})
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    return "kept"

def register_pipelines():
    functions = (sleep, compute, after_asyncio, own, child, stubborn, pool, spawn, use_pool,
                 end_new_children, children_keep_own_handler)
    return {{"__default__": Pipeline([node(f, None, f.__name__ + "_out", name=f.__name__)
                                     for f in functions])}}
"""


def wait_for(path: Path) -> None:
    until = time.monotonic() + WAIT_S
    while not path.exists():
        assert time.monotonic() < until, f"{path.name} did not come"
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="Linux alone tells of processes")
@pytest.mark.parametrize(
    "name", ["sleep", "compute", "after_asyncio", "child", "stubborn", "pool", "spawn"]
)
def test_sigterm_ends_the_node_and_all_that_it_has_started(project, name: str):
    project.pipeline(NODES.format(long=LONG))
    (project.root / "processes").mkdir()
    program = f"{quote(sys.executable)} -m kedro_azureml_runner"
    with subprocess.Popen(
        ["bash", "-c", StepInvocation(nodes=(name,)).to_command(program)],
        cwd=project.root,
        env={"PATH": os.environ["PATH"], "HOME": str(project.root), "PYTHONPATH": "src"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as step:
        try:
            wait_for(project.root / "processes/ready")
            step.send_signal(signal.SIGTERM)
            out, err = step.communicate(timeout=WAIT_S)
        finally:
            step.kill()
    assert step.returncode == 143
    assert f"Step ended by SIGTERM in node '{name}'." in err
    times = read_step_times(err)
    assert times is not None
    assert times.ended is not None
    assert out.endswith("the node has begun") or name != "sleep"  # what was in a buffer, too
    pids = {path.name for path in (project.root / "processes").iterdir()}
    started = {int(pid) for pid in pids if pid.isdecimal()}
    if name == "stubborn":
        started.add(int((project.root / "processes/stubborn").read_text()))
    assert len(started) >= {"child": 1, "stubborn": 2, "pool": 2, "spawn": 1}.get(name, 0)
    assert [pid for pid in started if is_running(pid)] == []


@pytest.mark.parametrize("node", ["use_pool", "end_new_children", "children_keep_own_handler"])
def test_workers_that_a_node_ends_itself_end_alone_and_say_nothing(project, node):
    # A pool ends its workers with SIGTERM; they are forked from the step.
    project.pipeline(NODES.format(long=LONG))
    done = project.step("--protocol", "1", "--pipeline", "__default__", "--node", node)
    assert done.returncode == 0, done.stderr
    assert "SIGTERM" not in done.stderr + done.stdout


def test_code_of_the_project_may_handle_the_signal_itself(project):
    project.pipeline(NODES.format(long=LONG))
    done = project.step("--protocol", "1", "--pipeline", "__default__", "--node", "own")
    assert done.returncode == 0, done.stderr
    assert "handled" in done.stdout
