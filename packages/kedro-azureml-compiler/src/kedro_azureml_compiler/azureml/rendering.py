"""Write a pipeline job as YAML: the same job gives the same bytes on any machine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any

import yaml

from kedro_azureml_compiler.azureml.pipeline_job import CommandStep

if TYPE_CHECKING:
    from kedro_azureml_compiler.azureml.pipeline_job import PipelineJob

_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)  # libyaml's is ten times as fast

_STRING = "tag:yaml.org,2002:str"
_RESOLVER: Any = yaml.resolver.Resolver()

_MAPPING_START = yaml.MappingStartEvent(None, "tag:yaml.org,2002:map", True, flow_style=False)
_MAPPING_END = yaml.MappingEndEvent()
_SEQUENCE_START = yaml.SequenceStartEvent(None, "tag:yaml.org,2002:seq", True, flow_style=False)
_SEQUENCE_END = yaml.SequenceEndEvent()


def render(job: PipelineJob) -> str:
    """Return the text of `pipeline.yml`.

    Args:
        job: The job.

    Example:
        >>> from kedro_azureml_compiler.azureml.pipeline_job import PipelineJob
        >>> print(render(PipelineJob("training", "azureml:cpu", jobs={})).splitlines()[1])
        type: pipeline
    """
    text: str = yaml.emit(
        _Events(_top_of(job)),
        Dumper=_Dumper,
        allow_unicode=True,
        width=2**31 - 1,  # a folded line is hard to compare with the command of a shell
    )
    return text


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
    parts: list[list[str]] = []
    for line in steps.split("\n"):
        if not line.startswith("  "):
            break
        if line[2] != " ":
            parts.append([])
        parts[-1].append(line[2:])
    yield from zip(names, map("\n".join, parts), strict=True)


def _top_of(job: PipelineJob) -> dict[str, Any]:
    """Return the top level of the YAML, with steps as objects: a dict of all needs much memory."""
    top = replace(job, jobs={}).to_dict()
    return {**top, "jobs": job.jobs} if job.jobs else top


class _Events:
    """The events for the emitter, without anchors.

    `yaml.dump` would build a node for each value first: two thirds of its time and memory. And an
    anchor would suggest that two steps share something, which they do not.
    """

    def __init__(self, content: Mapping[str, Any]) -> None:
        self._content = content

    def __iter__(self) -> Iterator[yaml.Event]:
        return chain.from_iterable(self._parts())

    def _parts(self) -> Iterator[list[yaml.Event]]:
        yield [yaml.StreamStartEvent(), yaml.DocumentStartEvent(explicit=False)]
        yield from self._of_mapping(self._content, levels=2)
        yield [yaml.DocumentEndEvent(explicit=False), yaml.StreamEndEvent()]

    def _of_mapping(self, content: Mapping[Any, Any], levels: int) -> Iterator[list[yaml.Event]]:
        """Yield the events of the upper levels in parts, so that only those of one step exist."""
        yield [_MAPPING_START]
        for key, inner in content.items():
            value = inner.to_dict() if isinstance(inner, CommandStep) else inner
            events: list[yaml.Event] = []
            self._add(key, events)
            if levels > 1 and isinstance(value, Mapping):
                yield events
                yield from self._of_mapping(value, levels - 1)
            else:
                self._add(value, events)
                yield events
        yield [_MAPPING_END]

    def _add(self, value: Any, events: list[yaml.Event]) -> None:
        if isinstance(value, str):
            events.append(_text_event(value))
        elif isinstance(value, Mapping):
            events.append(_MAPPING_START)
            for key, inner in value.items():
                self._add(key, events)
                self._add(inner, events)
            events.append(_MAPPING_END)
        elif isinstance(value, (list, tuple)):
            events.append(_SEQUENCE_START)
            for inner in value:
                self._add(inner, events)
            events.append(_SEQUENCE_END)
        else:
            node: Any = yaml.representer.SafeRepresenter().represent_data(value)
            events.append(_scalar_event(node))


@lru_cache(maxsize=500)  # of one step and its neighbours, whose names are repeated
def _text_event(text: str) -> yaml.ScalarEvent:
    return _scalar_event(yaml.ScalarNode(_STRING, text, style=_style(text)))


def _scalar_event(node: yaml.ScalarNode) -> yaml.ScalarEvent:
    plain = _RESOLVER.resolve(yaml.ScalarNode, node.value, (True, False)) == node.tag
    return yaml.ScalarEvent(
        None, node.tag, (plain, node.tag == _STRING), node.value, style=node.style
    )


def _style(text: str) -> str | None:
    if not _is_plain(text):
        return '"'  # by default, libyaml and PyYAML's own emitter choose differently here
    if "\n" in text:
        # A command of several lines should be readable, in the file and in Studio.
        whole = text.strip() == text and all(line.strip() for line in text.split("\n"))
        return "|" if whole else '"'
    return None


def _is_plain(text: str) -> bool:
    text = text.replace("\n", "")
    return text.isprintable() and (text.isascii() or max(text) <= "\uffff")
