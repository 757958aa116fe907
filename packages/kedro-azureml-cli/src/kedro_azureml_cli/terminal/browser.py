"""Open a page in the browser of this machine."""

from __future__ import annotations

import os
import sys
import webbrowser
from typing import TYPE_CHECKING

import click

from kedro_azureml_cli.terminal.wrapping import escape_unprintable

if TYPE_CHECKING:
    from collections.abc import Mapping


def open_page(address: str) -> None:
    """Open a page; without a browser, print its address on the standard error.

    Args:
        address: Its URL.
    """
    try:
        opened = can_open(os.environ, sys.platform) and webbrowser.open(address)
    except (webbrowser.Error, OSError):
        opened = False
    if not opened:
        click.echo(f"No browser was found; open:  {escape_unprintable(address)}", err=True)


def can_open(environ: Mapping[str, str], platform: str) -> bool:
    """Check whether somebody sits before a browser that opens in a window.

    Without a display, Python would start a browser in the terminal, which waits for keys.

    Args:
        environ: Environment variables. `CI` means that nobody looks; `BROWSER` names a browser.
        platform: `sys.platform`.

    Example:
        >>> can_open({"DISPLAY": ":0"}, "linux"), can_open({}, "linux"), can_open({}, "darwin")
        (True, False, True)
        >>> can_open({"DISPLAY": ":0", "CI": "true"}, "linux")
        False
    """
    if environ.get("CI"):
        return False
    if platform in {"darwin", "win32"}:
        return True
    return any(environ.get(name) for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"))
