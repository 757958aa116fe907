"""Send what a step has to say. Whatever goes wrong is a warning: no step fails for it."""

from __future__ import annotations

import os
import sys
from datetime import datetime, timezone
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro_azureml_datasets.credentials.known_secrets import hide_secrets
from kedro_azureml_datasets.credentials.marks import name_secret_variable

from kedro_azureml_runner.notifications.message import (
    LONGEST_CAUSE,
    find_form,
    make_body,
    make_studio_link,
)
from kedro_azureml_runner.notifications.posting import PostingError, check_address, post
from kedro_azureml_runner.protocol.notification import (
    SEND_VARIABLE,
    VARIABLE,
    NotificationSettings,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

SLACK_API = "https://slack.com/api/chat.postMessage"
"""Where a message goes for which there is a token and no webhook."""

_SIMULATION = "KEDRO_AZUREML_SIMULATION"


def notify(event: str, **facts: Any) -> bool:
    """Send a message, if the step's settings ask for this event. Never raises.

    Args:
        event: `start`, `failure`, `success`, `warning` or `recovered`.
        facts: What else is known: `node`, `dataset`, `cause`, `note`, `warnings`.

    Returns:
        Whether it was sent.
    """
    sent = False
    try:
        settings = NotificationSettings.from_text(os.environ.get(VARIABLE, ""))
        if event not in settings.events or not is_first_process():
            return False
        if os.environ.get(_SIMULATION) and os.environ.get(SEND_VARIABLE) != "1":
            print(f"Notification of '{event}' not sent: this is a simulation.", file=sys.stderr)
            return False
        known = {**_collect_facts(settings, os.environ), "event": event, **facts}
        if known.get("cause"):
            known["cause"] = _shorten(known["cause"])
        sent = _send(settings, known)
    except (PostingError, ValueError) as error:
        print(f"Warning: the notification of '{event}' was not sent: {error}.", file=sys.stderr)
    except (Exception, SystemExit) as error:  # of the payload's function, or of a vault
        warn_of(event, error)
    else:
        if sent:
            print(f"Notification of '{event}' sent.", file=sys.stderr)
    return sent


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
    if value.in_vault is not None:
        variable = name_secret_variable(value.in_vault)
        given = os.environ.get(variable)
        if not given and os.environ.get(_SIMULATION):
            raise PostingError(f"a simulation asks no key vault: pass --env-var {variable}")
        return (given or _ask_key_vault(value.in_vault, settings.key_vault)).strip()
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
    """Return an error as a message shows it, without the secrets that the step has read.

    Args:
        error: The root cause.

    Example:
        >>> shorten_cause(ValueError("a worm"))
        'ValueError: a worm'
    """
    return _shorten(f"{type(error).__name__}: {error}")


def _shorten(text: str) -> str:
    text = hide_secrets(text)
    return text if len(text) <= LONGEST_CAUSE else f"{text[: LONGEST_CAUSE - 1]}…"


def is_first_process() -> bool:
    """Check whether this process is the first of its step, which speaks for all."""
    from kedro_azureml_datasets.distributed import read_process_rank

    return read_process_rank() == 0


def warn_of(event: str, error: BaseException) -> None:
    """Write into the log that a message was not sent.

    Args:
        event: The event.
        error: Why.
    """
    reason = f"{type(error).__name__}: {error}"
    print(f"Warning: the notification of '{event}' was not sent: {reason}", file=sys.stderr)
