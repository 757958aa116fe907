"""Ctrl-C ends a wait for threads, also where the system does not wake that wait."""

import subprocess
import sys
import threading
import time

import pytest
from kedro_azureml_datasets.azure_ml.thread_pools import open_pool, wait_for_all

WAITING = """
import os, signal, threading, time
from kedro_azureml_datasets.azure_ml.thread_pools import (
    has_left_threads, open_pool, take_result, wait_for_all, wait_for_first
)

def press(seconds):
    time.sleep(0.5)  # the other thread is waiting by then
    # Noticed in this thread, the signal wakes no other one: as when it comes just before a wait.
    signal.pthread_kill(threading.get_ident(), signal.SIGINT)
    time.sleep(seconds)

try:
    with open_pool(2) as pool:
        {wait}
except KeyboardInterrupt:
    print("ended by Ctrl-C,", "left" if has_left_threads() else "waited for", flush=True)
    os._exit(130)
"""


@pytest.mark.parametrize(
    "wait",
    [
        "take_result(pool.submit(press, 60))",
        "wait_for_all([pool.submit(press, 60)])",
        "wait_for_first([pool.submit(press, 60)])",
        "list(pool.call_each(press, [60]))",
    ],
)
def test_ctrl_c_ends_a_wait_that_it_does_not_wake(wait):
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", WAITING.format(wait=wait)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (130, "ended by Ctrl-C, left\n"), done.stderr
    assert time.monotonic() - began < 30


def test_one_failure_ends_the_wait_for_all():
    def fail():
        raise ValueError("no apple")

    is_over = threading.Event()
    with open_pool(2) as pool:
        slow, failing = pool.submit(is_over.wait, 60), pool.submit(fail)
        wait_for_all([slow, failing])
        assert failing.done()
        assert not slow.done()
        is_over.set()
