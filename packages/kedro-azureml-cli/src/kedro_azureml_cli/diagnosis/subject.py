"""What is diagnosed, and what the probes have found out about it for one another."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from kedro_azureml_cli.diagnosis.rows import SkippedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kedro_azureml_compiler import AzureMLConfig, ExaminedJob, ProjectRequest, Workspace

    from kedro_azureml_cli.azure_ml.connection import Client, Credential

T = TypeVar("T")


class Fact(Generic[T]):
    """Something that one probe finds out and others need.

    Args:
        lacking: Why it is not known, as long as nobody has found it out.

    Example:
        >>> fact = Fact[int]("not counted")
        >>> fact.learn(3)
        >>> fact.take()
        3
    """

    def __init__(self, lacking: str) -> None:
        self._lacking = lacking
        self._known: list[T] = []

    def learn(self, value: T) -> None:
        """Keep what was found out."""
        self._known = [value]

    def lack(self, reason: str) -> None:
        """Keep why it cannot be known."""
        self._lacking = reason

    def take(self) -> T:
        """Return it.

        Raises:
            SkippedError: It is not known.
        """
        if not self._known:
            raise SkippedError(self._lacking)
        return self._known[0]


@dataclass(frozen=True)
class Place:
    """A workspace to which jobs of the project go.

    Args:
        entry: Its entry of `workspace` in `azureml.yml`.
        settings: What that entry says.
        jobs: The jobs that go there, by name.
        client: The SDK's client of it, once the workspace has answered.
        credential: Who asks.
    """

    entry: str
    settings: Workspace
    jobs: Mapping[str, ExaminedJob]
    client: Fact[Client] = field(default_factory=lambda: Fact("the workspace was not asked"))
    credential: Fact[Credential] = field(default_factory=lambda: Fact("no sign-in"))


@dataclass(frozen=True)
class Subject:
    """What is diagnosed.

    Args:
        request: Which project, and how to read it.
        wanted: Names of the jobs to look at; all of them if none is named.
        entry: Entry of `workspace` that is asked instead of those of the jobs.
        offline: Whether nobody but this machine is asked.
        config: The content of `azureml.yml`.
        jobs: The jobs that could be examined, by name.
        credential: Who asks Azure.
        places: The workspaces to which the jobs go.
    """

    request: ProjectRequest
    wanted: Sequence[str] = ()
    entry: str | None = None
    offline: bool = False
    config: Fact[AzureMLConfig] = field(default_factory=lambda: Fact("azureml.yml was not read"))
    jobs: Fact[Mapping[str, ExaminedJob]] = field(
        default_factory=lambda: Fact("no job could be read")
    )
    credential: Fact[Credential] = field(default_factory=lambda: Fact("no sign-in"))
    places: Fact[Sequence[Place]] = field(
        default_factory=lambda: Fact("azureml.yml names no workspace")
    )
