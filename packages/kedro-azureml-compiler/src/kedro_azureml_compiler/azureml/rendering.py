"""Write a pipeline job as YAML: the same job gives the same bytes on any machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro_azureml_compiler.azureml.block_yaml import write_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kedro_azureml_compiler.azureml.pipeline_job import PipelineJob

_BELOW_JOBS = "  "
_KEY, _INSIDE = "\0", "\1"
"""Stand for the starts of lines: of the key of a step, and of what is below it."""


def render(job: PipelineJob) -> str:
    """Return the text of `pipeline.yml`.

    Args:
        job: The job.

    Example:
        >>> from kedro_azureml_compiler.azureml.pipeline_job import PipelineJob
        >>> print(render(PipelineJob("training", "azureml:cpu", jobs={})).splitlines()[1])
        type: pipeline
    """
    lines: list[str] = []
    for key, value in _top_of(job).items():
        if value is job.jobs:
            lines.append(f"{key}:")
            for name, step in value.items():
                lines += write_lines(name, step.to_dict(), _BELOW_JOBS)
        else:
            lines += write_lines(key, value)
    return "\n".join([*lines, ""])


def split_steps(text: str, names: Iterable[str]) -> Iterator[tuple[str, str]]:
    r"""Yield each step of a text of `render` with its lines, which start at the left margin.

    Only the key of a step is two spaces from the margin: what is below it lies further in, the
    lines of a command included, and `render` folds no line.

    Args:
        text: The text.
        names: The names of its steps, in its order.

    Example:
        >>> list(split_steps("type: pipeline\njobs:\n  'on':\n    type: command\n", ["on"]))
        [('on', "'on':\n  type: command")]
    """
    _, _, steps = f"\n{text}".partition("\njobs:\n")
    # Signs that no YAML holds, instead of a look at each line: there may be a million of them.
    marked = f"\n{steps}".replace(f"\n{_BELOW_JOBS * 2}", _INSIDE).replace(f"\n{_BELOW_JOBS}", _KEY)
    _, *parts = marked.partition("\n")[0].split(_KEY)
    texts = (part.replace(_INSIDE, f"\n{_BELOW_JOBS}") for part in parts)
    yield from zip(names, texts, strict=True)


def _top_of(job: PipelineJob) -> dict[str, Any]:
    """Return the top level of the YAML, with steps as objects: a dict of all needs much memory."""
    top = job._replace(jobs={}).to_dict()
    return {**top, "jobs": job.jobs} if job.jobs else top
