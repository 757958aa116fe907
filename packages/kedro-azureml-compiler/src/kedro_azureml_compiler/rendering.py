"""Writes a pipeline job as YAML: the same job gives the same bytes on any machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from kedro_azureml_compiler.model import PipelineJob

_Base: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)  # libyaml's is ten times as fast


class _Dumper(_Base):  # type: ignore[misc]
    def ignore_aliases(self, _data: Any) -> bool:
        return True  # an anchor would say that two steps share something, and they do not


def _represent_str(dumper: Any, text: str) -> Any:
    style = None
    if not _is_plain(text.replace("\n", "")):
        style = '"'  # left to themselves, libyaml and PyYAML's own dumper choose differently here
    elif "\n" in text:
        # A command of several lines is to be read, in the file and in Studio.
        whole = text.strip() == text and all(line.strip() for line in text.split("\n"))
        style = "|" if whole else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _is_plain(text: str) -> bool:
    return text.isprintable() and max(text, default="") <= "\uffff"


_Dumper.add_representer(str, _represent_str)


def render(job: PipelineJob) -> str:
    """Give the text of `pipeline.yml`.

    Args:
        job: The job.

    Example:
        >>> from kedro_azureml_compiler.model import PipelineJob
        >>> print(render(PipelineJob("training", "azureml:cpu", jobs={})).splitlines()[1])
        type: pipeline
    """
    text: str = yaml.dump(
        job.to_dict(),
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=2**31 - 1,  # a folded line is hard to compare with what a shell gets
        default_flow_style=False,
    )
    return text
