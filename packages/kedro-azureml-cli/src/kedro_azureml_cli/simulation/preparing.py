"""Compile what a simulation runs: a whole job, or the rest of one that is resumed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from kedro_azureml_compiler import (
    RUNS_FOLDER,
    FindingsError,
    JobChanges,
    Resumption,
    compile_recorded,
)

from kedro_azureml_cli.bundles.choices_output import show_choices
from kedro_azureml_cli.simulation.resuming import (
    choose_run_dir,
    make_recording,
    read_simulated_job,
)
from kedro_azureml_cli.terminal.result_stream import redirect_the_rest_to_stderr

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kedro_azureml_compiler import CompiledJob

    from kedro_azureml_cli.simulation.resume_options import ResumeOptions
    from kedro_azureml_cli.terminal.options import ReadingOptions


class Prepared(NamedTuple):
    """What a simulation runs.

    Args:
        compiled: The bundle; None if nothing has to run.
        notes: The record of the job, for the run folder; None for a run of single steps, which
            leaves steps of different code beside each other.
        paths: Addresses of what an earlier run has left to where it lies.
        run_dir: The folder of the run, where the command names none.
    """

    compiled: CompiledJob | None
    notes: str | None
    paths: Mapping[str, Path]
    run_dir: Path


def prepare(
    reading: ReadingOptions,
    project: Path,
    job: str,
    output: Path | None,
    run: Mapping[str, Any],
    variables: Mapping[str, str],
    resume: ResumeOptions,
) -> Prepared:
    """Compile a job, or what has to run again of it.

    Args:
        reading: How the project is read.
        project: The project's folder.
        job: Name of the job.
        output: Folder of the bundle, if it is not the job's own.
        run: The values of the options of a run, by `RunOption.argument`.
        variables: Environment variables that every step gets.
        resume: What is resumed, if anything is.

    Raises:
        KedroAzureMLError: The job cannot be compiled or resumed.
        SimulatorError: The folder that is resumed holds no run.
    """
    usual = project / RUNS_FOLDER / job
    resumption, paths, run_dir = None, {}, usual
    if resume.earlier is not None:
        earlier = read_simulated_job(resume.earlier)
        filters = dict(reading.filters)
        from_nodes = filters.pop("from_nodes", ())
        reading = reading._replace(filters=filters)
        resumption = Resumption(earlier.earlier, from_nodes, resume.accept_code_changes)
        paths, run_dir = dict(earlier.paths), choose_run_dir(resume.earlier, usual)
    with redirect_the_rest_to_stderr():
        made = compile_recorded(
            reading.request(project),
            job,
            make_recording(project, run, variables),
            resumption=resumption,
            output=output,
        )
    if resumption is not None:
        show_choices(made.choices, made.unknown)
    if made.compiled is not None:
        _refuse_inputs(made.compiled, dict(run["inputs"]))
    is_whole = run["only"] is None and run["start"] is None
    return Prepared(made.compiled, made.record.to_json() if is_whole else None, paths, run_dir)


def _refuse_inputs(compiled: CompiledJob, given: Mapping[str, str]) -> None:
    """Refuse values that the job's inputs cannot have, in one message, not in one for each step.

    Raises:
        FindingsError: A value has another type than the parameter.
    """
    names = {promoted.name for promoted in compiled.plan.promoted}
    known = {name: text for name, text in given.items() if name in names}
    _, findings = JobChanges(inputs=known).plan(compiled.plan)
    if findings:
        raise FindingsError(findings)
