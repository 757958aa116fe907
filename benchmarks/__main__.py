"""Run all benchmarks, keep their samples, and write the page of them; `nox -s bench` calls it.

python benchmarks                                     # measures everything
python benchmarks --only step_time start_time         # replaces what these had measured
python benchmarks --page                              # writes the page of what is recorded
python benchmarks --quick                             # fails at three times a recorded ratio
"""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from recording.machine import describe_machine
from recording.page import write_page
from recording.results import Measurement, read_measurements, write_measurements

HERE = Path(__file__).parent
RECORDED = HERE / "results.json"
SCRIPTS = (
    "compile_time",
    "start_time",
    "step_time",
    "step_environment",
    "asset_loads",
    "submit_time",
    "large_job",
    "download",
    "simulator_time",
    "simulator_kill",
    "plan_page",
    "output_lines",
)
QUICK = ("compile_time", "start_time", "step_time", "step_environment", "simulator_time")
"""They need neither npm nor the other plugin."""
WORSE = 3.0
"""A quick run fails at so many times the recorded ratio: any less may be the machine's load."""


def run_script(name: str, *args: str) -> list[Measurement]:
    """Run a benchmark and return what it measured."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "samples.json"
        command = [sys.executable, str(HERE / f"{name}.py"), "--json", str(target), *args]
        if subprocess.run(command, check=False).returncode:
            sys.exit(
                f"{name} has failed, and nothing of it is recorded: what it said stands above."
            )
        print(f"{name} took {time.monotonic() - began:.0f} s\n", flush=True)
        return read_measurements(target)[1]


def compare(measured: list[Measurement], recorded: list[Measurement]) -> list[str]:
    """Return in words each ratio that is three times the recorded one."""
    known, worse, compared = {one.key: one for one in recorded}, [], 0
    for one in measured:
        for way in list(one.samples)[1:]:
            before = known[one.key].ratio(way) if one.key in known else None
            now = one.ratio(way)
            if before is None or now is None:
                continue
            compared += 1
            if now.median > WORSE * before.median:
                text = (
                    f"{one.key}: {now.median:.2f} times {way!r}, and {before.median:.2f} recorded"
                )
                worse.append(text)
    print(f"{compared} ratios compared with those in {RECORDED.name}, {len(worse)} are worse")
    return worse if compared else ["There is nothing to compare with: run `nox -s bench`."]


def main() -> None:
    """Measure what is asked for, and write it down or compare it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=31, help="how often each way is run")
    parser.add_argument("--only", nargs="+", choices=SCRIPTS, default=[], help="these benchmarks")
    doing = parser.add_mutually_exclusive_group()
    doing.add_argument("--quick", action="store_true", help="compare a few ratios, write nothing")
    doing.add_argument("--page", action="store_true", help="write the page without measuring")
    options = parser.parse_args()
    about, recorded = read_measurements(RECORDED) if RECORDED.exists() else ({}, [])
    if options.quick:
        quick = ("--quick", "--rounds", "3")
        found = [one for name in options.only or QUICK for one in run_script(name, *quick)]
        sys.exit("\n".join(compare(found, recorded)) or None)
    if importlib.util.find_spec("matplotlib") is None:  # said now, not after an hour
        sys.exit("The page is drawn by matplotlib: run `nox -s bench`, which brings it.")
    if not options.page:
        about = describe_machine(options.rounds)
        for name in options.only or SCRIPTS:
            found = run_script(name, "--rounds", str(options.rounds))
            # In the order of the scripts, whichever were run.
            others = [one for one in recorded if one.script != name]
            recorded = sorted([*others, *found], key=lambda one: SCRIPTS.index(one.script))
            write_measurements(RECORDED, recorded, **about)  # what is measured is not lost
    write_page(about, recorded)


if __name__ == "__main__":
    main()
