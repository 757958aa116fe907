"""Runs steps in forks of one process that has imported Kedro already.

Kedro's imports take longer than the steps of these tests. A fork is in the state of a fresh process
after its imports: nothing is bootstrapped or configured in it. Reads a request as a line of JSON,
answers with the exit code.
"""

import gc
import json
import os
import signal
import sys
from typing import Any

import kedro.framework.context
import kedro.framework.session
import kedro.framework.startup
import kedro.runner  # noqa: F401
import kedro_datasets.json
import kedro_datasets.text  # noqa: F401
import kedro_telemetry.plugin  # noqa: F401  (every session loads it, and requests with it)
from kedro.io import MemoryDataset
from kedro_azureml_runner.__main__ import main

TIMEOUT_S = 120


def run(request: dict[str, Any]) -> int:
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(os.open(request[name], os.O_WRONLY | os.O_CREAT), number)
    os.environ.clear()
    os.environ.update(request["environ"])
    os.chdir(request["cwd"])
    signal.alarm(TIMEOUT_S)
    return main(request["argv"])


if __name__ == "__main__":
    MemoryDataset("")  # imports pandas and Ibis, where they are installed
    gc.freeze()  # else each fork copies all of this when it collects garbage
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            sys.exit(run(json.loads(line)))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)
