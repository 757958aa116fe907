"""Build the packages of this repository, and compare what comes out, for `release_check.py`."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]


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

    @property
    def siblings(self) -> list[Requirement]:
        """What it requires of this repository, extras included."""
        pyproject = (self.folder / "pyproject.toml").read_text()
        lines = re.findall(r'"(kedro-azureml-[^"]+)"', pyproject)
        return [Requirement(line) for line in lines if line != self.name]


def list_requirements(name: str, extras: Collection[str], wheels: Path) -> set[str]:
    """Return what a package and its siblings require of others.

    Args:
        name: The package.
        extras: Its extras that count.
        wheels: Folder with the wheels of all packages.
    """
    (wheel,) = wheels.glob(f"{name.replace('-', '_')}-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (file,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        lines = message_from_bytes(archive.read(file)).get_all("Requires-Dist", [])
    found: set[str] = set()
    for wanted in map(Requirement, lines):
        if "extra ==" in str(wanted.marker):
            if not any(wanted.marker.evaluate({"extra": extra}) for extra in extras):
                continue
            wanted.marker = None
        if wanted.name.startswith("kedro-azureml-"):
            found |= list_requirements(wanted.name, wanted.extras, wheels)
        else:
            found.add(str(wanted))
    return found


class CommandError(Exception):
    """A program that failed, and what it printed, in one line."""


def run(*command: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a program.

    Raises:
        CommandError: It failed.
    """
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, **environ}
    )
    if done.returncode:
        printed = (done.stdout + done.stderr).splitlines()
        said = "; ".join(line.strip() for line in printed if line.strip())
        raise CommandError(
            f"{Path(command[0]).name} {' '.join(command[1:4])} failed: {said[-600:]}"
        )
    return done


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


def list_known_files(folder: Path) -> list[str]:
    """Return the files below a folder that git knows, relative to it."""
    return [*filter(None, run("git", "-C", str(folder), "ls-files", "-z").stdout.split("\0"))]


def copy_known_files(repository: Path, target: Path) -> None:
    """Copy the files of a repository that git knows, as they are now, links as links."""
    for name in list_known_files(repository):
        if os.path.lexists(repository / name):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(repository / name, target / name, follow_symlinks=False)


def list_files(distribution: Path) -> set[str]:
    """Return the files of an sdist or a wheel."""
    if distribution.suffix == ".whl":
        with zipfile.ZipFile(distribution) as wheel:
            return {*wheel.namelist()}
    with tarfile.open(distribution) as sdist:
        return {*sdist.getnames()}


def digest(file: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def check_contents(package: Package, sdist: Path, wheel: Path) -> Iterator[str]:
    """Yield what git knows of a package, or an index's users expect, and a distribution lacks."""
    known = list_known_files(package.folder)
    in_sdist = {name.partition("/")[2] for name in list_files(sdist)}
    in_wheel = {re.sub(r"^[^/]+\.dist-info/licenses/", "", name) for name in list_files(wheel)}
    modules = {name.removeprefix("src/") for name in known if name.startswith("src/")}
    for file, lacking in (
        (sdist, {*known, "CHANGELOG.md", "LICENSE", "README.md"} - in_sdist),
        (wheel, {*modules, "LICENSE"} - in_wheel),
    ):
        if lacking:
            yield f"{file.name} lacks {', '.join(sorted(lacking))}"


def check_builds(package: Package, builder: Builder, target: Path) -> Iterator[str]:
    """Build a package in three ways, and yield where the results differ."""
    with tempfile.TemporaryDirectory() as elsewhere:
        copied = Path(elsewhere, "another place")
        there = copied / "packages" / package.name
        copy_known_files(package.folder.parents[1], copied)
        shutil.rmtree(target, ignore_errors=True)
        sdist, wheel = sorted(
            [
                *builder.build(package.folder, target / "sdist", "--sdist"),
                *builder.build(package.folder, target / "wheel", "--wheel"),
            ],
            key=lambda path: path.suffix,
        )
        again = [
            *builder.build(there, Path(elsewhere, "s"), "--sdist"),
            *builder.build(there, Path(elsewhere, "w"), "--wheel"),
        ]
        for first, second in zip((sdist, wheel), again, strict=True):
            unknown = sorted(list_files(first) - list_files(second))
            if unknown:
                yield f"{first.name} holds what git does not know: {', '.join(unknown)}"
            elif digest(first) != digest(second):
                yield f"{first.name} has other bytes when it is built in another folder"
        shutil.unpack_archive(sdist, Path(elsewhere, "unpacked"))
        (unpacked,) = Path(elsewhere, "unpacked").iterdir()
        (from_sdist,) = builder.build(unpacked, Path(elsewhere, "from-sdist"), "--wheel")
        if digest(from_sdist) != digest(wheel):
            yield f"{wheel.name} from the sdist is not the one from the tree"
        yield from check_contents(package, sdist, wheel)
    for file in (sdist, wheel):
        file.rename(target / file.name)
        file.parent.rmdir()
