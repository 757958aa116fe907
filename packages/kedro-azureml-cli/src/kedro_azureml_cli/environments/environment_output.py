"""Show what an image needs, what was written, and how a job's packages compare."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from kedro_azureml_cli.environments.image_files import REQUIREMENTS
from kedro_azureml_cli.terminal.tables import format_json, format_table
from kedro_azureml_cli.terminal.wrapping import escape_unprintable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from kedro_azureml_cli.environments.comparing import ComparedEnvironment
    from kedro_azureml_cli.environments.image_target import ImageTarget
    from kedro_azureml_cli.environments.needs import ProjectNeeds, Undecided
    from kedro_azureml_cli.environments.pinning import PinnedEnvironment
    from kedro_azureml_cli.environments.registering import Registration


def show_needs(needs: ProjectNeeds, target: ImageTarget) -> str:
    """Return what a step image needs, as text.

    Args:
        needs: What the project says.
        target: The image.
    """
    content = needs.content
    lines = [
        f"From {needs.source} ({needs.why}), for Python {target.python} on linux/amd64:",
        "",
        *format_table(
            ("package", "asked for in"),
            [(need.text, need.where) for need in content.needs],
        ).splitlines(),
    ]
    added = [name for name in needs.ours if name not in content.names]
    if added:
        lines += ["", f"Added, since every step needs it: {', '.join(added)}"]
    if content.constraints:
        limits = ", ".join(need.text for need in content.constraints)
        lines += ["", f"Limited by constraints: {limits}"]
    if content.left_out:
        lines += ["", f"Not needed in an image: {', '.join(content.left_out)}"]
    lines += _undecided(content.undecided)
    if needs.others:
        lines += ["", f"Also there: {', '.join(needs.others)}. To read one, name it: --from FILE"]
    return _text(lines)


def needs_as_json(needs: ProjectNeeds, target: ImageTarget) -> str:
    """Return what a step image needs, as JSON.

    Args:
        needs: What the project says.
        target: The image.
    """
    content = needs.content
    return format_json(
        {
            "source": needs.source,
            "why": needs.why,
            "other_sources": list(needs.others),
            "python": target.python,
            "platform": "linux/amd64",
            "locked": content.is_locked,
            "requirements": [
                {"requirement": need.text, "where": need.where} for need in content.needs
            ],
            "added": [name for name in needs.ours if name not in content.names],
            "constraints": [need.text for need in content.constraints],
            "options": list(content.options),
            "not_needed": list(content.left_out),
            "left_to_decide": _undecided_as_json(content.undecided),
        }
    )


def show_export(pinned: PinnedEnvironment, folder: str, names: Iterable[str]) -> str:
    """Return what was written, as text.

    Args:
        pinned: What the image gets.
        folder: The folder, as the user names it.
        names: The files in it.
    """
    written = ", ".join(f"{folder}/{name}" for name in names)
    what = f"{len(pinned.lines)} packages for Python {pinned.target.python} on linux/amd64"
    setting = f"{{environment: {{build: {{path: {folder}}}}}}}"
    lines = [
        f"Wrote {written}: {what}, from {pinned.source}.",
        *_undecided(pinned.undecided),
        "",
        "Try it here:     kedro azureml simulate --step-env "
        + shlex.quote(f"ENVIRONMENT={folder}/{REQUIREMENTS}"),
        f"Let Azure ML build it, in azureml.yml:  execution: {setting}",
        "Or register it:  kedro azureml environment register",
    ]
    return _text(lines)


def export_as_json(pinned: PinnedEnvironment, folder: Path, names: Iterable[str]) -> str:
    """Return what was written, as JSON.

    Args:
        pinned: What the image gets.
        folder: The folder.
        names: The files in it.
    """
    return format_json(
        {
            "files": [str(folder / name) for name in names],
            "source": pinned.source,
            "python": pinned.target.python,
            "platform": "linux/amd64",
            "versions_from": pinned.versions_from,
            "packages": list(pinned.lines),
            "options": list(pinned.options),
            "left_to_decide": _undecided_as_json(pinned.undecided),
        }
    )


def show_registration(registered: Registration, workspace: str) -> str:
    """Return what became of an environment, as text.

    Args:
        registered: What became of it.
        workspace: Name of the workspace.
    """
    version = f"{registered.name}:{registered.version}"
    if not registered.is_new:
        return _text([f"The workspace '{workspace}' already has it: {version}. Nothing was sent."])
    lines = [
        f"Registered {version} in the workspace '{workspace}': {registered.packages} packages.",
        "Azure ML builds its image when a job first uses it.",
        f"In azureml.yml:  execution: {{environment: {registered.name}@latest}}",
    ]
    return _text(lines)


def registration_as_json(registered: Registration, workspace: str) -> str:
    """Return what became of an environment, as JSON.

    Args:
        registered: What became of it.
        workspace: Name of the workspace.
    """
    return format_json(
        {
            "name": registered.name,
            "version": registered.version,
            "registered": registered.is_new,
            "packages": registered.packages,
            "workspace": workspace,
        }
    )


def show_comparison(compared: Sequence[ComparedEnvironment]) -> str:
    """Return how the packages of a job compare with those here, as text.

    Args:
        compared: The environments of the job.
    """
    lines: list[str] = []
    for one in compared:
        environment = one.environment
        lines += [f"{environment.name}: {', '.join(environment.steps)}"]
        if environment.why_unknown:
            lines.append(f"  What it installs is unknown: {environment.why_unknown}.")
        rows = [
            (row.name, row.in_job, row.here or "-", row.state.value)
            for row in sorted(one.rows, key=lambda row: (not row.is_wrong, row.name))
        ]
        table = format_table(("package", "in the job", "here", ""), rows)
        lines += [f"  {line}".rstrip() for line in table.splitlines()]
        lines.append("")
    wrong = sum(row.is_wrong for one in compared for row in one.rows)
    unknown = sum(one.environment.needs is None for one in compared)
    if wrong:
        lines.append(
            f"{wrong} {'package differs' if wrong == 1 else 'packages differ'}. To give the image "
            "the versions that are installed here:  kedro azureml environment export"
        )
    elif unknown:
        lines.append("See what the steps need:  kedro azureml environment show")
    else:
        lines.append("The job gets the versions that are installed here.")
    return _text(lines)


def comparison_as_json(job: str, compared: Sequence[ComparedEnvironment]) -> str:
    """Return how the packages of a job compare with those here, as JSON.

    Args:
        job: Name of the job.
        compared: Its environments.
    """
    return format_json(
        {
            "job": job,
            "environments": [
                {
                    "environment": one.environment.name,
                    "steps": list(one.environment.steps),
                    "known": one.environment.needs is not None,
                    "why_unknown": one.environment.why_unknown or None,
                    "packages": [
                        {
                            "name": row.name,
                            "in_job": row.in_job,
                            "here": row.here,
                            "state": row.state.name.lower(),
                            "wrong": row.is_wrong,
                        }
                        for row in one.rows
                    ],
                }
                for one in compared
            ],
        }
    )


def _undecided(undecided: Iterable[Undecided]) -> list[str]:
    listed = [f"  {one}" for one in undecided]
    return ["", "Left to decide:", *listed] if listed else []


def _undecided_as_json(undecided: Iterable[Undecided]) -> list[dict[str, Any]]:
    return [
        {"requirement": one.text, "where": one.where or None, "reason": one.reason}
        for one in undecided
    ]


def _text(lines: Iterable[str]) -> str:
    return "".join(f"{escape_unprintable(line)}\n" for line in lines)
