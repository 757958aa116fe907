"""The script `kedro-azureml`: the same as `kedro azureml`, with a standard output of its own.

Kedro configures logging when it is imported, and prints which file it has found before any plugin
is loaded. This script hands it a quiet one.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path

_VARIABLE = "KEDRO_LOGGING_CONFIG"
_QUIET = Path(__file__).parent / "templates" / "quiet_logging.yml"

COMPLETE_VARIABLE = "_KEDRO_AZUREML_COMPLETE"
"""Set by the completion scripts: the words of the command line follow."""


def main() -> None:
    """Run `kedro azureml` with the arguments of this process."""
    completes = os.environ.pop(COMPLETE_VARIABLE, "")
    _refuse_missing_folder()
    import_kedro_quietly()
    if completes:
        from kedro_azureml_cli.commands import azureml
        from kedro_azureml_cli.shell.completing import print_completions

        print_completions(sys.argv[1:], azureml)
        return
    from kedro.framework.cli import main as run_kedro

    sys.argv[:1] = ["kedro", "azureml"]
    run_kedro()


def import_kedro_quietly() -> None:
    """Have Kedro configure logging from a quiet file, of which nobody else hears.

    A file that the user has named is read instead.
    """
    if os.environ.get(_VARIABLE):
        _import_kedro_with(os.environ[_VARIABLE])
        return
    os.environ[_VARIABLE] = str(_QUIET)
    try:
        _configure_logging()
    finally:
        del os.environ[_VARIABLE]


def _refuse_missing_folder() -> None:
    """End in one line where the working directory has been deleted, in which Kedro looks first."""
    try:
        Path.cwd()
    except OSError as error:
        sys.exit(f"Error: the working directory cannot be entered: {error.strerror}.")


def _configure_logging() -> None:
    """Import the module of Kedro that reads the variable when it is imported."""
    import_module("kedro.framework.project")


def _import_kedro_with(file: str) -> None:
    """Import Kedro, which reads the file that the user has named, or end in one line."""
    try:
        _configure_logging()
    except ImportError:
        raise
    except Exception as error:
        sys.exit(
            f"Error: {_VARIABLE} names '{file}', from which logging cannot be configured: "
            f"{' '.join(str(error).split())}"
        )
