"""Runs code in forks of one process that has imported Kedro and pandas already.

Their imports take seconds. A fork is in the state of a fresh process after its imports: nothing is
bootstrapped or configured in it. Reads one request as a line of JSON, answers with the exit code.
"""

import gc
import json
import os
import signal
import sys
import traceback
from typing import Any

import kedro.framework.context
import kedro.framework.session
import kedro.framework.startup
import kedro.runner  # noqa: F401
import kedro_datasets.text  # noqa: F401
import kedro_telemetry.plugin  # noqa: F401  (every session loads it, and requests with it)
from kedro.io import MemoryDataset

TIMEOUT_S = 60


def run(request: dict[str, Any]) -> int:
    output = os.open(request["output"], os.O_WRONLY | os.O_CREAT)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.environ.clear()
    os.environ.update(request["environ"])
    os.chdir(request["cwd"])
    sys.argv = ["-c", *request["arguments"]]
    signal.alarm(TIMEOUT_S)
    try:
        exec(compile(request["code"], "<code>", "exec"), {"__name__": "__main__"})
    except Exception:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    MemoryDataset("")  # imports pandas and Ibis, where they are installed
    gc.freeze()  # else each fork copies all of this when it collects garbage
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            sys.exit(run(json.loads(line)))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)
