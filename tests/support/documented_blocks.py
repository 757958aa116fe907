"""Blocks of code in the pages for readers, and the rules by which each is judged."""

from __future__ import annotations

import json
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click
import jsonschema
import yaml
from kedro_azureml_cli.commands import azureml
from kedro_azureml_simulator.terminal.arguments import make_parser
from markdown_it import MarkdownIt

DOCS = Path(__file__).parents[2] / "docs"
SCHEMA = json.loads((DOCS / "reference/azureml.schema.json").read_text())
JOB_KEYS = set(SCHEMA["$defs"]["Job"]["properties"])
PLACEHOLDERS = {"ID", "GROUP", "WORKSPACE", "CLUSTER"}


class Block(NamedTuple):
    """A block of a page.

    Args:
        page: Relative to `docs/`.
        line: Its first line.
        kind: The language that it names; empty for an indented one.
        text: What is in it.
        file: The file that the sentence before it names, as in "Its program is `src/clean.py`:".
    """

    page: str
    line: int
    kind: str
    text: str
    file: str | None


def read_blocks(*folders: str) -> list[Block]:
    """Return the blocks of the pages in folders of `docs/`, without lists of pages."""
    pages = [page for folder in folders for page in sorted((DOCS / folder).glob("*.md"))]
    return [block for page in pages for block in _read_page(page)]


def _read_page(page: Path) -> Iterator[Block]:
    before = ""
    for token in MarkdownIt().parse(page.read_text()):
        if token.type == "inline":
            before = token.content
        elif token.type in {"fence", "code_block"} and "{toctree}" not in token.info:
            named = re.search(r"`([\w./-]+\.\w+)`:$", before)
            name = page.relative_to(DOCS).as_posix()
            line = token.map[0] + 1 if token.map else 0
            yield Block(name, line, token.info, token.content, named and named[1])
            before = ""


def read_commands(block: Block) -> list[str] | None:
    """Return the commands of a block of a terminal; None for any other block."""
    lines = block.text.splitlines()
    if block.kind == "console":
        return [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
    starts = ("kedro ", "azureml-simulate ", "pip ")
    bare = [re.sub(r"^(\w+=\S+ )+", "", line) for line in lines if line]
    if block.kind or not bare or not bare[0].startswith(starts):
        return None
    # After an empty line comes what the command prints.
    return [re.sub(r"^(\w+=\S+ )+", "", line) for line in block.text.split("\n\n")[0].splitlines()]


def parse_command(command: str) -> None:
    """Parse a command line as the command itself does, without running it.

    Raises:
        click.ClickException, SystemExit: The command refuses it.
    """
    words = shlex.split(command, comments=True)
    if words[0] == "azureml-simulate":
        make_parser().parse_args(words[1:])
        return
    assert words[:2] == ["kedro", "azureml"], f"no parser for: {command}"
    group, context, rest = azureml, click.Context(azureml, info_name="azureml"), words[2:]
    while isinstance(group, click.Group):
        name, found, rest = group.resolve_command(context, rest)
        assert found is not None
        group, context = found, click.Context(found, info_name=name, parent=context)
    context.ignore_unknown_options = False
    group.parse_args(context, [_fill(word) for word in rest])


def _fill(word: str) -> str:
    """Return a word with the path that a page leaves open in place, or that a command leaves."""
    if word.startswith("build/"):
        return str(DOCS)
    return {"PATH": sys.executable, ".env": __file__}.get(word, word)


def judge_yaml(block: Block) -> str | None:
    """Judge YAML by a schema, and return its name; None where none is for it.

    Raises:
        jsonschema.ValidationError: It is not what the schema describes.
    """
    content = yaml.safe_load(block.text)
    if not isinstance(content, dict):
        return None
    if set(content) <= set(SCHEMA["properties"]):
        jsonschema.validate(content, SCHEMA)
        return "azureml.schema.json"
    if set(content) <= JOB_KEYS:
        jsonschema.validate({"jobs": {"training": content}}, SCHEMA)
        return "azureml.schema.json"
    return None


def list_catalog_entries(block: Block) -> dict[str, dict[str, Any]] | None:
    """Return the entries of a block of `catalog.yml`; None for any other block."""
    content = yaml.safe_load(block.text)
    if isinstance(content, dict) and all(
        isinstance(entry, dict) and "type" in entry for entry in content.values()
    ):
        return content
    return None
