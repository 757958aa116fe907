"""Read requirements files of pip, with what they include.

`pip-requirements-parser` is pip's own code: it joins lines, and tells options, editables, addresses
and invalid lines apart.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from packaging.requirements import InvalidRequirement, Requirement

from kedro_azureml_cli.environments.needs import (
    ADDRESS_REASON,
    Content,
    Need,
    RequirementsError,
    Undecided,
    holds_secret,
    refuse_line,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from kedro_azureml_cli.environments.image_target import ImageTarget

_LEFT_OUT_OPTIONS = frozenset({"requirements", "constraints", "require_hashes", "no_index"})
"""Of files that are read, of hashes that are not exported, and of this machine's index."""

_EDITABLE = "an editable install; build a wheel that the image can get, or write an address"
_PATH = "a path on this machine; build a wheel that the image can get, or write an address"

ProjectReader = "Callable[[frozenset[str]], Content]"
"""Reads what the project's own package needs, with extras."""


def read_requirements_file(
    root: Path,
    path: str,
    target: ImageTarget,
    read_project: Callable[[frozenset[str]], Content] | None = None,
) -> Content:
    """Read a requirements file and those that it includes with `-r` and `-c`.

    Args:
        root: The project's folder.
        path: The file, relative to it or absolute.
        target: The image.
        read_project: Reads what the project's own package needs, for `-e .`.

    Raises:
        RequirementsError: A file cannot be read, or a line is not a requirement.
    """
    reader = _Reader(root, target, read_project)
    content = reader.read(root / path, "", ())
    if reader.problems:
        raise RequirementsError(reader.problems, hint="Correct the lines; pip refuses them too.")
    return content


def read_requirement_lines(
    root: Path, folder: Path, lines: list[str], where: str, target: ImageTarget
) -> Content:
    """Read lines as a requirements file has them, such as the `pip` list of a conda file.

    Args:
        root: The project's folder.
        folder: The folder from which paths in the lines start.
        lines: The lines.
        where: The file with the lines, for messages.
        target: The image.

    Raises:
        RequirementsError: A file cannot be read, or a line is not a requirement.
    """
    from pip_requirements_parser import RequirementsFile

    reader = _Reader(root, target, None)
    with tempfile.TemporaryDirectory() as made:  # the library's reader of strings does not run
        written = Path(made, "lines.txt")
        written.write_text("\n".join(lines), encoding="utf-8")
        parsed = RequirementsFile.from_file(str(written))
    content = reader.take(parsed, folder / "_", lambda _: where, ())
    if reader.problems:
        raise RequirementsError(reader.problems)
    return content


class _Reader:
    """Reads one file after another, and collects what is wrong."""

    def __init__(
        self,
        root: Path,
        target: ImageTarget,
        read_project: Callable[[frozenset[str]], Content] | None,
    ) -> None:
        self._root, self._target, self._read_project = root, target, read_project
        self.problems: list[str] = []

    def read(self, file: Path, named_at: str, above: tuple[Path, ...]) -> Content:
        shown, at = self._shown(file), f"{named_at}: " if named_at else ""
        try:
            if file.resolve() in above:
                self.problems.append(f"{at}'{shown}' includes itself.")
                return Content()
            file.read_text("utf-8-sig")  # pip's reader guesses encodings, and hides the reason
        except (OSError, ValueError, RuntimeError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            reason = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else reason
            self.problems.append(f"{at}'{shown}' cannot be read: {reason}.")
            return Content()
        from pip_requirements_parser import RequirementsFile

        parsed = RequirementsFile.from_file(str(file))
        return self.take(
            parsed, file, lambda line: f"{shown}:{line.line_number}", (*above, file.resolve())
        )

    def take(
        self, parsed: Any, file: Path, where: Callable[[Any], str], above: tuple[Path, ...]
    ) -> Content:
        content = Content()
        for invalid in parsed.invalid_lines:
            line = invalid.requirement_line
            reason = str(invalid.error_message).removeprefix("Invalid requirement:").strip(" :\n")
            text = f"'{line.line}' is not a requirement: {reason.splitlines()[0]}."
            self.problems.append(f"{where(line)}: {text}")
        for option in parsed.options:
            place = where(option.requirement_line)
            content = content.joined(self._option(option, file, place, above))
        for found in parsed.requirements:
            content = content.joined(
                self._requirement(found, file.parent, where(found.requirement_line))
            )
        return content

    def _option(self, option: Any, file: Path, place: str, above: tuple[Path, ...]) -> Content:
        content, text = Content(), option.requirement_line.line
        for kind in ("requirements", "constraints"):
            for name in option.options.get(kind, ()):
                if "://" in name:
                    gone = Undecided(text, place, "a list on the web; copy it into the project")
                    content = content.joined(Content(undecided=(gone,)))
                    continue
                read = self.read(file.parent / name, place, above)
                if kind == "constraints":
                    read = Content(constraints=(*read.needs, *read.constraints))
                content = content.joined(read)
        if set(option.options) - _LEFT_OUT_OPTIONS:
            try:
                content = content.joined(_kept_option(option, text, place))
            except ValueError as error:
                self.problems.append(f"{place}: '{text}' holds no address: {error}.")
        return content

    def _requirement(self, found: Any, folder: Path, place: str) -> Content:
        if not self._target.holds(found.marker):
            return Content()
        text = found.requirement_line.line
        link = found.link
        address = str(link.url) if link is not None else ""
        is_local = link is not None and (link.scheme == "file" or "://" not in address)
        if is_local and self._is_project(address, folder):
            extras = frozenset(found.extras or ())
            return self._read_project(extras) if self._read_project is not None else Content()
        if found.is_editable:
            return Content(undecided=(Undecided(text, place, _EDITABLE),))
        if is_local:
            return Content(undecided=(Undecided(text, place, _PATH),))
        if holds_secret(address):
            return Content(undecided=(Undecided(text, place, ADDRESS_REASON),))
        if link is not None and found.req is None:
            reason = "an address without a package name; write it as NAME @ ADDRESS"
            return Content(undecided=(Undecided(text, place, reason),))
        try:
            requirement = Requirement(
                f"{found.req.name} @ {address}" if link is not None else str(found.req)
            )
        except InvalidRequirement as error:
            self.problems.append(refuse_line(text, place, error))
            return Content()
        requirement.extras = set(found.req.extras)
        requirement.marker = None
        return Content(needs=(Need(requirement, place),))

    def _is_project(self, address: str, folder: Path) -> bool:
        path = address.removeprefix("file://").partition("#")[0].partition("[")[0]
        try:
            return (folder / path).resolve() == self._root.resolve()
        except OSError:
            return False

    def _shown(self, file: Path) -> str:
        try:
            return file.resolve().relative_to(self._root.resolve()).as_posix()
        except (OSError, ValueError, RuntimeError):  # not below the root, or not a path at all
            return str(file)


def _kept_option(option: Any, text: str, place: str) -> Content:
    """Keep an option for pip, but none with a password or a folder of this machine."""
    values = option.options
    addresses = [
        *filter(None, [values.get("index_url")]),
        *(values.get("extra_index_urls") or ()),
        *(values.get("find_links") or ()),
    ]
    for address in addresses:
        if urlsplit(address).scheme in {"", "file"}:
            return Content(undecided=(Undecided(text, place, _PATH),))
        if holds_secret(address):
            return Content(undecided=(Undecided(text, place, ADDRESS_REASON),))
    return Content(options=(text,))


def without_left_out(content: Content, left_out: frozenset[str]) -> Content:
    """Return content without packages that no image needs; their names are kept.

    Args:
        content: What was read.
        left_out: Normalized names.
    """
    from packaging.utils import canonicalize_name

    def stays(need: Need) -> bool:
        return canonicalize_name(need.requirement.name) not in left_out

    names = {canonicalize_name(need.requirement.name) for need in content.needs} & left_out
    return replace(
        content,
        needs=tuple(filter(stays, content.needs)),
        left_out=tuple(sorted({*content.left_out, *names})),
    )
