"""What a project says that its step image needs, as values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from kedro_azureml_compiler import find_secret, mask_secrets
from kedro_azureml_datasets import KedroAzureMLError
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Sequence

DATASETS = "kedro-azureml-datasets"
"""The only package of ours that a step image needs: the runner travels with the job."""

RUNNER = "kedro-azureml-runner"
"""What an image needs besides if the project's code is in it (`code_directory: null`)."""

NEVER_IN_IMAGES = frozenset({
    "kedro-azureml-cli", "kedro-azureml-compiler", "kedro-azureml-simulator",
})  # fmt: skip
"""Packages that only the developer's machine needs."""


class RequirementsError(KedroAzureMLError):
    """The requirements of the project cannot be read.

    Args:
        problems: What is wrong, each with its file and line.
        hint: What to do instead.
    """

    blame = "user"

    def __init__(self, problems: Sequence[str], *, hint: str = "") -> None:
        self.problems = tuple(map(mask_addresses, problems))
        super().__init__("\n".join(self.problems), hint=hint)


def holds_secret(address: str) -> bool:
    """Check whether an address lets somebody in: with a name, a password, or a signature.

    A name alone does too, since tokens are written so; not for SSH, and not if it is a variable.

    Args:
        address: The address.

    Example:
        >>> holds_secret("https://me:hunter2@example.com/simple")
        True
        >>> holds_secret("https://example.com/tool-1.0-py3-none-any.whl?sv=2024&sig=aGVsbG8gd29ybGQ")
        True
        >>> holds_secret("git+ssh://git@example.com/tool.git")
        False
    """
    found = _SIGNED_IN.search(address)
    return (found is not None and not _is_harmless(found)) or find_secret(address) is not None


def mask_addresses(text: str) -> str:
    """Return a text with `***` for what lets somebody in, in each address of it.

    Args:
        text: A requirement, a line for pip, or a message with one.

    Example:
        >>> mask_addresses("-i https://me:hunter2@example.com/simple")
        '-i https://***@example.com/simple'
    """
    signed_out = _SIGNED_IN.sub(
        lambda found: found[0] if _is_harmless(found) else f"{found['scheme']}://***@", text
    )
    return mask_secrets(signed_out)


_SIGNED_IN = re.compile(r"(?P<scheme>[A-Za-z][\w+.-]*)://(?P<user>[^\s/?#]+)@")


def _is_harmless(found: re.Match[str]) -> bool:
    is_name = found["scheme"].endswith("ssh") and ":" not in found["user"]
    return is_name or "${" in found["user"]


def read_requirement(line: str, where: str, *, hint: str) -> Content:
    """Read one requirement without a marker: a need, or left to decide if it holds a secret.

    Args:
        line: The requirement.
        where: The file and the line.
        hint: What to do if it is not a requirement.

    Raises:
        RequirementsError: It is not a requirement.
    """
    try:
        requirement = Requirement(line)
        urlsplit(requirement.url or "")
    except ValueError as error:  # also InvalidRequirement, and an address that is not one
        raise RequirementsError([refuse_line(line, where, error)], hint=hint) from error
    if holds_secret(requirement.url or ""):
        return Content(undecided=(Undecided(line, where, ADDRESS_REASON),))
    return Content(needs=(Need(requirement, where),))


ADDRESS_REASON = "a password or a signature in an address; give it to the build as a secret"


def refuse_line(line: str, where: str, error: Exception) -> str:
    """Return the message that a line is not a requirement.

    Args:
        line: The line.
        where: The file and the line.
        error: Why not.
    """
    return f"{where}: '{line}' is not a requirement: {str(error).splitlines()[0].rstrip('.')}."


@dataclass(frozen=True)
class Need:
    """One requirement that holds for the image.

    Args:
        requirement: The requirement; its marker is true for the image and no longer part of it.
        where: The file and the line, as in `requirements.txt:3`.
    """

    requirement: Requirement
    where: str

    @property
    def text(self) -> str:
        """The requirement as pip reads it, in one spelling for all versions of `packaging`."""
        requirement = self.requirement
        if not requirement.url:
            return str(requirement)
        extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
        return f"{requirement.name}{extras} @ {requirement.url}"


@dataclass(frozen=True)
class Undecided:
    """Something for which a person must decide how the image gets it.

    Args:
        text: The requirement as it is written, or with the version that is installed.
        where: The file and the line; empty where none names it.
        reason: Why no pin was made.
        replacement: The requirement that stands in the image's list until then; None for none.
    """

    text: str
    where: str
    reason: str
    replacement: str | None = None

    def __post_init__(self) -> None:
        # What is left to decide is shown, and stands in the files: no caller can forget it.
        object.__setattr__(self, "text", mask_addresses(self.text))

    def __str__(self) -> str:
        place = f" ({self.where})" if self.where else ""
        return f"{self.text}{place}: {self.reason}"


@dataclass(frozen=True)
class Content:
    """What one source of requirements holds.

    Args:
        needs: What the image needs.
        undecided: What cannot be told.
        constraints: What limits versions, without being needed.
        options: Lines for pip, such as `--extra-index-url URL`.
        is_locked: Whether the needs are complete, with one version each.
        left_out: Packages that are not needed in an image.
    """

    needs: tuple[Need, ...] = ()
    undecided: tuple[Undecided, ...] = ()
    constraints: tuple[Need, ...] = ()
    options: tuple[str, ...] = ()
    is_locked: bool = False
    left_out: tuple[str, ...] = ()

    @property
    def names(self) -> set[str]:
        """The normalized names of what the image needs."""
        return {canonicalize_name(need.requirement.name) for need in self.needs}

    def joined(self, other: Content) -> Content:
        """Return both together.

        Args:
            other: What is added.
        """
        return Content(
            (*self.needs, *other.needs),
            (*self.undecided, *other.undecided),
            (*self.constraints, *other.constraints),
            tuple(dict.fromkeys((*self.options, *other.options))),
            self.is_locked and other.is_locked,
            tuple(dict.fromkeys((*self.left_out, *other.left_out))),
        )


@dataclass(frozen=True)
class ProjectNeeds:
    """What a project says that its step image needs.

    Args:
        source: The file, relative to the project.
        why: Why this file was read.
        others: Other files that could be read instead.
        content: What it holds.
        ours: The packages of ours that the image needs, by normalized name.
    """

    source: str
    why: str
    others: tuple[str, ...]
    content: Content
    ours: tuple[str, ...] = (DATASETS,)
