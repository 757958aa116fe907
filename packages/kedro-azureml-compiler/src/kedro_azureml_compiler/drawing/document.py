"""Frame a page: a policy that lets it load nothing, style, tables, its data and its script."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from kedro_azureml_compiler.drawing.labels import escape_markup

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

DATA_ID = "plan-data"
"""The element that holds the data for the script."""

_MARKUP = (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026"))


@cache
def read_resource(name: str) -> str:
    """Return the text of a style or a script of the pages.

    Args:
        name: Name of the file.
    """
    folder = files("kedro_azureml_compiler.drawing.resources")
    return folder.joinpath(name).read_text(encoding="utf-8")


def open_document(title: str) -> Iterator[str]:
    """Yield the head of a page.

    The policy forbids every request, and every style and script but those whose hashes it names:
    whatever a name in a project holds, it stays text.

    Args:
        title: The title, not escaped.
    """
    styles = " ".join(map(_hash, ("page.css", "picture.css")))
    policy = (
        f"default-src 'none'; script-src {_hash('explore.js')}; style-src {styles}; "
        "base-uri 'none'; form-action 'none'"
    )
    yield "<!DOCTYPE html>"
    yield '<html lang="en">'
    yield "<head>"
    yield '<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{escape_markup(title)}</title>"
    yield f"<style>{read_resource('page.css')}</style>"
    yield "</head>"
    yield "<body>"
    yield "<main>"


def close_document(data: Iterable[str]) -> Iterator[str]:
    """Yield the end of a page: its data and its script.

    Args:
        data: The lines of the data, from `encode_data`.
    """
    yield "</main>"
    yield f'<script type="application/json" id="{DATA_ID}">'
    yield from data
    yield "</script>"
    yield f"<script>{read_resource('explore.js')}</script>"
    yield "</body>"
    yield "</html>"


def encode_data(lists: Mapping[str, Iterable[Any]]) -> Iterator[str]:
    r"""Yield lists as JSON that no markup can end, an object a line.

    Args:
        lists: Key to objects.

    Example:
        >>> print("".join(encode_data({"steps": [{"name": "</script>"}]})))
        {"steps":[
        {"name":"\u003c/script\u003e"}]}
    """
    encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
    for position, (key, objects) in enumerate(lists.items()):
        yield f"{',' if position else '{'}{encode(key)}:["
        line = "\n"
        for item in objects:
            text = encode(item)
            for sign, escaped in _MARKUP:
                if sign in text:  # few have one, and to look for it is faster than to replace it
                    text = text.replace(sign, escaped)
            yield line + text
            line = ",\n"
        yield "]"
    yield "}"


def write_table(
    title: str, columns: Sequence[str], rows: Iterable[tuple[str, ...]]
) -> Iterable[str]:
    """Yield a table with its heading.

    Args:
        title: Its heading; in lower case, its id.
        columns: The heads of its columns.
        rows: The id of a row, its heading and its cells, which are markup.
    """
    name = title.lower().replace(" ", "-")
    yield f'<h2 id="{name}">{title}</h2>'
    yield f'<div class="table" tabindex="0" role="region" aria-labelledby="{name}">'
    yield f'<table aria-labelledby="{name}">'
    heads = "".join(f'<th scope="col">{column}</th>' for column in columns)
    yield f"<thead><tr>{heads}</tr></thead>"
    yield "<tbody>"
    for identity, heading, *cells in rows:
        texts = "</td><td>".join(cells)
        yield f'<tr id="{identity}"><th scope="row">{heading}</th><td>{texts}</td></tr>'
    yield "</tbody>"
    yield "</table>"
    yield "</div>"


def link_names(names: Iterable[str], targets: Mapping[str, str]) -> str:
    """Return links to rows, as the content of a cell.

    Args:
        names: Names of steps or datasets.
        targets: Name to the id of its row.
    """
    return "".join(
        [f'<code><a href="#{targets[name]}">{escape_markup(name)}</a></code>' for name in names]
    )


def as_code(text: str) -> str:
    """Return a string as code, escaped."""
    return f"<code>{escape_markup(text)}</code>"


@cache
def _hash(name: str) -> str:
    digest = hashlib.sha256(read_resource(name).encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
