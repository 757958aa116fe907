"""The page of all commands and options, from the objects that parse the command lines."""

from __future__ import annotations

import argparse
import inspect
from typing import TYPE_CHECKING, Any

import click
from kedro_azureml_cli.commands import azureml
from kedro_azureml_simulator.terminal.arguments import make_parser

from reference_pages.docstrings import escape_markup, render_cell

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD = """# Command line

Every command and every option. `--help` after a command shows the same; options that several
commands share mean the same in each. Exit codes: 0 fine, 1 you must change something (or a job was
not the same, or has failed), 2 the command line is wrong, 3 Azure, the network or this machine
failed, 130 after Ctrl-C.

This page is made from the commands; `nox -s docs` writes it again.
"""
_TABLE = "| option | value | default | meaning |\n|---|---|---|---|"


def render_command_page() -> str:
    """Return the page, as Markdown."""
    context = click.Context(azureml, info_name="kedro azureml")
    parts = [_render_command(command, path) for command, path in _list_commands(azureml, context)]
    return "\n".join([_HEAD, *parts, _render_simulator()])


def _list_commands(
    group: click.Group, context: click.Context
) -> Iterator[tuple[click.Command, click.Context]]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        inside = click.Context(command, info_name=name, parent=context)
        yield command, inside
        if isinstance(command, click.Group):
            yield from _list_commands(command, inside)


def _render_command(command: click.Command, context: click.Context) -> str:
    level = "#" * (2 + context.command_path.count(" ") - 2)
    parts = [f"{level} {context.command_path}", escape_markup(_lay_out(command.help or ""))]
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    parts.append(f"```text\n{usage}\n```")
    options = [each for each in command.params if isinstance(each, click.Option)]
    rows = [_render_option(each) for each in options if not each.hidden]
    if rows:
        parts.append("\n".join([_TABLE, *rows]))
    return "\n\n".join(parts) + "\n"


def _lay_out(text: str) -> str:
    """Return a help text as Markdown: what click must not wrap is a block of code."""
    paragraphs = inspect.cleandoc(text).split("\n\n")
    return "\n\n".join(
        "```text\n" + paragraph.removeprefix("\b\n") + "\n```"
        if paragraph.startswith("\b")
        else paragraph
        for paragraph in paragraphs
    )


def _render_option(option: click.Option) -> str:
    facts = option.to_info_dict()
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    choices = facts["type"].get("choices")
    value = ""
    if not (option.is_flag or option.count):
        value = option.metavar or (
            "|".join(map(str, choices)) if choices else option.type.name.upper()
        )
    default = _render_default(option, facts["default"])
    repeatable = " May be repeated." if option.multiple and "repeat" not in str(option.help) else ""
    required = "required" if option.required else default
    meaning = render_cell((option.help or "") + repeatable)
    return f"| {names} | {render_cell(f'`{value}`') if value else ''} | {required} | {meaning} |"


def _render_default(option: click.Option, default: Any) -> str:
    if option.is_flag and default is True and option.secondary_opts:
        return f"`{option.opts[0]}`"
    if isinstance(default, (str, int, float)) and not isinstance(default, bool):
        return f"`{default}`"
    return ""


def _render_simulator() -> str:
    collected: list[argparse.Action] = []

    class Collector(argparse.HelpFormatter):
        """Takes the arguments that argparse hands to whatever writes its help."""

        def add_argument(self, action: argparse.Action) -> None:
            collected.append(action)

    parser = make_parser()
    parser.formatter_class = Collector
    parser.format_help()
    rows = []
    for action in collected:
        names = ", ".join(f"`{name}`" for name in action.option_strings or [str(action.metavar)])
        value = "|".join(action.choices) if action.choices else str(action.metavar or "")
        shown = f"`{value}`" if action.option_strings and value and action.nargs != 0 else ""
        default = action.default
        is_told = isinstance(default, (str, int)) and not isinstance(default, bool)
        has_default = is_told and default != argparse.SUPPRESS
        text = (action.help or "").replace("(default: %(default)s)", "").replace("%(prog)s ", "")
        text = " ".join(text.split()).replace(" .", ".")
        cells = [render_cell(shown), f"`{default}`" if has_default else "", render_cell(text)]
        rows.append(f"| {names} | {' | '.join(cells)} |")
    text = f"## azureml-simulate\n\n{parser.description} {parser.epilog}\n"
    return "\n".join([text, _TABLE, *rows]) + "\n"
