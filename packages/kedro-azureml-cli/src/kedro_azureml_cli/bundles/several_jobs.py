"""The options of a command that compiles one job or several."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from kedro_azureml_cli.terminal.job_choice import choose_job, list_jobs
from kedro_azureml_cli.terminal.option_values import NamedPath, bundle_folder
from kedro_azureml_cli.terminal.options import reading_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kedro_azureml_compiler import ProjectRequest

Command = Callable[..., object]


class JobsOptions(NamedTuple):
    """Which jobs a command compiles, and to where.

    Args:
        named: Names of the jobs, each once.
        every: Whether it is all jobs of the project.
        output: Folder of the bundle, or of several bundles; None for those of the project.
    """

    named: tuple[str, ...] = ()
    every: bool = False
    output: Path | None = None

    @property
    def are_several(self) -> bool:
        """Whether the command is about several jobs, though there may be only one."""
        return self.every or len(self.named) > 1

    def choose(self, request: ProjectRequest) -> dict[str, Path | None]:
        """Return the names of the jobs and the folders of their bundles.

        Args:
            request: Which project, and how to read it.

        Raises:
            UsageError: None is named, and there is not exactly one.
            KedroAzureMLError: `azureml.yml` or the project cannot be read.
        """
        if not self.are_several:
            return {choose_job(request, self.named[0] if self.named else None): self.output}
        names = list_jobs(request) if self.every else self.named
        if self.output is None:
            return dict.fromkeys(names)
        if all((self.output / file).is_file() for file in ("pipeline.yml", "plan.json")):
            raise click.UsageError(
                f"'{self.output}' is a bundle. Of several jobs, -o names the folder that holds a "
                "bundle for each."
            )
        return {name: self.output / name for name in names}


def several_jobs_options(command: Command) -> Command:
    """Add the options of a command that compiles one job or several.

    The command gets `JobsOptions` and `ReadingOptions`.
    """

    @wraps(command)
    def with_value(
        *args: object, jobs: tuple[str, ...], all_jobs: bool, output: Path | None, **others: object
    ) -> object:
        if all_jobs and jobs:
            raise click.UsageError("--all-jobs and -j cannot be used together.")
        asked = JobsOptions(tuple(dict.fromkeys(jobs)), all_jobs, output)
        return command(*args, jobs=asked, **others)

    named = click.option(
        "-j",
        "--job",
        "jobs",
        multiple=True,
        help="Name of a job in azureml.yml; repeatable. The only job need not be named.",
    )
    every = click.option("--all-jobs", is_flag=True, help="All jobs of azureml.yml.")
    output = click.option(
        "-o",
        "--output",
        type=NamedPath(file_okay=False),
        callback=bundle_folder,
        help="Folder for the bundle, build/azureml/JOB by default; for several jobs, the folder in "
        "which each gets a folder.",
    )
    return named(every(reading_options(output(with_value))))


def name_only_job(argv: Sequence[str], job: str) -> list[str]:
    """Return the words of a command about several jobs as those of one about one of them.

    Args:
        argv: The words.
        job: The job.

    Example:
        >>> words = ["kedro", "azureml", "verify", "--all-jobs", "-o", "out", "--env", "prod"]
        >>> name_only_job(words, "train")
        ['kedro', 'azureml', 'verify', '--env', 'prod', '-j', 'train', '-o', 'out/train']
        >>> name_only_job(["kedro", "azureml", "verify", "-ja", "--job=b", "--run-dir", "r"], "b")
        ['kedro', 'azureml', 'verify', '-j', 'b', '--run-dir', 'r/b']
    """
    kept, end = [], ["-j", job]
    given = iter(argv)
    for word in given:
        if word == "--all-jobs":
            continue
        option, equals, value = word.partition("=")
        if not word.startswith("--") and word[:2] in {"-j", "-o"}:
            option, value = word[:2], word[2:]
        if option not in {"-j", "--job", "-o", "--output", "--run-dir"}:
            kept.append(word)
            continue
        value = value if equals or value else next(given, "")
        if option not in {"-j", "--job"}:
            end += [option, str(Path(value) / job)]
    return [*kept, *end]
