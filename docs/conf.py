"""Sphinx's configuration of the documentation site; `nox -s site` builds it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from pygments.lexers.special import TextLexer

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = html_title = "kedro-azureml"
extensions = ["myst_parser"]
smartquotes = False  # commands and questions are found as they are typed
nitpicky = True  # a reference that leads nowhere is a warning
highlight_language = "text"  # of indented blocks: most are commands

myst_heading_anchors = 4  # the anchors that GitHub makes
myst_enable_extensions = ["attrs_inline"]

html_theme = "furo"
html_copy_source = False
html_show_sphinx = False
html_search_scorer = str(Path(__file__).with_name("search_scorer.js"))

BESIDE = re.compile(r"\]\(((?:\.\./)+(?:(?:packages|starters)/[^)#]+|SECURITY\.md))(?:#[^)]*)?\)")
"""A link to a file of the repository beside docs/."""
SCHEME = re.compile(r"(!\[[^\]]*\]\([^)#]+)#gh-(light|dark)-mode-only\)")
"""A picture for one colour scheme, as GitHub takes it."""
LISTED = {"reference/findings": "findings", "reference/api": "api"}
"""Pages that list those of a folder."""
SEARCHES = yaml.safe_load(Path(__file__).with_name("searches.yml").read_text("utf-8"))
INDEX = "\n\n```{{eval-rst}}\n.. index::\n{entries}\n```\n"
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
TOCTREE = """
```{{toctree}}
:hidden:
:glob:

{folder}/*
```
"""


def adapt_page(_app: Sphinx, page: str, source: list[str]) -> None:
    """Adapt what is right on GitHub alone."""
    # Files beside docs/ are not pages of the site: they are offered as downloads.
    source[0] = BESIDE.sub(r"](path:\1)", source[0])
    source[0] = SCHEME.sub(r"\1){.only-\2}", source[0])
    if page in LISTED:  # GitHub would show this list of pages as a block of code
        source[0] += TOCTREE.format(folder=LISTED[page])


def add_searches(_app: Sphinx, page: str, source: list[str]) -> None:
    """Put what people search for into the index, at the headings that answer."""
    for search in SEARCHES:
        file, _, anchor = search["page"].partition("#")
        if file != f"{page}.md":
            continue
        headings = HEADING.finditer(source[0])
        heading = next((h for h in headings if not anchor or github_anchor(h[1]) == anchor), None)
        if heading is None:
            raise ValueError(f"searches.yml: {file} has no heading #{anchor}")
        entries = "\n".join(f"   ! single: {phrase}" for phrase in search["phrases"])
        added = INDEX.format(entries=entries)
        source[0] = source[0][: heading.end()] + added + source[0][heading.end() :]


def github_anchor(heading: str) -> str:
    """Return the anchor that GitHub and MyST make of a heading."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def setup(app: Sphinx) -> None:
    """Add what the pages need beside Markdown."""
    app.connect("source-read", adapt_page)
    app.connect("source-read", add_searches)
    # GitHub draws Mermaid. Here it stays text: its script would come from another host, and a
    # drawing beside the text would have to be kept equal to it.
    app.add_lexer("mermaid", TextLexer)
