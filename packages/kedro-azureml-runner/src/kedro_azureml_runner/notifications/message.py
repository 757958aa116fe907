"""The body of a notification: for Slack, for Teams, and as plain JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_CAUSE = 1000
"""Characters of an error that a message shows; the log has all of it."""

LONGEST_TEXT = 10_000
"""Characters of a message: Teams takes 28 KB."""

MOST_STEPS = 10
"""Steps whose warnings a message shows; plain JSON has all of them."""

_TEAMS_HOSTS = (".office.com", ".logic.azure.com", ".powerplatform.com")
_SLACK_HOSTS = ("slack.com", "slack-gov.com")

_STUDIOS = {".azure.us": "ml.azure.us", ".ml.azure.cn": "studio.ml.azure.cn"}
"""End of the service's host to the address of Studio, where it is not the public one."""


def find_form(url: str) -> str:
    """Return the form of message that the receiver at an address reads.

    Args:
        url: The address.

    Example:
        >>> find_form("https://hooks.slack.com/services/T0/B0/x"), find_form("https://example.org/")
        ('slack', 'json')
    """
    host = (urlsplit(url).hostname or "").lower()
    if any(host == known or host.endswith(f".{known}") for known in _SLACK_HOSTS):
        return "slack"
    return "teams" if host.endswith(_TEAMS_HOSTS) else "json"


def write_text(facts: Mapping[str, Any]) -> str:
    """Return a message as one text.

    Args:
        facts: What happened: `event`, `job`, and what is known of it.

    Example:
        >>> facts = {"event": "failure", "job": "train", "node": "fit", "cause": "KeyError"}
        >>> print(write_text(facts))
        Job 'train' failed in node 'fit': KeyError
    """
    job = f"Job '{facts['job']}'"
    if facts["event"] == "failure":
        where = f"node '{facts['node']}'" if facts.get("node") else f"step '{facts.get('step')}'"
        dataset = f", dataset '{facts['dataset']}'" if facts.get("dataset") else ""
        text = f"{job} failed in {where}{dataset}: {facts.get('cause')}"
    elif facts["event"] == "start":
        text = f"{job} has started."
    elif facts["event"] == "warning":
        text = _write_warnings(job, facts)
    elif facts["event"] == "recovered":
        text = f"{job} has recovered: it has succeeded, and did not the last time."
    else:
        text = f"{job} has succeeded."
    lines = [text, facts.get("note"), facts.get("link")]
    return "\n".join(line for line in lines if line)


def _write_warnings(job: str, facts: Mapping[str, Any]) -> str:
    found = facts.get("warnings") or []
    count = facts.get("count") or 0
    lines = [f"{job} has succeeded, with {count} warning{'s' * (count != 1)}:"]
    for one in found[:MOST_STEPS]:
        lines += [f"- {one['step']}: {text}" for text in one["texts"]]
        more = one["count"] - len(one["texts"])
        lines += [f"- {one['step']}: and {more} more"] if more > 0 else []
    if len(found) > MOST_STEPS:
        lines.append(f"- and those of {len(found) - MOST_STEPS} more steps")
    return "\n".join(lines)


def make_body(facts: Mapping[str, Any], form: str, channel: str | None = None) -> dict[str, Any]:
    """Return the JSON object that a receiver gets.

    Args:
        facts: What happened.
        form: `slack`, `teams` or `json`.
        channel: The channel, if the receiver has several.

    Example:
        >>> make_body({"event": "start", "job": "train"}, "slack", "#jobs")
        {'text': "Job 'train' has started.", 'channel': '#jobs'}
    """
    text = write_text(facts)
    text = text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"
    if form == "slack":
        # The three characters with which Slack marks links and mentions.
        for character, entity in {"&": "&amp;", "<": "&lt;", ">": "&gt;"}.items():
            text = text.replace(character, entity)
        body: dict[str, Any] = {"text": text}
    elif form == "teams":
        card: dict[str, Any] = {
            "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
            "type": "AdaptiveCard",
            "version": "1.4",
            # A `TextBlock` would read Markdown, and an error could bring a link along.
            "body": [
                {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": line}]}
                for line in text.splitlines()
                if line.strip() and line != facts.get("link")
            ],
        }
        if facts.get("link"):
            card["actions"] = [
                {"type": "Action.OpenUrl", "title": "Open in Studio", "url": facts["link"]}
            ]
        kind = "application/vnd.microsoft.card.adaptive"
        body = {"type": "message", "attachments": [{"contentType": kind, "content": card}]}
    else:
        body = {**{key: value for key, value in facts.items() if value is not None}, "text": text}
    return body if channel is None or form == "teams" else {**body, "channel": channel}


def make_studio_link(environ: Mapping[str, str], run: str | None) -> str | None:
    """Return the address of a run in Studio, or None if the variables do not tell the workspace.

    Args:
        environ: The variables that Azure ML sets in a step.
        run: The run.
    """
    names = ("SUBSCRIPTION", "RESOURCEGROUP", "WORKSPACE_NAME")
    parts = [quote(environ.get(f"AZUREML_ARM_{name}", ""), safe="") for name in names]
    if not run or not all(parts):
        return None
    subscription, group, workspace = parts
    host = urlsplit(environ.get("AZUREML_SERVICE_ENDPOINT", "")).hostname or ""
    studio = next((name for end, name in _STUDIOS.items() if host.endswith(end)), "ml.azure.com")
    return (
        f"https://{studio}/runs/{quote(run, safe='')}?wsid=/subscriptions/{subscription}"
        f"/resourcegroups/{group}/workspaces/{workspace}"
    )
