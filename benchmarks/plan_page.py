"""Measure how long the page of a plan takes: to write it, and to open it in Chromium.

The plan has ten rows of steps in three namespaces, each of which reads one earlier output. It is
written with what it says of each step (compute, command, YAML) and without. Opening it is compared
with opening an empty page; it needs Debian's Chromium, without which only writing is measured. With
`--before` an older checkout writes its page of the same plan, in turn.

    python benchmarks/plan_page.py
    python benchmarks/plan_page.py --nodes 500 --before ../before
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recording.environments import KEDRO, build_wheels, enter, make_environment
from recording.results import Measurement, main
from recording.turns import run_python, take_turns

if TYPE_CHECKING:
    import argparse

AREA = "The page of a plan"
STEPS = (10, 100, 500)
OURS, BRIEF, EMPTY, BEFORE = "plan.html", "plan.html without details", "an empty page", "before"

WRITE = """
import json, sys, time
from kedro_azureml_compiler.drawing.page import render_plan_page
from kedro_azureml_compiler.planning.facts import AssetFacts
from kedro_azureml_compiler.planning.plan import Flow, Plan, PlannedDataset, PlannedStep

count, target = int(sys.argv[1]), sys.argv[2]
across = max(1, count // 10)
names = [f"{('prepare', 'train', 'report')[n % 3]}.step_{n}" for n in range(count)]
reads = [f"data_{n - across}" if n >= across else "raw" for n in range(count)]
readers = {}
for name, read in zip(names, reads):
    readers.setdefault(read, []).append(name)
steps = tuple(
    PlannedStep(name, (name,), reads=(read,), writes=(f"data_{n}",))
    for n, (name, read) in enumerate(zip(names, reads))
)
outputs = [
    PlannedDataset(
        f"data_{n}", Flow.STEP_OUTPUT, "temporary storage of the job", name,
        tuple(readers.get(f"data_{n}", ())),
    )
    for n, name in enumerate(names)
]
asset = AssetFacts("raw", "1", is_file=True, root_dir="data", file="raw.csv")
raw = PlannedDataset("raw", Flow.VERSION, "version '1'", None, tuple(readers["raw"]), asset)
plan = Plan("training", ("train",), steps, (*outputs, raw))
extra = ()
if sys.argv[3:] == ["details"]:
    from kedro_azureml_compiler.drawing.details import NodeDetails, PageDetails, StepDetails

    yaml = "\\n".join(f"  key_{n}: a value of the step" for n in range(25))
    extra = (PageDetails({
        name: StepDetails(
            "cpu-cluster", "shops-env:3", "python .kedro-azureml --protocol 1 --node " + name,
            ("reads data: ro_mount", "writes data: azureml://datastores/store/paths/azureml"),
            yaml, (NodeDetails(name, (("raw", "data/raw.csv"),)),),
        )
        for name in names
    }),)
"".join(render_plan_page(plan, *extra))
begin = time.process_time()
page = "".join(render_plan_page(plan, *extra))
took = time.process_time() - begin
with open(target, "w", encoding="utf-8") as file:
    file.write(page)
print(json.dumps(took))
"""
"""Writes the page twice, the first time to load what it needs."""


def write(python: Path | str, steps: int, target: Path, *details: str) -> float:
    """Write the page of a plan and return the processor time, in seconds."""
    return float(run_python(python, WRITE, str(steps), str(target), *details))


def open_page(browser: Any, file: Path) -> float:
    """Return the seconds that Chromium takes until a page is drawn and its script has run."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(file.as_uri())
    drawn = """new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(
        () => drawn(performance.now() / 1000))))"""
    seconds = float(page.evaluate(drawn))
    page.close()
    return seconds


def measure(options: argparse.Namespace) -> list[Measurement]:
    """Write and open the pages of plans, in turn."""
    measured = []
    before = []
    if options.before:
        before = [make_environment("before", *KEDRO, *build_wheels(options.before.resolve()))]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for steps in options.nodes or ((100,) if options.quick else STEPS):
            files = {way: folder / f"{way}-{steps}.html" for way in (OURS, BRIEF)}
            ways = {
                OURS: partial(write, sys.executable, steps, files[OURS], "details"),
                BRIEF: partial(write, sys.executable, steps, files[BRIEF]),
            }
            for python in before:
                files[BEFORE] = folder / f"before-{steps}.html"
                ways[BEFORE] = partial(write, python, steps, files[BEFORE])
            case = f"{steps} steps"
            taken = take_turns(ways, options.rounds)
            measured.append(Measurement(AREA, f"{case}, written", "s of the processor", taken))
            sizes: dict[str, list[float | None]]
            sizes = {way: [file.stat().st_size / 1000] for way, file in files.items()}
            measured.append(Measurement(AREA, case, "kB", sizes))
            if shutil.which("chromium") and not options.quick:
                files[EMPTY] = folder / "empty.html"
                files[EMPTY].write_text("<!doctype html><title>empty</title>")
                measured.append(open_in_turn(f"{case}, opened in Chromium", files, options.rounds))
    return measured


def open_in_turn(case: str, files: dict[str, Path], rounds: int) -> Measurement:
    """Open pages in Chromium, in turn."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as tool:
        chromium = shutil.which("chromium")
        browser = tool.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        ways = {way: partial(open_page, browser, file) for way, file in files.items()}
        taken = take_turns(ways, rounds)
        browser.close()
    return Measurement(AREA, case, "s", taken)


if __name__ == "__main__":
    enter("playwright>=1.40")
    main(measure, __doc__, nodes=True, before=True)
