"""Send what a step has to say. Whatever goes wrong is a warning: no step fails for it."""

from __future__ import annotations

import os
import sys
from datetime import datetime, timezone
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro_azureml_runner.notifications.message import (
    LONGEST_CAUSE,
    find_form,
    make_body,
    make_studio_link,
)
from kedro_azureml_runner.notifications.posting import PostingError, check_address, post
from kedro_azureml_runner.protocol.notification import (
    SEND_VARIABLE,
    START_FILE,
    STARTED,
    VARIABLE,
    NotificationSettings,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SLACK_API = "https://slack.com/api/chat.postMessage"
"""Where a message goes for which there is a token and no webhook."""

_SIMULATION = "KEDRO_AZUREML_SIMULATION"


def notify(event: str, **facts: Any) -> None:
    """Send a message, if the step's settings ask for this event. Never raises.

    Args:
        event: `start`, `success` or `failure`.
        facts: What else is known: `node`, `dataset`, `cause`, `note`.
    """
    try:
        settings = NotificationSettings.from_text(os.environ.get(VARIABLE, ""))
        if event not in settings.events or _read_rank() != 0:
            return
        if os.environ.get(_SIMULATION) and os.environ.get(SEND_VARIABLE) != "1":
            print(f"Notification of '{event}' not sent: this is a simulation.", file=sys.stderr)
            return
        known = {**_collect_facts(settings, os.environ), "event": event, **facts}
        sent = _send(settings, known)
    except (PostingError, ValueError) as error:
        print(f"Warning: the notification of '{event}' was not sent: {error}.", file=sys.stderr)
    except (Exception, SystemExit) as error:  # of the payload's function, or of a vault
        _warn_of(event, error)
    else:
        if sent:
            print(f"Notification of '{event}' sent.", file=sys.stderr)


def announce_end(arguments: Sequence[str]) -> int:
    """Send `success` from the step that runs when all others have finished.

    Args:
        arguments: Its arguments, after the first.

    Returns:
        The exit code, which is 0: the job has succeeded, whether anybody hears of it or not.
    """
    note = None
    if len(arguments) == 2 and arguments[0] == STARTED:
        started = _read_text(Path(arguments[1]) / START_FILE)
        if started is not None and started != os.environ.get("AZUREML_ROOT_RUN_ID", ""):
            note = "Its start was not announced: the step that does so was reused."
    notify("success", note=note)
    return 0


def leave_start(folders: Sequence[str]) -> None:
    """Leave the run of which this step has announced the start; a reused step has an earlier one.

    Args:
        folders: The step's outputs that hold no data.
    """
    try:
        settings = NotificationSettings.from_text(os.environ.get(VARIABLE, ""))
    except ValueError as error:
        _warn_of("start", error)
        return
    if "start" not in settings.events or _read_rank() != 0:
        return
    run = os.environ.get("AZUREML_ROOT_RUN_ID", "")
    for folder in folders:
        try:
            (Path(folder) / START_FILE).write_text(run, encoding="utf-8")
        except OSError as error:
            _warn_of("start", error)


def _send(settings: NotificationSettings, facts: Mapping[str, Any]) -> bool:
    """Return whether there was something to send."""
    url, token = _read_value(settings.webhook, settings), _read_value(settings.token, settings)
    if url is None:
        url = SLACK_API
    check_address(url)
    form = settings.form or find_form(url)
    if settings.payload is None:
        body: Any = make_body(facts, form, settings.channel)
    else:
        body = _call_payload(settings.payload, facts)
        if body is None:
            return False
        if not isinstance(body, dict):
            raise PostingError(
                f"'{settings.payload}' returned {type(body).__name__}; it is to return a "
                "dictionary, or None to send nothing"
            )
    post(url, body, token)
    return True


def _call_payload(payload: str, facts: Mapping[str, Any]) -> Any:
    module, _, function = payload.partition(":")
    for folder in (str(Path.cwd() / "src"), str(Path.cwd())):
        if folder not in sys.path and Path(folder).is_dir():
            sys.path.insert(0, folder)
    return getattr(import_module(module), function)(dict(facts))


def _read_value(value: Value | None, settings: NotificationSettings) -> str | None:
    if value is None:
        return None
    if value.secret is not None:
        given = os.environ.get(value.secret.upper().replace("-", "_"))
        return (given or _ask_key_vault(value.secret, settings.key_vault)).strip()
    found = os.environ.get(value.variable or "", "").strip()
    if not found:
        raise PostingError(f"there is no environment variable {value.variable} in this step")
    return found


def _ask_key_vault(secret: str, key_vault: str | None) -> str:
    from kedro_azureml_datasets.azure_ml.key_vault import read_secrets

    from kedro_azureml_runner.unused_entries import find_workspace_of_step

    return read_secrets([secret], key_vault, find_workspace_of_step())[secret]


def _collect_facts(settings: NotificationSettings, environ: Mapping[str, str]) -> dict[str, Any]:
    run = environ.get("AZUREML_ROOT_RUN_ID")
    return {
        "job": settings.job,
        "step": settings.step,
        "run": run,
        "step_run": environ.get("AZUREML_RUN_ID"),
        "experiment": environ.get("AZUREML_ARM_PROJECT_NAME"),
        "workspace": environ.get("AZUREML_ARM_WORKSPACE_NAME"),
        "link": make_studio_link(environ, run),
        "time": datetime.now(timezone.utc).isoformat(timespec="seconds"),
    }


def shorten_cause(error: BaseException) -> str:
    """Return an error as a message shows it.

    Args:
        error: The root cause.

    Example:
        >>> shorten_cause(ValueError("a worm"))
        'ValueError: a worm'
    """
    text = f"{type(error).__name__}: {error}"
    return text if len(text) <= LONGEST_CAUSE else f"{text[: LONGEST_CAUSE - 1]}…"


def _read_rank() -> int:
    from kedro_azureml_datasets.distributed import read_process_rank

    return read_process_rank()


def _read_text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _warn_of(event: str, error: BaseException) -> None:
    reason = f"{type(error).__name__}: {error}"
    print(f"Warning: the notification of '{event}' was not sent: {reason}", file=sys.stderr)
