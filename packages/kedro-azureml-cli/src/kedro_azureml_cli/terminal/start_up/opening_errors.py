"""Show an error of a project that Kedro cannot open as a message, not as a traceback."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from kedro.utils import find_kedro_project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType


@contextmanager
def show_opening_errors() -> Iterator[None]:
    """Show an exception that ends the process meanwhile in a few lines; the exit code is 1."""
    before = sys.excepthook

    def show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        project = find_kedro_project(Path.cwd())
        if project is None or not isinstance(error, Exception):
            before(kind, error, trace)
            return
        from kedro_azureml_compiler import describe_project_error

        click.echo(f"Error: {describe_project_error(error, project)}", err=True)

    sys.excepthook = show
    try:
        yield
    finally:
        if sys.excepthook is show:
            sys.excepthook = before
