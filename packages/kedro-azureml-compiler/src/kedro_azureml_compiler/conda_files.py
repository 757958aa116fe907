"""Read conda files, and put the requirements files that they name into them.

Azure ML builds an environment from the content of the conda file alone: no other file of the
project is there, so that what `-r requirements.txt` names has to stand in the list itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import yaml

_INCLUDED = re.compile(r"(?:-r|--requirement)[ =]?\s*(?P<path>\S.*)")
_CONSTRAINTS = re.compile(r"(?:-c|--constraint)[ =]?\s*\S.*")
_EDITABLE = re.compile(r"(?:-e|--editable)[ =]?\s*(?P<what>\S.*)")
_LINKS = re.compile(r"(?:-f|--find-links)[ =]?\s*(?P<what>\S.*)")
_COMMENT = re.compile(r"(?:^|\s)#.*")
_ADDRESS = re.compile(r"[A-Za-z][\w+.-]+://")
_PACKED = (".whl", ".tar.gz", ".zip", ".tar.bz2")

_WHY = "the environment is built without the project's files"


class CondaProblem(NamedTuple):
    """A line of a conda file that Azure ML cannot follow.

    Args:
        message: What is wrong.
        hint: What to write instead.
    """

    message: str
    hint: str


@dataclass
class CondaFile:
    """A conda file with its requirements in place.

    Args:
        content: The content to send.
        included: The requirements files that stand in it now, relative to the project.
        problems: What cannot be sent.
    """

    content: Any
    included: list[str] = field(default_factory=list)
    problems: list[CondaProblem] = field(default_factory=list)


def read_conda_file(root: Path, path: str) -> CondaFile:
    """Read a conda file of the project, with the requirements files that it names in their place.

    Args:
        root: The project's folder.
        path: The file, relative to it.
    """
    try:
        content = yaml.safe_load((root / path).read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        problem = CondaProblem(
            f"'{path}' cannot be read: {' '.join(str(error).split())}.", "Correct the file."
        )
        return CondaFile(None, problems=[problem])
    if not isinstance(content, dict):
        hint = "For example:  dependencies: [python=3.11, pip, {pip: [-r requirements.txt]}]"
        return CondaFile(content, problems=[CondaProblem(f"'{path}' is not a mapping.", hint)])
    return insert_requirements(root, PurePosixPath(path).parent, content)


def insert_requirements(root: Path, folder: PurePosixPath, content: Any) -> CondaFile:
    """Put requirements files in the place of the lines that name them.

    Args:
        root: The project's folder.
        folder: Folder from which paths in the content start, relative to the project.
        content: The content of a conda file.
    """
    conda = CondaFile(content)
    channels = content.get("channels") if isinstance(content, dict) else None
    for channel in channels if isinstance(channels, list) else ():
        if str(channel).startswith(("file:", ".", "/", "~")):
            message = f"the channel '{channel}' is on this machine, and {_WHY}."
            hint = "Take the channel out, or name one that Azure ML reaches."
            conda.problems.append(CondaProblem(message, hint))
    dependencies = content.get("dependencies") if isinstance(content, dict) else None
    if not isinstance(dependencies, list):
        return conda
    replaced = []
    for item in dependencies:
        pip = item.get("pip") if isinstance(item, dict) else None
        if isinstance(pip, list):
            lines: list[Any] = []
            for line in pip:
                if isinstance(line, str):
                    lines += _resolved(root, folder, line.strip(), conda, ())
                else:
                    lines.append(line)
            replaced.append({**item, "pip": lines})
        else:
            replaced.append(item)
    if conda.included:
        conda.content = {**content, "dependencies": replaced}
    return conda


def _resolved(
    root: Path, folder: PurePosixPath, line: str, conda: CondaFile, above: tuple[str, ...]
) -> list[str]:
    included = _INCLUDED.fullmatch(line)
    if included is None:
        problem = _problem(root, folder, line)
        if problem is not None:
            conda.problems.append(problem)
        return [line]
    name = included["path"].strip("\"' ")
    if _ADDRESS.match(name):
        return [line]  # pip fetches it
    path = _normal(folder / name)
    if path is None or PurePosixPath(name).is_absolute():
        hint = "Move the file into the project, or write its lines into the conda file."
        conda.problems.append(CondaProblem(f"'{name}' is outside the project.", hint))
        return []
    if path in above:
        conda.problems.append(CondaProblem(f"'{path}' includes itself.", "Take that line out."))
        return []
    try:
        text = (root / path).read_text(encoding="utf-8-sig")
    except (OSError, ValueError):
        hint = "Paths in a conda file start from its own folder."
        conda.problems.append(CondaProblem(f"'{line}': '{path}' cannot be read.", hint))
        return []
    conda.included.append(path)
    lines = []
    for written in text.replace("\\\n", " ").splitlines():
        bare = _COMMENT.sub("", written).strip()
        if bare:
            lines += _resolved(root, PurePosixPath(path).parent, bare, conda, (*above, path))
    return lines


def _problem(root: Path, folder: PurePosixPath, line: str) -> CondaProblem | None:
    if _CONSTRAINTS.fullmatch(line):
        return CondaProblem(
            f"'{line}' names a file, and {_WHY}.",
            "Write the versions into the list: pandas==2.2.3.",
        )
    editable, links = _EDITABLE.fullmatch(line), _LINKS.fullmatch(line)
    named = editable or links
    what = named["what"] if named else line
    if not _is_local(root, folder, what.strip("\"' ")):
        return None
    if editable:
        return CondaProblem(
            f"'{line}' installs a folder, and {_WHY}.",
            "Take the line out: a step finds the project's package in the code that is uploaded. "
            "Write the requirements of the project into the list, or '-r requirements.txt'.",
        )
    return CondaProblem(
        f"'{line}' names a local file, and {_WHY}.",
        "Install it from a package index, or describe the environment with a Dockerfile: "
        "environment: {build: {path: ...}}.",
    )


def _is_local(root: Path, folder: PurePosixPath, what: str) -> bool:
    where = what.partition(" @ ")[2].strip() or what
    if where.startswith("file:"):
        return True
    if _ADDRESS.match(where):
        return False
    bare = where.partition(";")[0].partition("[")[0].strip()
    if bare.startswith((".", "/", "~")) or bare.lower().endswith(_PACKED):
        return True
    return "/" in bare and (root / folder / bare).exists()


def _normal(path: PurePosixPath) -> str | None:
    """Return a path without `.` and `..`; None if it leaves the project."""
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)
