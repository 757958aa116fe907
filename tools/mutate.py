"""Change one thing at a time in modules that all else rests on, and see whether their tests notice.

Cosmic Ray finds what can be changed and changes it. Each mutant is tried in a fork of this process,
in which what the tests need is imported already; there it takes the module's place when that is
imported, so no file is ever changed. `nox -s mutation` calls this.
"""

from __future__ import annotations

import argparse
import difflib
import importlib
import os
import platform
import resource
import signal
import sys
import tempfile
import textwrap
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.metadata import version
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType

import cosmic_ray.mutating
import cosmic_ray.plugins
import pytest
from cosmic_ray.ast import ast_nodes, get_ast
from mutation_choices import TARGETS, find_reason, is_left_out

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "CONTRIBUTING.md"
START = "<!-- figures of `nox -s mutation`: tools/mutate.py writes them -->\n"
END = "<!-- end of the figures -->\n"
JOBS = 2
FLOOR = 0.9
"""The share of mutants that the tests have to notice."""

OPTIONS = ("-q", "-x", "-p", "no:cacheprovider", f"--rootdir={ROOT}")


@dataclass(frozen=True)
class Mutant:
    """A module with one change."""

    module: str
    file: Path
    code: str

    def diff(self) -> list[str]:
        """Return the place, and the lines that were taken out and put in."""
        before = self.file.read_text(encoding="utf-8").splitlines()
        lines = [*difflib.unified_diff(before, self.code.splitlines(), lineterm="", n=0)][2:]
        return [f"{self.file.relative_to(ROOT)} {lines[0]}", *lines[1:]]

    def change(self) -> str:
        """Return the first line that was put in."""
        put_in = [line[1:].strip() for line in self.diff()[1:] if line.startswith("+")]
        return put_in[0] if put_in else ""


class Loader(SourceFileLoader):
    """Import a mutant instead of its module; to be put into `sys.meta_path`."""

    def __init__(self, mutant: Mutant) -> None:
        super().__init__(mutant.module, str(mutant.file))
        self._mutant = mutant

    def get_code(self, fullname: str) -> CodeType:
        """Return what takes the place of the module's code."""
        return compile(self._mutant.code, self.get_filename(fullname), "exec")

    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        """Find the mutant, and no other module."""
        if fullname != self._mutant.module:
            return None
        return spec_from_file_location(fullname, self.path, loader=self)


def find_mutants(source: str) -> Iterator[Mutant]:
    """Find all mutants of a module that are to be tried."""
    package, _, path = source.partition("/")
    module = f"kedro_azureml_{package}.{path.removesuffix('.py').replace('/', '.')}"
    file = ROOT / f"packages/kedro-azureml-{package}/src/kedro_azureml_{package}/{path}"
    code = file.read_text(encoding="utf-8")
    lines, nodes = code.split("\n"), [*ast_nodes(get_ast(code))]
    for name in cosmic_ray.plugins.operator_names():
        kind = cosmic_ray.plugins.get_operator(name)
        if kind.arguments():
            continue
        places = [place for node in nodes for place, _ in kind().mutation_positions(node)]
        for number, (line, _) in enumerate(places):
            if not is_left_out(name.partition("/")[2], lines[line - 1]):
                yield Mutant(module, file, cosmic_ray.mutating.mutate_code(code, kind(), number))


def start(arguments: Sequence[str], folder: Path, mutant: Mutant | None, seconds: int) -> int:
    """Run tests in a fork until one fails, in a folder; return the fork's process id.

    Args:
        arguments: Those of pytest.
        folder: Where to run them, and to leave what they print.
        mutant: What takes its module's place.
        seconds: Limit of the processor's time.
    """
    process = os.fork()
    if process:
        return process
    code = 70
    try:
        os.setsid()  # what the tests start ends with them
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        folder.mkdir()
        os.chdir(folder)
        output = os.open("output", os.O_CREAT | os.O_WRONLY)
        os.dup2(output, 1)
        os.dup2(output, 2)
        if mutant is not None:
            sys.meta_path.insert(0, Loader(mutant))
        code = pytest.main([*OPTIONS, *arguments])
        Path("modules").write_text("\n".join(sys.modules))
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def end(process: int) -> None:
    """End a fork, and what it has started."""
    with suppress(ProcessLookupError):
        os.killpg(process, signal.SIGKILL)


def warm(arguments: Sequence[str], folder: Path) -> tuple[int, float]:
    """Run the tests of a module as it is, and import what they need of other packages.

    Returns:
        How many seconds of the processor a mutant gets, and how many by the clock.
    """
    started = time.monotonic()
    _, status, usage = os.wait4(start(arguments, folder, None, 600), 0)
    if status:
        raise SystemExit(f"Tests fail without a change:\n{Path(folder, 'output').read_text()}")
    for name in Path(folder, "modules").read_text().split("\n"):
        if not name.startswith(("kedro_azureml", "packages", "tests")):
            with suppress(ImportError):  # what is on a path of the tests alone
                importlib.import_module(name)
    used = usage.ru_utime + usage.ru_stime
    return 3 + round(3 * used), 30 + 10 * (time.monotonic() - started)


def find_survivors(
    mutants: list[Mutant], arguments: Sequence[str], folder: Path
) -> Iterator[Mutant]:
    """Run tests on each mutant, and yield those with which they pass."""
    seconds, patience = warm(arguments, folder / "as it is")
    waiting = [*enumerate(mutants)]
    running: dict[int, tuple[Mutant, float]] = {}
    try:
        while waiting or running:
            while waiting and len(running) < JOBS:
                number, mutant = waiting.pop(0)
                process = start(arguments, folder / str(number), mutant, seconds)
                running[process] = mutant, time.monotonic() + patience
            for process, (mutant, deadline) in [*running.items()]:
                ended, status = os.waitpid(process, os.WNOHANG)
                if ended:
                    end(process)
                    del running[process]
                    if status == 0:
                        yield mutant
                elif time.monotonic() > deadline:
                    end(process)
            time.sleep(0.01)
    finally:
        for process in running:
            end(process)


def describe(results: dict[str, tuple[int, list[Mutant]]], minutes: float) -> str:
    """Return what CONTRIBUTING.md says of a run."""
    tried, survived = sum(n for n, _ in results.values()), sum(len(s) for _, s in results.values())
    day, share = datetime.now(timezone.utc).date(), (tried - survived) / tried
    text = (
        f"The last run ({day}, Python {platform.python_version()}, Cosmic Ray "
        f"{version('cosmic-ray')}, {os.cpu_count()} cores, {minutes:.0f} minutes) tried {tried} "
        f"mutants; the tests noticed {tried - survived} of them, {share:.1%}."
    )
    lines = [*textwrap.wrap(text, 110, break_on_hyphens=False), ""]
    lines += ["| module | mutants | noticed |", "|---|---|---|"]
    for source, (count, left) in results.items():
        lines.append(f"| `{source}` | {count} | {count - len(left)} |")
    changes = [mutant.change() for _, left in results.values() for mutant in left]
    if changes:
        lines += ["", "Mutants that survived, and why each is harmless:", ""]
        lines += ["| a mutant's line | why |", "|---|---|"]
    for change in dict.fromkeys(changes):
        code = change.replace("|", "\\|")
        lines.append(f"| `{code}` | {find_reason(change)} |")
    return "\n".join(lines) + "\n"


def write_page(text: str) -> None:
    """Put what a run found into CONTRIBUTING.md."""
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(START)
    PAGE.write_text(f"{before}{START}\n{text}\n{END}{rest.split(END)[1]}", encoding="utf-8")


def main() -> int:
    """Try the mutants of all modules, or of those that arguments name."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sources", nargs="*", help="such as runner/protocol/promoted.py")
    options = parser.parse_args()
    unknown = sorted({*options.sources} - {*TARGETS})
    if unknown:
        parser.error(f"no tests are named for {', '.join(unknown)}; there are {', '.join(TARGETS)}")
    results: dict[str, tuple[int, list[Mutant]]] = {}
    begun = time.monotonic()
    for source in options.sources or TARGETS:
        started = time.monotonic()
        mutants = [*find_mutants(source)]
        arguments = [
            str(ROOT / f"packages/kedro-azureml-{word}") if word.endswith(".py") else word
            for word in TARGETS[source]
        ]
        survivors = []
        with tempfile.TemporaryDirectory() as folder:
            for mutant in find_survivors(mutants, arguments, Path(folder)):
                survivors.append(mutant)
                why = find_reason(mutant.change())
                print("\n    ".join([*mutant.diff(), f"unnoticed: {why}"]), flush=True)
        results[source] = len(mutants), survivors
        noticed, took = len(mutants) - len(survivors), time.monotonic() - started
        print(f"{source}: {noticed} of {len(mutants)} noticed, {took:.0f} s", flush=True)
    text = describe(results, (time.monotonic() - begun) / 60)
    print(text)
    if not options.sources:
        write_page(text)
    tried = sum(count for count, _ in results.values())
    noticed = tried - sum(len(survivors) for _, survivors in results.values())
    if noticed < FLOOR * tried:
        print(f"Fewer than {FLOOR:.0%} were noticed.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
