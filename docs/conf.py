"""Sphinx's configuration of the documentation site; `nox -s site` builds it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

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

BESIDE = re.compile(r"\]\(((?:\.\./)+(?:(?:packages|starters)/[^)#]+|SECURITY\.md))(?:#[^)]*)?\)")
"""A link to a file of the repository beside docs/."""
SCHEME = re.compile(r"(!\[[^\]]*\]\([^)#]+)#gh-(light|dark)-mode-only\)")
"""A picture for one colour scheme, as GitHub takes it."""
LISTED = {"reference/findings": "findings", "reference/api": "api"}
"""Pages that list those of a folder."""
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


def setup(app: Sphinx) -> None:
    """Add what the pages need beside Markdown."""
    app.connect("source-read", adapt_page)
    # GitHub draws Mermaid. Here it stays text: its script would come from another host, and a
    # drawing beside the text would have to be kept equal to it.
    app.add_lexer("mermaid", TextLexer)
