"""Show that nothing is left to simulate."""

from __future__ import annotations

import json

from kedro_azureml_cli.terminal.result_stream import print_result
from kedro_azureml_cli.terminal.verbosity import note


def show_that_nothing_runs(*, as_json: bool) -> None:
    """Say that every node is taken over.

    Args:
        as_json: Whether the standard output gets the record of a run without steps.
    """
    message = "Nothing has to run: every node is taken over."
    if as_json:
        record = {"format": 1, "status": "completed", "message": message, "steps": []}
        print_result(json.dumps(record, indent=2))
    note(message)
