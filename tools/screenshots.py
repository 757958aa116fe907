"""Write docs/images: the pages of a plan and of a run in Chromium, and a terminal.

What is shown is real: a project from the starter, whose job of 10 steps is compiled and verified,
and a project of 500 steps, which is compiled. Needs Debian's Chromium, and an environment with the
packages, what the starter requires, and the group `screenshots`.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PIL import Image
from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from playwright.sync_api import Browser

STARTER = Path(__file__).resolve().parents[1] / "starters/azureml"
SIZES = {"desk": (1280, 800), "phone": (390, 844)}
SCHEMES = ("light", "dark")
COLOURS = 128
"""Of a picture: text and boxes need no more, and the files are a third as large."""
WIDTH = 112
"""Columns of the terminal."""
COMMANDS = ("kedro azureml compile -j training", "kedro azureml verify -j training --quiet")

NAMES = {
    "<subscription-id>": "00000000-0000-0000-0000-000000000000",
    "<resource-group>": "penguins",
    "<workspace-name>": "penguins",
    "<cluster-name>": "cpu-cluster",
}
"""What the owner of a new project fills in."""

PYPROJECT = """
[tool.kedro]
package_name = "chain"
project_name = "Chain"
kedro_init_version = "1.2.0"
"""
REGISTRY = '''
"""Fifty shops with ten nodes each."""

from kedro.pipeline import Pipeline, node

STAGES = (
    ("read_sales", ["calendar"], "sales"),
    ("clean_sales", ["sales"], "clean"),
    ("add_weather", ["clean", "weather"], "weathered"),
    ("make_features", ["weathered", "prices"], "features"),
    ("split", ["features"], "split"),
    ("fit_trend", ["split"], "trend"),
    ("fit_season", ["split"], "season"),
    ("combine", ["trend", "season"], "model"),
    ("forecast", ["model", "features"], "forecast"),
    ("report", ["forecast"], "report"),
)
SHARED = {"calendar", "weather", "prices"}


def same(*values):
    return values


def register_pipelines():
    shop = Pipeline([node(same, inputs, output, name=name) for name, inputs, output in STAGES])
    shops = [Pipeline(shop, namespace=f"shop_{n:02}", inputs=SHARED) for n in range(1, 51)]
    return {"__default__": sum(shops, start=Pipeline([]))}
'''
CATALOG = """
"{name}":
  type: kedro_azureml_datasets.AzureMLPipelineDataset
  dataset: {type: pickle.PickleDataset, filepath: "{name}.pkl"}
calendar: &asset
  type: kedro_azureml_datasets.AzureMLAssetDataset
  azureml_dataset: shops
  azureml_version: "7"
  dataset: {type: pickle.PickleDataset, filepath: calendar.pkl}
weather: {<<: *asset, dataset: {type: pickle.PickleDataset, filepath: weather.pkl}}
prices: {<<: *asset, dataset: {type: pickle.PickleDataset, filepath: prices.pkl}}
"""
SETTINGS = """
workspace: {__default__: {subscription_id: s, resource_group: shops, name: shops}}
compute: {__default__: {cluster_name: cpu-cluster}}
execution: {environment: "shops-env:3"}
jobs: {nightly: {}}
"""


class Shot(NamedTuple):
    """One page in one state.

    Args:
        name: The start of the name of its pictures.
        page: The page.
        fragment: What is opened in it.
        button: What is pressed then.
    """

    name: str
    page: Path
    fragment: str = ""
    button: str = ""


def run(*command: str, cwd: Path, **variables: str) -> str:
    """Run a command and return all that it says; a failure ends this script."""
    environ = {
        **os.environ,
        **variables,
        "COLUMNS": str(WIDTH),
        "KEDRO_DISABLE_TELEMETRY": "1",
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "PYTHONWARNINGS": "ignore:register_new_resolver:UserWarning",
    }
    done = subprocess.run(
        command, cwd=cwd, env=environ, check=False, text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"Exit code {done.returncode} of {shlex.join(command)}:\n{done.stdout}")
    return done.stdout


def make_small_project(folder: Path) -> tuple[Path, str]:
    """Make a project from the starter and run commands in it.

    Return its folder, and what a terminal shows of the commands.
    """
    run("kedro", "new", "--starter", str(STARTER), "--name", "Penguins", cwd=folder)
    project = folder / "penguins"
    settings = project / "conf/base/azureml.yml"
    names = settings.read_text(encoding="utf-8")
    for placeholder, name in NAMES.items():
        names = names.replace(placeholder, name)
    settings.write_text(names, encoding="utf-8")
    run("kedro", "run", cwd=project)
    shown = []
    for command in COMMANDS:
        said = run(*shlex.split(command), cwd=project, FORCE_COLOR="1").replace(
            str(project), "~/penguins"
        )
        lines = [line for line in said.splitlines() if not line.startswith("Waiting for the ")]
        shown.append("\n".join([f"\x1b[1m$ {command}\x1b[0m", *lines, ""]))
    return project, "\n".join(shown)


def make_large_project(folder: Path) -> Path:
    """Make a project of 500 nodes and compile it; return its folder."""
    project = folder / "shops"
    files = {
        "pyproject.toml": PYPROJECT,
        "src/chain/__init__.py": "",
        "src/chain/settings.py": "",
        "src/chain/pipeline_registry.py": REGISTRY,
        "conf/base/catalog.yml": CATALOG,
        "conf/base/azureml.yml": SETTINGS,
        "conf/local/.gitkeep": "",
    }
    for name, content in files.items():
        file = project / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    run("kedro", "azureml", "compile", "-j", "nightly", cwd=project)
    return project


def draw_terminal(shown: str) -> str:
    """Return a terminal as an SVG that loads no font from another host."""
    console = Console(
        record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor"
    )
    console.print(Text.from_ansi(shown), soft_wrap=False)
    svg = console.export_svg(title="kedro azureml", theme=MONOKAI, unique_id="terminal")
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)


def take(browser: Browser, shots: Iterable[Shot], images: Path) -> Iterator[Path]:
    """Take each shot at each size, light and dark; yield the files."""
    for shot, (size, (width, height)), scheme in product(shots, SIZES.items(), SCHEMES):
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme
        )
        page = context.new_page()
        page.goto(shot.page.as_uri() + shot.fragment)
        if shot.button:
            page.get_by_role("button", name=shot.button).click()
        picture = Image.open(io.BytesIO(page.screenshot()))
        context.close()
        file = images / f"{shot.name}-{size}-{scheme}.png"
        picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)
        yield file


def main() -> None:
    """Write all pictures, and print their sizes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="for the projects")
    parser.add_argument("--images", type=Path, required=True, help="for the pictures")
    options = parser.parse_args()
    folder, images = options.folder.resolve(), options.images.resolve()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    images.mkdir(parents=True, exist_ok=True)
    small, shown = make_small_project(folder)
    large = make_large_project(folder)
    (images / "terminal.svg").write_text(draw_terminal(shown), encoding="utf-8")
    shots = [
        Shot("plan-10", small / "build/azureml/training/plan.html", "#training.train_classifier"),
        Shot("plan-500", large / "build/azureml/nightly/plan.html", "#shop_07.combine"),
        Shot("whole-500", large / "build/azureml/nightly/plan.html", "", "The whole picture"),
        Shot("run-10", small / "build/azureml-runs/training/run.html"),
        Shot("timeline-10", small / "build/azureml-runs/training/run.html", "#timeline"),
    ]
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as tool:
        # Without its sandbox, which root may not have.
        browser = tool.chromium.launch(executable_path=program, args=["--no-sandbox"])
        files = [images / "terminal.svg", *take(browser, shots, images)]
        browser.close()
    for file in files:
        print(f"{file.stat().st_size:9,} bytes  {file.name}")
    print(f"{sum(file.stat().st_size for file in files):9,} bytes in all")


if __name__ == "__main__":
    main()
