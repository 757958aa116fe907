"""Writes the pages of docs/ that come from the code."""

from pathlib import Path

from kedro_azureml_compiler.settings_page import settings_page

DOCS = Path(__file__).parents[1] / "docs"
PAGES = {"settings.md": settings_page}

if __name__ == "__main__":
    for name, write in PAGES.items():
        (DOCS / name).write_text(write(), encoding="utf-8", newline="\n")
