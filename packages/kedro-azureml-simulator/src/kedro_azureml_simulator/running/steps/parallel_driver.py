"""Run the entry script of a parallel step, one mini-batch after the other.

This file is copied beside the step and runs with the step's own Python, so it needs nothing but
the standard library, and stays with what old versions of it have. The parent cuts the files into
mini-batches and hands them to workers, each a process of its own that a time limit can end.
"""

from __future__ import annotations

import importlib.util
import json
import os
import queue
import select
import signal
import subprocess
import sys
import threading
import time
import traceback

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def main(spec_path: str) -> int:
    """Run all mini-batches; return the exit code."""
    with open(spec_path) as file:  # noqa: PTH123
        spec = json.load(file)
    files = _files(spec["input"])
    size = spec["batch_size"]
    batches = [files[start : start + size] for start in range(0, len(files), size)]
    job = _Job(spec, spec_path, batches)
    workers = [
        threading.Thread(target=job.work) for _ in range(min(spec["workers"], len(batches)) or 1)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print(job.summary(), file=sys.stderr, flush=True)
    if job.failure:
        print(job.failure, file=sys.stderr, flush=True)
        return 1
    if spec["append"]:
        os.makedirs(os.path.dirname(spec["append"]), exist_ok=True)  # noqa: PTH103, PTH120
        with open(spec["append"], "w", encoding="utf-8") as target:  # noqa: PTH123
            target.writelines(row + "\n" for row in job.rows)
    return 0


def _files(root: str) -> list[str]:
    if os.path.isfile(root):  # noqa: PTH113
        return [root]
    found = []
    for folder, _, names in os.walk(root, followlinks=True):
        found += [os.path.join(folder, name) for name in names]  # noqa: PTH118
    return sorted(found)


class _Job:
    """The mini-batches, what came of them, and the thresholds."""

    def __init__(self, spec: dict[str, Any], spec_path: str, batches: list[list[str]]) -> None:
        self._spec = spec
        self._spec_path = spec_path
        self._total = len(batches)
        self._items = sum(len(batch) for batch in batches)
        self._failed_items = self._failed_batches = 0
        self._waiting: queue.Queue[tuple[int, list[str]]] = queue.Queue()
        for number, batch in enumerate(batches):
            self._waiting.put((number, batch))
        self._lock = threading.Lock()
        self.rows: list[str] = []
        self.failure = ""

    def work(self) -> None:
        """Take mini-batches until there is none, in a process that is started again if it ends."""
        worker = _Worker(self._spec_path)
        try:
            while not self.failure:
                try:
                    number, batch = self._waiting.get_nowait()
                except queue.Empty:
                    break
                for attempt in range(1 + self._spec["max_retries"]):
                    answer = worker.ask({"batch": batch}, self._spec["timeout_s"])
                    if "init" in answer:
                        with self._lock:
                            self.failure = answer["init"]
                        return
                    rows = answer.get("rows")
                    if rows is not None and len(rows) >= len(batch):
                        break
                    why = answer.get("error") or (
                        f"run() returned {len(rows or [])} of {len(batch)} items"
                    )
                    print(
                        f"mini-batch {number}, attempt {attempt + 1}: {why}",
                        file=sys.stderr,
                        flush=True,
                    )
                self._count(batch, rows)
        finally:
            worker.close()

    def _count(self, batch: list[str], rows: list[str] | None) -> None:
        spec = self._spec
        with self._lock:
            self.rows += rows or []
            failed = max(0, len(batch) - len(rows or []))
            self._failed_items += failed
            self._failed_batches += failed > 0
            percent = spec["allowed_failed_percent"]
            for count, limit, what, name in (
                (self._failed_items, spec["error_threshold"], "items", "error_threshold"),
                (
                    self._failed_batches,
                    spec["batch_error_threshold"],
                    "mini-batches",
                    "mini_batch_error_threshold",
                ),
            ):
                if limit >= 0 and count > limit and not self.failure:
                    self.failure = f"{count} {what} failed, more than the {name} of {limit}"
            if percent is not None and 100.0 * self._failed_batches > percent * self._total:
                self.failure = self.failure or (
                    f"{self._failed_batches} of {self._total} mini-batches failed, more than"
                    f" the allowed_failed_percent of {percent:g}"
                )

    def summary(self) -> str:
        return (
            f"{self._total} mini-batches, {self._failed_batches} failed;"
            f" {self._items} items, {self._failed_items} failed"
        )


class _Worker:
    """A process that has called init(), and calls run() when it is asked to."""

    def __init__(self, spec_path: str) -> None:
        self._spec_path = spec_path
        self._process: subprocess.Popen[bytes] | None = None
        self._requests = self._answers = -1

    def ask(self, request: dict[str, Any], timeout_s: float) -> dict[str, Any]:
        """Send a mini-batch and return the answer; the process is gone after a time-out."""
        if self._process is None or self._process.poll() is not None:
            self._start()
            ready = self._receive(None)
            if "init" in ready or "error" in ready:
                return {"init": ready.get("init") or ready["error"]}
        try:
            os.write(self._requests, (json.dumps(request) + "\n").encode())
        except OSError:
            return {"error": "the worker has ended"}
        return self._receive(timeout_s)

    def close(self) -> None:
        """Have shutdown() called, and wait for the process."""
        self._close_pipe(self._requests)
        self._requests = -1
        if self._process is not None:
            self._process.wait()
        self._close_pipe(self._answers)
        self._answers = -1

    def _close_pipe(self, pipe: int) -> None:
        if pipe >= 0:
            os.close(pipe)

    def _start(self) -> None:
        self.close()  # the pipes of one that has ended
        requests, self._requests = os.pipe()
        self._answers, answers = os.pipe()
        self._process = subprocess.Popen(  # noqa: S603 - this very interpreter
            [sys.executable, __file__, self._spec_path, str(requests), str(answers)],
            pass_fds=[requests, answers],
        )
        os.close(requests)
        os.close(answers)

    def _receive(self, timeout_s: float | None) -> dict[str, Any]:
        received = b""
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        while not received.endswith(b"\n"):
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            if not select.select([self._answers], [], [], left)[0]:
                self._end()
                return {"error": f"run() took longer than {timeout_s} s"}
            part = os.read(self._answers, 1 << 16)
            if not part:
                self._end()
                return {"error": "the worker has ended"}
            received += part
        answer: dict[str, Any] = json.loads(received.decode())
        return answer

    def _end(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None


def serve_mini_batches(spec_path: str, requests: int, answers: int) -> int:
    """Serve mini-batches, in a process of its own."""
    with open(spec_path) as file:  # noqa: PTH123
        spec = json.load(file)

    def answer(content: dict[str, Any]) -> None:
        data = (json.dumps(content) + "\n").encode()
        while data:
            data = data[os.write(answers, data) :]

    script = os.path.abspath(spec["entry_script"])  # noqa: PTH100
    sys.argv = [script, *spec["arguments"]]
    sys.path[0:0] = [os.path.dirname(script), os.getcwd()]  # noqa: PTH109, PTH120
    try:
        doing = "the import of " + spec["entry_script"]
        module = _load(script)
        if not callable(getattr(module, "run", None)):
            answer({"init": f"{spec['entry_script']} has no function run(mini_batch)"})
            return 1
        if hasattr(module, "init"):
            doing = "init()"
            module.init()
        answer({"ready": True})
    except BaseException as error:
        traceback.print_exc()
        answer({"init": f"{doing} failed: {type(error).__name__}: {error}"})
        return 1
    with os.fdopen(requests) as lines:
        for line in lines:
            try:
                answer({"rows": _rows(module.run(json.loads(line)["batch"]))})
            except Exception as error:  # whatever run() raises is a failed mini-batch
                traceback.print_exc()
                answer({"error": f"{type(error).__name__}: {error}"})
            sys.stdout.flush()
    if hasattr(module, "shutdown"):
        module.shutdown()
    return 0


def _load(script: str) -> Any:
    name = os.path.splitext(os.path.basename(script))[0]  # noqa: PTH119, PTH122
    found = importlib.util.spec_from_file_location(name, script)
    if found is None or found.loader is None:
        raise ImportError(f"{script} is not a Python file")
    module = importlib.util.module_from_spec(found)
    sys.modules[name] = module
    found.loader.exec_module(module)
    return module


def _rows(result: Any) -> list[str]:
    """Return what run() returned as lines: of a list one an item, of a data frame one a row."""
    if hasattr(result, "to_csv") and hasattr(result, "columns"):
        text = result.to_csv(sep=" ", header=False, index=False)
        return [str(row) for row in text.splitlines()]
    if isinstance(result, (str, bytes)) or not hasattr(result, "__len__"):
        raise TypeError(f"run() must return a list or a data frame, not {result!r}")
    return [str(item) for item in result]


if __name__ == "__main__":
    if len(sys.argv) == 2:
        sys.exit(main(sys.argv[1]))
    sys.exit(serve_mini_batches(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
