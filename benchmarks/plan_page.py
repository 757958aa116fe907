"""Measure how long the page of a plan takes: to write it, and to open it in Chromium.

The plan has ten rows of steps in three namespaces, each of which reads one earlier output. With
`--before` an older checkout writes its page of the same plan, in turn and in an environment of its
own. Prints medians; the ratio is that of the new page to the older one.

    python benchmarks/plan_page.py
    python benchmarks/plan_page.py --steps 500 --rounds 15 --before ../before

Opening needs playwright and Debian's Chromium; without them only writing is measured.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).parents[1]
STEPS = (10, 100, 500)

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


class Page(NamedTuple):
    """A page whose times are measured.

    Args:
        label: What is printed of it.
        python: The interpreter that writes it.
        details: Whether it is given compute, command and YAML of each step.
    """

    label: str
    python: Path
    details: bool = False

    def write(self, steps: int, target: Path) -> float:
        """Write it and return the processor time, in seconds."""
        command = [str(self.python), "-c", WRITE, str(steps), str(target)]
        command += ["details"] if self.details else []
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        return float(json.loads(done.stdout.splitlines()[-1]))


def create_venv(folder: Path, checkout: Path) -> Path:
    """Create an environment with the packages of a checkout; return its interpreter."""
    uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
    subprocess.run([uv, "venv", "-q", "-p", sys.executable, str(folder)], check=True)
    python = folder / "bin" / "python"
    names = ("datasets", "runner", "compiler")
    packages = [str(checkout / "packages" / f"kedro-azureml-{name}") for name in names]
    subprocess.run([uv, "pip", "install", "-q", "-p", str(python), *packages], check=True)
    return python


def open_in_turn(files: Sequence[Path], rounds: int) -> Mapping[Path, list[float]]:
    """Return the seconds that Chromium takes until each page is drawn and its script has run."""
    from playwright.sync_api import sync_playwright

    times: dict[Path, list[float]] = {file: [] for file in files}
    with sync_playwright() as tool:
        browser = tool.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for _ in range(rounds):
            for file in files:
                page = browser.new_page(viewport={"width": 1280, "height": 800})
                page.goto(file.as_uri())
                times[file].append(
                    page.evaluate(
                        "new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame("
                        "() => drawn(performance.now() / 1000))))"
                    )
                )
                page.close()
        browser.close()
    return times


def main() -> None:
    """Measure pages in turn, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--steps", type=int, nargs="+", default=STEPS)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--before", type=Path, help="an older checkout")
    options = parser.parse_args()
    opens = find_spec("playwright") is not None and shutil.which("chromium") is not None
    with tempfile.TemporaryDirectory() as folder:
        work, here = Path(folder), Path(sys.executable)
        pages = [Page("now", here), Page("now, details", here, details=True)]
        if options.before:
            now, before = (
                create_venv(work / name, checkout)
                for name, checkout in (("now", ROOT), ("before", options.before.resolve()))
            )
            pages = [Page("before", before), Page("now", now), Page("now, details", now, True)]
        print("steps  page            written s  ratio  opened s  ratio        kB")
        for steps in options.steps:
            files = [work / f"{n}-{steps}.html" for n in range(len(pages))]
            written: list[list[float]] = [[] for _ in pages]
            for _ in range(options.rounds):
                for times, page, file in zip(written, pages, files, strict=True):
                    times.append(page.write(steps, file))
            opened = open_in_turn(files, options.rounds) if opens else {}
            for page, times, file in zip(pages, written, files, strict=True):
                shown = [format_times(times, written[0])]
                shown += [format_times(opened[file], opened[files[0]]) if opens else " " * 15]
                size = file.stat().st_size / 1000
                print(f"{steps:5}  {page.label:14}  {'  '.join(shown)}  {size:8,.0f}", flush=True)


def format_times(times: Sequence[float], first: Sequence[float]) -> str:
    """Return a median and its ratio to that of the first page."""
    return f"{median(times):9.3f}  {median(times) / median(first):5.2f}"


if __name__ == "__main__":
    main()
