"""The documentation's page of limits, made from the rules that the code refuses by."""

from __future__ import annotations

from kedro_azureml_simulator.pipeline.rules import RULES

_HEAD = """\
# What the simulator refuses

Made from the code by `tools/write_docs.py`; do not edit.

A job is refused for what `load_job` and `_validate()` of the Azure SDK refuse, and for the rules
below, each named in `--validate --format json`. Everything else runs, with a warning where it
looks wrong; `--strict` makes warnings errors. A test gives the SDK and the simulator the same
796 jobs, and holds the differences between them to a literal list.
"""
_TITLES = {
    "service": (
        "Refused by Azure ML, though the SDK does not look",
        "Rules of the service and documented limits.",
    ),
    "upload": (
        "Refused by the SDK when it sends",
        "The SDK's validation accepts these; submitting them fails.",
    ),
    "machine": (
        "Not possible on one machine without Azure",
        "Azure ML runs these; the simulator says so before anything runs.",
    ),
}
_TAIL = """\
## Simulated in part

Each of these is a warning where a job uses it.

| | here |
|---|---|
| `early_termination` of a sweep | every trial runs to its end |
| bayesian sampling | random sampling |
| `mode: direct` | the address of remote data; a path for local data and outputs of steps |
| `mode: eval_mount`, `eval_download` | as `ro_mount` and `download`: the table is not evaluated |
| outputs with `mode: direct` or `mount`, or a path outside a datastore | in the run folder |
| `instance_count` without `distribution` | the command runs once |
| text around a binding, `a-${{parent.inputs.x}}` | replaced as text; not documented by Azure ML |
| `AZURE_ML_INPUT_*`, `AZURE_ML_OUTPUT_*` | set; not documented by Azure ML |
| a file where a folder is declared, or the reverse | the path is what the data is |

Not used: images, unless `--docker` or `--podman` is given; `compute`, `identity`, `services`,
and all `resources` but the instance count. No example was compared with a run on Azure ML.
"""


def render_limits_page() -> str:
    """Return the page, in Markdown.

    Example:
        >>> "| `cycle` | Steps that wait for each other never start. |" in render_limits_page()
        True
    """
    parts = [_HEAD]
    for by, (title, text) in _TITLES.items():
        rows = [f"| `{name}` | {rule.reason} |" for name, rule in RULES.items() if rule.by == by]
        parts.append("\n".join([f"## {title}", "", text, "", "| rule | |", "|---|---|", *rows, ""]))
    return "\n".join([*parts, _TAIL])
