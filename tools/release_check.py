"""Check what an index and its users would get if all packages were released now.

Everything is built into a folder for each package: an sdist, a wheel, and a bill of materials of
what `pip install` brings along. `nox -s release_check` calls this.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from package_builds import (
    ROOT,
    Builder,
    CommandError,
    Package,
    check_builds,
    list_requirements,
    run,
)
from packaging.version import Version
from readme_examples import SETTINGS, check_examples

IMPORT_ALL = """
import importlib, pkgutil, sys
package = importlib.import_module(sys.argv[1])
for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    # Templates are no modules, __main__ would run, and a plugin is there for who has pytest.
    if not found.name.endswith(("__main__", "pytest_plugin")) and "templates" not in found.name:
        importlib.import_module(found.name)
"""
"""Imports every module of a package, where this package is and what it requires."""


class Problems(list[str]):
    """What is wrong, with a line on the terminal for each check."""

    def report(self, check: str, looked_for: Iterable[str]) -> None:
        """Make a check, print how it went, and keep what it found."""
        found = []
        try:
            found.extend(looked_for)
        except CommandError as error:
            found.append(str(error))
        print(f"{'failed' if found else 'ok':6} {check}", flush=True)
        for problem in found:
            print(f"       {problem}", flush=True)
        self.extend(found)


def check_texts(target: Path) -> Iterator[str]:
    """Let twine judge what an index shows; yields nothing, for twine fails."""
    run(sys.executable, "-m", "twine", "check", "--strict", *map(str, target.iterdir()))
    yield from ()


def check_tag(packages: list[Package], tag: str | None) -> Iterator[str]:
    """Yield where a tag names no package: nothing would be released."""
    known = [f"{package.name.removeprefix('kedro-azureml-')}-v" for package in packages]
    if tag is not None and not tag.startswith(tuple(known)):
        yield f"the tag is {tag}, and those of packages begin with {', '.join(known)}"


def next_breaking(version: str) -> str:
    """Return the next version that may change what is documented: a minor one until 1.0."""
    major, minor, *_ = Version(version).release
    return f"{major + 1}.0" if major else f"0.{minor + 1}"


def check_python(package: Package, lowest: str) -> Iterator[str]:
    """Yield where a package can be installed on a Python that is lower than what is tried here."""
    pyproject = (package.folder / "pyproject.toml").read_text()
    found = re.search(r'^requires-python = "(.+)"$', pyproject, re.MULTILINE)
    if (required := found and found[1]) != f">={lowest.removeprefix('python')}":
        yield f"its requires-python is {required}, and the lowest Python here is {lowest}"


def check_versions(package: Package, packages: list[Package], tag: str | None) -> Iterator[str]:
    """Yield where a package's version contradicts its changelog, its siblings or the tag."""
    changelog = (package.folder / "CHANGELOG.md").read_text()
    heads = re.findall(r"^## \[(.+?)\](?: - (\d{4}-\d\d-\d\d))?$", changelog, re.MULTILINE)
    if heads and heads[0] == ("Unreleased", ""):
        body = changelog.split("## [Unreleased]", 1)[1].split("\n## ", 1)[0]
        if body.strip():
            yield "CHANGELOG.md has unreleased changes: give them a version and a date"
        heads = heads[1:]
    if not heads or heads[0][0] != package.version:
        head = heads[0][0] if heads else "none"
        yield f"the version is {package.version}, and the newest one in CHANGELOG.md {head}"
    elif not heads[0][1]:
        yield f"{package.version} has no date in CHANGELOG.md"
    versions = {sibling.name: sibling.version for sibling in packages}
    for wanted in package.siblings:
        version = versions.get(wanted.name)
        if version and not wanted.specifier.contains(version, prereleases=True):
            yield f"it requires {wanted}, and that package has the version {version}"
        breaking = version and next_breaking(version)
        if breaking and wanted.specifier.contains(breaking, prereleases=True):
            yield f"it requires {wanted}, which lets {breaking} in: end the range below that"
    short = package.name.removeprefix("kedro-azureml-")
    if tag and tag.startswith(f"{short}-v") and tag != f"{short}-v{package.version}":
        yield f"the tag is {tag}, and the version {package.version}"


def check_alone(
    package: Package, python: str, resolution: str, builder: Builder, wheels: Path
) -> Iterator[str]:
    """Install a package alone, and yield what of it cannot be imported.

    The lowest versions are those of which there is a wheel for that Python.
    """
    with tempfile.TemporaryDirectory() as folder:
        run(builder.uv, "venv", "--quiet", "--python", python, folder)
        there = str(Path(folder, "bin/python"))
        # With its extras: some modules are for them alone.
        extras = {"kedro-azureml-datasets": ["azure", "keyvault"]}.get(package.name, [])
        wheel = next(wheels.glob(f"{package.module}-*.whl"))
        lowered = []
        if resolution == "lowest-direct":
            # uv lowers what it is asked for by name, not what a wheel given by path requires.
            lowered = ["--only-binary", ":all:", *list_requirements(package.name, extras, wheels)]
        run(
            builder.uv, "pip", "install", "--quiet", "--python", there,
            "--resolution", resolution, "--find-links", str(wheels), "--reinstall",
            f"{package.name}[{','.join(extras)}] @ {wheel.as_uri()}", *lowered,
        )  # fmt: skip
        run(builder.uv, "pip", "check", "--python", there)
        quiet = {"KEDRO_DISABLE_TELEMETRY": "1", "PYTHONWARNINGS": "ignore"}
        done = subprocess.run(
            [there, "-c", IMPORT_ALL, package.module],
            capture_output=True, text=True, check=False, env={**os.environ, **quiet}, cwd=folder,
        )  # fmt: skip
        if done.returncode:
            yield f"{python}, {resolution}: {done.stderr.strip().splitlines()[-1]}"


def check_readme(package: Package, python: str, builder: Builder, wheels: Path) -> Iterator[str]:
    """Install a package with what its README's examples need, and yield which of them fail."""
    with tempfile.TemporaryDirectory() as folder:
        run(builder.uv, "venv", "--quiet", "--python", python, folder)
        there = str(Path(folder, "bin/python"))
        wheel = next(wheels.glob(f"{package.module}-*.whl"))
        run(
            builder.uv, "pip", "install", "--quiet", "--python", there,
            "--find-links", str(wheels), "--reinstall", str(wheel),
            *SETTINGS[package.name].requirements,
        )  # fmt: skip
        yield from check_examples(package.folder / "README.md", package.name, there)


def write_bill(
    package: Package, python: str, builder: Builder, wheels: Path, target: Path
) -> Iterator[str]:
    """Write the bill of materials of what is installed with a package; yield what it lacks."""
    with tempfile.TemporaryDirectory() as folder:
        run(builder.uv, "venv", "--quiet", "--python", python, folder)
        there = str(Path(folder, "bin/python"))
        wheel = next(wheels.glob(f"{package.module}-*.whl"))
        run(builder.uv, "pip", "install", "--quiet", "--python", there,
            "--find-links", str(wheels), str(wheel))  # fmt: skip
        file = target / f"{package.module}-{package.version}.cdx.json"
        run(
            sys.executable, "-m", "cyclonedx_py", "environment", there,
            "--output-reproducible", "--output-file", str(file),
        )  # fmt: skip
    content = json.loads(file.read_text())
    # Where a file of this machine was installed from tells nobody anything.
    for component in content["components"]:
        component.pop("externalReferences", None)
    file.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n")
    names = {component["name"] for component in content["components"]}
    missing = {package.name, *(sibling.name for sibling in package.siblings)} - names
    if missing:
        yield f"{file.name} lacks {', '.join(sorted(missing))}"


def main() -> int:
    """Run all checks; return 1 if one failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--uv", required=True)
    parser.add_argument("--lowest", required=True, help="the lowest supported Python")
    parser.add_argument("--highest", required=True, help="the highest supported Python")
    parser.add_argument("--tag", help="the tag of a release, such as datasets-v0.2.0")
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "release")
    options = parser.parse_args()
    packages = [Package(file.parent) for file in sorted(ROOT.glob("packages/*/pyproject.toml"))]
    builder, problems = Builder(options.uv), Problems()
    if options.tag is not None:
        problems.report("the tag", check_tag(packages, options.tag))
    with tempfile.TemporaryDirectory() as folder:
        wheels = Path(folder)
        for package in packages:
            target = options.folder / package.name
            found = check_versions(package, packages, options.tag)
            problems.report(f"{package.name}: version, changelog, siblings", found)
            lowest = Path(options.lowest).name
            problems.report(f"{package.name}: requires-python", check_python(package, lowest))
            found = check_builds(package, builder, target)
            problems.report(f"{package.name}: the same sdist and wheel each time", found)
            for wheel in target.glob("*.whl"):
                shutil.copy(wheel, wheels)
                problems.report(f"{package.name}: twine check --strict", check_texts(target))
        if len([*wheels.iterdir()]) < len(packages):
            print("Nothing is installed: a package was not built.")
            packages = []
        for package in packages:
            for python in (options.lowest, options.highest):
                for resolution in ("lowest-direct", "highest"):
                    found = check_alone(package, python, resolution, builder, wheels)
                    versions = "lowest" if resolution.startswith("lowest") else "newest"
                    label = f"alone on {Path(python).name}, {versions} versions"
                    problems.report(f"{package.name}: {label}", found)
                found = check_readme(package, python, builder, wheels)
                label = f"the examples of its README on {Path(python).name}"
                problems.report(f"{package.name}: {label}", found)
            target = options.folder / package.name
            found = write_bill(package, options.highest, builder, wheels, target)
            problems.report(f"{package.name}: a bill of materials", found)
    print(f"{len(problems)} problems" if problems else f"ready: {options.folder}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
