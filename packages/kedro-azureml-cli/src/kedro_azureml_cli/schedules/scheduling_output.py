"""Show schedules: what was created and frozen, what would be, and what a workspace has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro_azureml_compiler import CODE_FOLDER, Flow, make_azure_name

from kedro_azureml_cli.schedules.schedule_times import dump_times, format_times
from kedro_azureml_cli.terminal.sizes import format_size, measure_folder
from kedro_azureml_cli.terminal.tables import format_json, format_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kedro_azureml_compiler import AssetFacts, CompiledJob, Workspace

    from kedro_azureml_cli.azure_ml.schedules import (
        CreatedSchedule,
        ScheduleState,
        WantedSchedule,
    )
    from kedro_azureml_cli.schedules.scheduling import ScheduledJob

_DONE = {"delete": "Deleted", "enable": "Enabled", "disable": "Disabled"}


def created_as_text(outcomes: Sequence[ScheduledJob], compiled: Mapping[str, CompiledJob]) -> str:
    """Return what became of the schedules of each job and what they froze, as text.

    Args:
        outcomes: What became of them.
        compiled: Name of each job to what was compiled.
    """
    lines = []
    for outcome in outcomes:
        shown: list[str] = []
        for created in outcome.created:
            lines += _created(created)
            frozen = [line for _, line in _frozen(created, compiled[outcome.job])]
            if frozen != shown:
                lines += ["  Every run uses what exists now:", *(f"    {f}" for f in frozen)]
            shown = frozen
        if outcome.error is not None:
            lines.append(f"The job '{outcome.job}' was not scheduled. {outcome.error}")
        lines += _gone(outcome)
    return "".join(f"{line}\n" for line in lines)


def _created(created: CreatedSchedule) -> list[str]:
    wanted = created.wanted
    done = "Created" if created.is_new else "Updated"
    lines = [
        f"{done} the schedule {wanted.name} of the job '{wanted.job}' ({wanted.place}).",
        f"  {format_times(wanted.schedule)}",
    ]
    if not created.is_enabled:
        enable = f"kedro azureml schedule -j {wanted.job}{_env(wanted.env)} --enable"
        lines.append(f"  It is disabled; enable it with:  {enable}")
    return lines


def _gone(outcome: ScheduledJob) -> Iterator[str]:
    for state in outcome.gone:
        if outcome.pruned:
            yield f"Deleted the schedule {state.name} ({state.place}), no longer in azureml.yml."
        else:
            yield (
                f"The schedule {state.name} ({state.place}) is no longer in azureml.yml, but "
                "still runs the job; delete it with --prune."
                if state.is_enabled
                else f"The disabled schedule {state.name} ({state.place}) is no longer in "
                "azureml.yml; delete it with --prune."
            )


def _env(env: str) -> str:
    return f" --env {env}" if env else ""


def _frozen(
    created: CreatedSchedule | None, compiled: CompiledJob
) -> Iterator[tuple[dict[str, Any], str]]:
    """Return what a schedule froze, or would freeze: for programs, and in words."""
    for dataset in compiled.plan.datasets:
        if dataset.flow is Flow.VERSION and dataset.asset is not None:
            yield _frozen_version(dataset.name, dataset.asset, created)
        elif dataset.flow is Flow.UPLOAD:
            uri = created.uploads.get(make_azure_name(dataset.name)) if created else None
            known = {"what": "upload", "dataset": dataset.name, "file": dataset.source, "uri": uri}
            yield known, f"{dataset.name}: '{dataset.source}', uploaded"
    size = measure_folder(compiled.bundle / CODE_FOLDER)
    if compiled.config.execution.code_directory is not None:
        yield {"what": "code", **size}, f"the code: {format_size(size)}"
    for reference, exact in sorted((created.environments if created else {}).items()):
        name, _, version = exact.removeprefix("azureml:").rpartition(":")
        known = {"what": "environment", "environment": name, "version": version}
        label = reference.removeprefix("azureml:")
        yield known, f"the environment '{label}': version {version}"


def _frozen_version(
    name: str, asset: AssetFacts, created: CreatedSchedule | None
) -> tuple[dict[str, Any], str]:
    pinned = asset.version
    _, version = (created.versions if created else {}).get(make_azure_name(name), ("", pinned))
    known = {
        "what": "version",
        "dataset": name,
        "asset": asset.name,
        "version": version,
        "pinned": pinned is not None,
    }
    if pinned is not None:
        return known, f"{name}: version {pinned} of the data asset '{asset.name}' (pinned)"
    which = f"version {version}, the latest one," if version else "the latest version"
    return known, f"{name}: {which} of the data asset '{asset.name}'"


def created_as_json(outcomes: Sequence[ScheduledJob], compiled: Mapping[str, CompiledJob]) -> str:
    """Return what became of the schedules of each job, as JSON.

    Args:
        outcomes: What became of them.
        compiled: Name of each job to what was compiled.
    """
    return format_json(
        {
            "jobs": [
                {
                    "job": outcome.job,
                    "workspace": _workspace(outcome.workspace),
                    "schedules": [
                        {
                            **_wanted(created.wanted),
                            "done": "created" if created.is_new else "updated",
                            "enabled": created.is_enabled,
                            "frozen": [
                                known for known, _ in _frozen(created, compiled[outcome.job])
                            ],
                        }
                        for created in outcome.created
                    ],
                    "gone": [
                        {"name": state.name, "place": state.place, "deleted": outcome.pruned}
                        for state in outcome.gone
                    ],
                    "error": str(outcome.error) if outcome.error is not None else None,
                }
                for outcome in outcomes
            ]
        }
    )


def preview(
    wanted: Mapping[str, Sequence[WantedSchedule]], compiled: Mapping[str, CompiledJob], form: str
) -> str:
    """Return what would be created, without asking Azure.

    Args:
        wanted: Name of each job to its schedules.
        compiled: Name of each job to what was compiled.
        form: `text` or `json`.
    """
    if form == "json":
        jobs = [
            {
                "job": job,
                "workspace": _workspace(compiled[job].workspace),
                "bundle": str(compiled[job].bundle),
                "schedules": list(map(_wanted, schedules)),
                "frozen": [known for known, _ in _frozen(None, compiled[job])],
            }
            for job, schedules in wanted.items()
        ]
        return format_json({"jobs": jobs})
    lines = []
    for job, schedules in wanted.items():
        place = compiled[job].workspace
        lines.append(
            f"The job '{job}' would be scheduled in the workspace '{place.name}' (resource group "
            f"'{place.resource_group}', subscription '{place.subscription_id}'). Nothing was sent."
        )
        for schedule in schedules:
            times = format_times(schedule.schedule)
            lines.append(f"  {schedule.name} ({schedule.place}): {times}")
        lines.append("  Every run would use what exists now:")
        lines += [f"    {line}" for _, line in _frozen(None, compiled[job])]
    return "".join(f"{line}\n" for line in lines)


def changed_as_text(
    action: str, found: Sequence[tuple[Workspace, ScheduleState]], *, dry_run: bool
) -> str:
    """Return which schedules were deleted, enabled or disabled, or would be.

    Args:
        action: `delete`, `enable` or `disable`.
        found: The schedules as they were before.
        dry_run: Whether nothing was done.
    """
    lines = []
    for _, state in found:
        what = f"the schedule {state.name} of the job '{state.job}' ({state.place})"
        if action != "delete" and state.is_enabled is (action == "enable"):
            lines.append(f"T{what[1:]} is already {action}d.")
        elif dry_run:
            lines.append(f"Would {action} {what}.")
        else:
            lines.append(f"{_DONE[action]} {what}.")
    return "".join(f"{line}\n" for line in lines)


def listed_as_text(states: Sequence[ScheduleState]) -> str:
    """Return a table of schedules.

    Args:
        states: The schedules.
    """
    rows = [
        (
            state.job,
            state.env or "-",
            state.place,
            "enabled" if state.is_enabled else "disabled",
            state.name,
            format_times(state.schedule),
        )
        for state in states
    ]
    return format_table(("job", "env", "place", "state", "name", "runs"), rows)


def states_as_json(found: Sequence[tuple[Workspace, ScheduleState]], **more: Any) -> str:
    """Return schedules as JSON.

    Args:
        found: The schedules and their workspaces.
        more: What else the document says.
    """
    return format_json(
        {
            **more,
            "schedules": [
                {
                    "name": state.name,
                    "job": state.job,
                    "place": state.place,
                    "env": state.env or None,
                    "enabled": state.is_enabled,
                    "workspace": _workspace(workspace),
                    "schedule": dump_times(state.schedule),
                }
                for workspace, state in found
            ],
        }
    )


def _wanted(wanted: WantedSchedule) -> dict[str, Any]:
    return {
        "name": wanted.name,
        "place": wanted.place,
        "env": wanted.env or None,
        "schedule": dump_times(wanted.schedule),
    }


def _workspace(workspace: Workspace) -> dict[str, str]:
    return {
        "subscription_id": workspace.subscription_id,
        "resource_group": workspace.resource_group,
        "name": workspace.name,
    }
