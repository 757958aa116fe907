"""The page of the two datasets, with a table of all arguments."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

from kedro_azureml_datasets import AzureMLAssetDataset, AzureMLPipelineDataset

from reference_pages.docstrings import read_docstring, render_cell, render_docstring

TEMPLATE = Path(__file__).with_name("datasets.md")
"""What people write: the page, with a mark where the classes stand."""
MARK = "<!-- classes -->\n"


def render_dataset_page() -> str:
    """Return the page, as Markdown."""
    classes = (AzureMLPipelineDataset, AzureMLAssetDataset)
    text = TEMPLATE.read_text(encoding="utf-8")
    return text.replace(MARK, "\n".join(map(_render_class, classes)))


def _render_class(kind: type) -> str:
    meanings = read_docstring(kind).describe_names("Args")
    rows = ["| argument | type | default | meaning |", "|---|---|---|---|"]
    for name, parameter in inspect.signature(kind).parameters.items():
        required = parameter.default is parameter.empty
        default = "required" if required else f"`{_write_value(parameter.default)}`"
        # A missing meaning is a KeyError: every argument has one.
        cells = (_describe_type(parameter.annotation), default, render_cell(meanings[name]))
        rows.append(f"| `{name}` | {' | '.join(cells)} |")
    table = "\n".join(rows)
    text = render_docstring(kind, args=False)
    start, _, rest = text.partition("\n\n**Raises:**")
    return f"## {kind.__name__}\n\n{start}\n\n{table}\n\n**Raises:**{rest}\n"


def _write_value(default: Any) -> str:
    return "null" if default is None else str(default)


def _describe_type(annotation: str) -> str:
    words = {"str": "string", "dict[str, Any]": "mapping", "None": "null", "Version": "version"}
    return " or ".join(words[part] for part in annotation.split(" | "))
