"""What the compiler tells a step about notifications, as one variable that both sides share.

No address and no token is among it, but where the step finds them: the job is shown in Studio.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

VARIABLE = "KEDRO_AZUREML_NOTIFICATIONS"
"""Environment variable of the steps that may have something to say."""

SEND_VARIABLE = "KEDRO_AZUREML_SEND_NOTIFICATIONS"
"""Environment variable that lets a simulated step send what it otherwise only names."""

FINISH = "--notify-success"
"""Argument of the step that runs when all others have finished, in place of those of a step."""

GATHER = "--notify-gather"
"""Argument of a step that waits for others in its place: its own output, and what they left."""

WITHOUT_NODES = (FINISH, GATHER)
"""First argument of the steps that run no node."""

WARNED = "--warned"
"""Argument of the last step: what the others left, where it tells of their warnings."""

STARTED = "--started"
"""Argument of the last step: the folder in which the step that announced the start left its run."""

START_FILE = "started"
"""Name of the file there."""


class Value(NamedTuple):
    """Where a step finds a value that the job must not show.

    Args:
        variable: Name of the environment variable that holds it.
        in_vault: Name of the secret of the key vault that is read instead.
    """

    variable: str | None = None
    in_vault: str | None = None


class NotificationSettings(NamedTuple):
    """Whom a step notifies, of what, and how.

    Args:
        job: The job's name in Studio.
        step: Name of the step.
        events: The events that this step sends. A step that runs nodes sends no `warning`, but
            notes what they warn of.
        webhook: The address; without it the token is one of the Slack API.
        token: A token that is sent along as a bearer.
        channel: The channel, where the receiver has several.
        form: `slack`, `teams` or `json`; None decides by the address.
        payload: `module:function` of the project that makes the body.
        key_vault: The vault with the secrets; None asks the workspace.
        repeat_hours: Hours after which a warning is sent again; None sends each.
        tolerance_minutes: So much earlier it may be.

    Example:
        >>> settings = NotificationSettings("train", "fit", ("failure",), Value("HOOK"))
        >>> NotificationSettings.from_text(settings.to_text()) == settings
        True
    """

    job: str
    step: str
    events: tuple[str, ...]
    webhook: Value | None = None
    token: Value | None = None
    channel: str | None = None
    form: str | None = None
    payload: str | None = None
    key_vault: str | None = None
    repeat_hours: int | None = None
    tolerance_minutes: int = 0

    @property
    def recovers(self) -> bool:
        """Whether it matters how the job ended before."""
        return "recovered" in self.events

    def to_text(self) -> str:
        """Return the value of the variable."""
        text = json.dumps(_without_none(self), sort_keys=True)
        return text.replace("${{", r"\u0024{{")  # nothing that Azure ML would resolve

    @classmethod
    def from_text(cls, text: str) -> NotificationSettings:
        """Read the value of the variable.

        Args:
            text: The value.

        Raises:
            ValueError: It is not what `to_text` writes.
        """
        try:
            content = json.loads(text)
            content["events"] = tuple(content["events"])
            for name in ("webhook", "token"):
                if name in content:
                    content[name] = Value(**content[name])
            return cls(**content)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{VARIABLE} is not what this version of the runner reads") from error


def _without_none(settings: NotificationSettings | Value) -> dict[str, Any]:
    return {
        key: _without_none(value) if isinstance(value, Value) else value
        for key, value in settings._asdict().items()
        if value is not None
    }
