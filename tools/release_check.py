"""Check what an index and its users would get if all packages were released now.

Everything is built into a folder for each package: an sdist, a wheel, and a bill of materials of
what `pip install` brings along. `nox -s release_check` calls this.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from readme_examples import SETTINGS, check_examples

ROOT = Path(__file__).parents[1]
IMPORT_ALL = """
import importlib, pkgutil, sys
package = importlib.import_module(sys.argv[1])
for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    # Templates are no modules, __main__ would run, and a plugin is there for who has pytest.
    if not found.name.endswith(("__main__", "pytest_plugin")) and "templates" not in found.name:
        importlib.import_module(found.name)
"""
"""Imports every module of a package, where this package is and what it requires."""


@dataclass(frozen=True)
class Package:
    """A distribution of this repository."""

    folder: Path

    @property
    def name(self) -> str:
        """The distribution's name."""
        return self.folder.name

    @property
    def module(self) -> str:
        """The name by which it is imported."""
        return self.name.replace("-", "_")

    @property
    def version(self) -> str:
        """The version in its `__about__.py`."""
        about = (self.folder / f"src/{self.module}/__about__.py").read_text()
        return re.search(r'__version__ = "(.+)"', about)[1]


class Problems(list[str]):
    """What is wrong, with a line on the terminal for each check."""

    def report(self, check: str, *found: str) -> None:
        """Print how a check went, and keep what it found."""
        print(f"{'failed' if found else 'ok':6} {check}", flush=True)
        for problem in found:
            print(f"       {problem}", flush=True)
        self.extend(found)


class Builder:
    """Builds distributions with uv."""

    def __init__(self, uv: str) -> None:
        self.uv = uv

    def build(self, source: Path, target: Path, *kinds: str) -> list[Path]:
        """Build from a folder, and return the files."""
        target.mkdir(parents=True, exist_ok=True)
        run(self.uv, "build", "--quiet", *kinds, "--out-dir", str(target), str(source))
        (target / ".gitignore").unlink(missing_ok=True)
        return sorted(target.iterdir())


def run(*command: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a program; if it fails, end with what it printed."""
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, **environ}
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command[:4])} ... failed:\n{done.stdout}{done.stderr}")
    return done


def digest(file: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def check_builds(package: Package, builder: Builder, target: Path) -> Iterator[str]:
    """Build a package in three ways, and yield where the results differ."""
    with tempfile.TemporaryDirectory() as elsewhere:
        copied = Path(elsewhere, "another place")
        left_out = shutil.ignore_patterns(".git", ".nox", ".ci", "build", "__pycache__", ".*_cache")
        shutil.copytree(ROOT, copied, symlinks=True, ignore=left_out, copy_function=shutil.copy)
        shutil.rmtree(target, ignore_errors=True)
        sdist, wheel = sorted(
            [
                *builder.build(package.folder, target / "sdist", "--sdist"),
                *builder.build(package.folder, target / "wheel", "--wheel"),
            ],
            key=lambda path: path.suffix,
        )
        again = [
            *builder.build(copied / "packages" / package.name, Path(elsewhere, "s"), "--sdist"),
            *builder.build(copied / "packages" / package.name, Path(elsewhere, "w"), "--wheel"),
        ]
        for first, second in zip((sdist, wheel), again, strict=True):
            if digest(first) != digest(second):
                yield f"{first.name} has other bytes when it is built in another folder"
        shutil.unpack_archive(sdist, Path(elsewhere, "unpacked"))
        (unpacked,) = Path(elsewhere, "unpacked").iterdir()
        (from_sdist,) = builder.build(unpacked, Path(elsewhere, "from-sdist"), "--wheel")
        if digest(from_sdist) != digest(wheel):
            yield f"{wheel.name} from the sdist is not the one from the tree"
    for file in (sdist, wheel):
        file.rename(target / file.name)
        file.parent.rmdir()


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
    pyproject = (package.folder / "pyproject.toml").read_text()
    for line in re.findall(r'"(kedro-azureml-[^"]+)"', pyproject):
        wanted = Requirement(line)
        version = versions.get(wanted.name)
        if version and not wanted.specifier.contains(version, prereleases=True):
            yield f"it requires {line}, and that package has the version {version}"
    short = package.name.removeprefix("kedro-azureml-")
    if tag and tag.startswith(f"{short}-v") and tag != f"{short}-v{package.version}":
        yield f"the tag is {tag}, and the version {package.version}"


def check_alone(
    package: Package, python: str, resolution: str, builder: Builder, wheels: Path
) -> Iterator[str]:
    """Install a package alone, and yield what of it cannot be imported."""
    with tempfile.TemporaryDirectory() as folder:
        run(builder.uv, "venv", "--quiet", "--python", python, folder)
        there = str(Path(folder, "bin/python"))
        # With its extras: some modules are for them alone.
        extras = {"kedro-azureml-datasets": "[azure,keyvault]"}.get(package.name, "")
        wheel = next(wheels.glob(f"{package.module}-*.whl"))
        run(
            builder.uv, "pip", "install", "--quiet", "--python", there,
            "--resolution", resolution, "--find-links", str(wheels), "--reinstall",
            f"{package.name}{extras} @ {wheel.as_uri()}",
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


def write_bill(package: Package, python: str, builder: Builder, wheels: Path, target: Path) -> str:
    """Write the bill of materials of what is installed with a package, and return a summary."""
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
    return f"{file.name}: {len(content['components'])} distributions"


def main() -> int:
    """Run all checks; return 1 if one failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--uv", required=True)
    parser.add_argument("--lowest", required=True, help="the lowest supported Python")
    parser.add_argument("--highest", required=True, help="the highest supported Python")
    parser.add_argument("--tag", help="the tag of a release, such as datasets-v0.2.0")
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "release")
    options = parser.parse_args()
    packages = [Package(path) for path in sorted(ROOT.glob("packages/*"))]
    builder, problems = Builder(options.uv), Problems()
    with tempfile.TemporaryDirectory() as folder:
        wheels = Path(folder)
        for package in packages:
            target = options.folder / package.name
            found = [*check_versions(package, packages, options.tag)]
            problems.report(f"{package.name}: version, changelog, siblings", *found)
            found = [*check_builds(package, builder, target)]
            problems.report(f"{package.name}: the same sdist and wheel each time", *found)
            for wheel in target.glob("*.whl"):
                shutil.copy(wheel, wheels)
            files = map(str, target.iterdir())
            run(sys.executable, "-m", "twine", "check", "--strict", *files)
            problems.report(f"{package.name}: twine check --strict")
        for package in packages:
            for python in (options.lowest, options.highest):
                for resolution in ("lowest-direct", "highest"):
                    found = [*check_alone(package, python, resolution, builder, wheels)]
                    versions = "lowest" if resolution.startswith("lowest") else "newest"
                    label = f"alone on {Path(python).name}, {versions} versions"
                    problems.report(f"{package.name}: {label}", *found)
            found = [*check_readme(package, options.highest, builder, wheels)]
            problems.report(f"{package.name}: the examples of its README", *found)
            target = options.folder / package.name
            print(f"wrote  {write_bill(package, options.highest, builder, wheels, target)}")
    print(f"{len(problems)} problems" if problems else f"ready: {options.folder}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
