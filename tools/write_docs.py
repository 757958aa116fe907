"""Writes the pages of docs/ that come from the code."""

from pathlib import Path

from kedro_azureml_compiler.findings_page import findings_page
from kedro_azureml_compiler.settings_page import settings_page, settings_schema

DOCS = Path(__file__).parents[1] / "docs"
PAGES = {
    "azureml.schema.json": settings_schema,
    "findings.md": findings_page,
    "settings.md": settings_page,
}

if __name__ == "__main__":
    for name, write in PAGES.items():
        (DOCS / name).write_text(write(), encoding="utf-8", newline="\n")
