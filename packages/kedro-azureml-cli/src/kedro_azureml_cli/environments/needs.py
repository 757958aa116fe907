"""What a project says that its step image needs, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from kedro_azureml_datasets import KedroAzureMLError
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from packaging.requirements import Requirement

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
        super().__init__("\n".join(problems), hint=hint)
        self.problems = tuple(problems)


def find_secret(address: str) -> str | None:
    """Return the part of an address that lets somebody in; None if there is none.

    A name alone is one too, since tokens are written so; not for SSH, and not if it is a variable.

    Args:
        address: The address.

    Example:
        >>> find_secret("https://me:hunter2@example.com/simple")
        'me:hunter2'
        >>> find_secret("git+ssh://git@example.com/tool.git")
    """
    parts = urlsplit(address)
    before = parts.netloc.rpartition("@")[0]
    is_shown = parts.scheme.endswith("ssh") and not parts.password
    return before if before and "${" not in before and not is_shown else None


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
