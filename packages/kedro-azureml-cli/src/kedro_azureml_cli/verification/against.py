"""Compare what a finished job has left in Azure with `kedro run` of the code that was sent."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout
from kedro_azureml_compiler import merge_params, strip_transcoding
from kedro_azureml_datasets import KedroAzureMLError
from kedro_azureml_runner import InvocationError, keep_exact
from kedro_azureml_simulator import RunResult, StepResult

from kedro_azureml_cli.azure_ml.jobs.remote_job import RemoteJob
from kedro_azureml_cli.azure_ml.jobs.states import COMPLETED
from kedro_azureml_cli.jobs.remote.code import bring_code
from kedro_azureml_cli.jobs.remote.datasets import (
    RemoteDataset,
    find_inputs,
    find_outputs,
    read_invocations,
)
from kedro_azureml_cli.jobs.remote.inputs import DataCache, Remote, resolve_inputs
from kedro_azureml_cli.jobs.remote.places import SENT_FOLDER, claim_job, report_unwritable
from kedro_azureml_cli.verification.local_run import make_comparing
from kedro_azureml_cli.verification.run_comparison import (
    ComparedDataset,
    JobDataset,
    compare_local_runs,
    compare_runs,
    is_open,
)
from kedro_azureml_cli.verification.sent_run import SentRun, run_snapshot
from kedro_azureml_cli.verification.verify import AGAIN_FOLDER, LOCAL_FOLDER, Verification

if TYPE_CHECKING:
    from kedro_azureml_datasets.azure_ml.registered_assets import RegisteredVersion
    from kedro_azureml_runner import StepInvocation

    from kedro_azureml_cli.azure_ml.jobs.states import JobState
    from kedro_azureml_cli.jobs.job_lookup import FoundJob
    from kedro_azureml_cli.verification.local_run import LocalRun

_FOLDER = "verification"
_BINDING = re.compile(r"\$\{\{inputs\.(\w+)\}\}")


class AgainstError(KedroAzureMLError):
    """A job in Azure ML cannot be compared."""

    blame = "user"


class RemoteComparison:
    """The comparison of one job in Azure ML with a local run.

    Args:
        found: The job.
        state: The job with its steps.
        project: The project's folder, absolute.
        datasets: Names of the datasets to be compared; all where none is named.

    Raises:
        AgainstError: The job has not ended, was not compiled by this plugin, or has no such data.
        AzureMLError: Azure ML did not answer.
    """

    def __init__(
        self, found: FoundJob, state: JobState, project: Path, datasets: Collection[str] = ()
    ) -> None:
        if not state.is_final:
            raise AgainstError(
                f"The job {state.name} is {state.status}: only a job that has ended is compared.",
                hint=f"Wait for it:  kedro azureml logs {state.name} --follow",
            )
        self._found = found
        self._project = project
        self._job = RemoteJob(found.client, state)
        self.folder = claim_job(project, state.name, found.workspace)
        self._cache = DataCache(found.storage, self.folder / "data", self._job.document, state)
        self._datasets = frozenset(datasets)
        self._steps = read_invocations(self._job)
        self._params_files = self._find_params_files()
        self.inputs = find_inputs(self._job, self._cache)
        self.outputs = self._choose_outputs()

    def size_bytes(self) -> int:
        """Return how much has to be downloaded; nothing for what is here."""
        data = [each.located for each in (*self.inputs, *self.outputs) if each.located]
        needed = dict.fromkeys([*data, *self._params_files.values()])
        return sum(map(self._cache.size_bytes, needed))

    def run(
        self,
        *,
        python: Path | None = None,
        variables: Mapping[str, str] = MappingProxyType({}),
        run_dir: Path | None = None,
        on_progress: Callable[[str], None] = lambda _: None,
    ) -> Verification:
        """Download what is needed, run the nodes here, and compare.

        Args:
            python: The interpreter, with what a step's image has; this one by default.
            variables: Environment variables of the local run, never written to disk.
            run_dir: Folder for the local run; in the job's folder by default.
            on_progress: Called with what happens next, in words.

        Raises:
            KedroAzureMLError: Something could not be downloaded.
            SimulatorError: This machine failed.
        """
        python = (python or Path(sys.executable)).absolute()
        run_dir = (run_dir or self.folder / _FOLDER).absolute()
        on_progress("The code and the data of the job ...")
        code = self._bring_code()
        inputs = {each.name: self._fetch(each) for each in self.inputs}
        job = [self._describe(each) for each in self.outputs]
        sent = self._make_run(code, inputs)

        def run(name: str) -> LocalRun:
            folder = run_dir / name
            with report_unwritable(folder):
                if folder.exists():
                    shutil.rmtree(folder)
            return run_snapshot(
                sent, folder, python=python, instead_of=self._project, variables=variables
            )

        with _hold(run_dir):
            on_progress("The same nodes as 'kedro run' runs them, on a copy of what was sent ...")
            local = run(LOCAL_FOLDER)
            job += [] if self._datasets else self._list_external(local.external)
            comparing = make_comparing(sent.session, local, python, self._project, variables)
            compared = compare_runs(job, local, comparing)
            if any(map(is_open, compared)):
                on_progress(
                    "Once more as 'kedro run': does what differs here differ there, too? ..."
                )
                again = run(AGAIN_FOLDER)
                if again.exit_code == 0:
                    compared = compare_local_runs(compared, local, again, comparing)
            return self._conclude(compared, local, run_dir)

    def _find_params_files(self) -> dict[str, RegisteredVersion]:
        """Find the runtime parameters that are too long for a command: an input of the job."""
        found = {}
        for step, invocation in self._steps.items():
            named = _BINDING.fullmatch(invocation.params_file or "")
            if named is not None:
                kinds = self._job.component(step).inputs
                place = resolve_inputs(step, self._job.document, kinds).get(named.group(1))
                if isinstance(place, Remote):
                    found[step] = self._cache.locate(place, place.kind)
        return found

    def _choose_outputs(self) -> list[RemoteDataset]:
        outputs = find_outputs(self._job, self._cache)
        names = {each.name for each in outputs}
        unknown = sorted(self._datasets - names)
        if unknown:
            raise AgainstError(
                f"The job {self._job.name} has no output '{unknown[0]}'.",
                hint="It has: " + (", ".join(sorted(names)) or "none") + ".",
            )
        return [each for each in outputs if each.name in (self._datasets or names)]

    def _bring_code(self) -> Path:
        codes = {self._job.component(step).code: step for step in self._steps}
        if len(codes) > 1:
            raise AgainstError(f"The steps of the job {self._job.name} run different code.")
        (step,) = codes.values()
        component = self._job.component(step)
        return bring_code(self._found, step, component, self._project, self.folder / SENT_FOLDER)

    def _fetch(self, dataset: RemoteDataset) -> Path:
        if dataset.located is None:
            raise AgainstError(f"{dataset.why_not}.")
        return self._cache.fetch(dataset.located, f"The data of '{dataset.name}'")

    def _describe(self, dataset: RemoteDataset) -> JobDataset:
        if dataset.located is None:
            return JobDataset(dataset.name, dataset.step, None, missing=dataset.why_not)
        return JobDataset(dataset.name, dataset.step, self._fetch(dataset))

    def _make_run(self, code: Path, inputs: Mapping[str, Path]) -> SentRun:
        steps = list(self._steps.values())
        for number, name in enumerate(self._steps):
            if name in self._params_files:
                located = self._params_files[name]
                file = self._cache.fetch(located, "The runtime parameters")
                steps[number] = steps[number]._replace(params_file=str(file))
        params: dict[str, object] = {}
        versions: dict[str, str] = {}
        for step in steps:
            params = merge_params(params, _read_params(step))
            versions.update(
                {
                    name: version
                    for name, version in step.load_versions.items()
                    if strip_transcoding(name) not in inputs
                }
            )
        return SentRun(
            code,
            {"env": steps[0].env, "params": params, "conf_source": steps[0].conf_source},
            list(dict.fromkeys(name for step in steps for name in step.pipelines)),
            [node for step in steps for node in step.nodes],
            versions,
            inputs,
            tuple(each.name for each in self.outputs),
        )

    def _list_external(self, external: Mapping[str, str]) -> list[JobDataset]:
        return [
            JobDataset(name, "", None, external=f"it has its own address ({kind})")
            for name, kind in external.items()
        ]

    def _conclude(
        self, compared: list[ComparedDataset], local: LocalRun, run_dir: Path
    ) -> Verification:
        state = self._job.state
        done = state.status == COMPLETED
        steps = tuple(
            StepResult(
                step.step,
                step.display_name,
                "completed" if step.status == COMPLETED else "failed",
                message=f"it is {step.status} in Azure ML",
            )
            for step in state.steps
        )
        remote = RunResult(
            status="completed" if done else "failed",
            steps=steps,
            registered={},
            outputs={},
            run_dir=run_dir,
            duration_s=0.0,
            isolation="",
            warnings=(),
        )
        return Verification(
            state.job or state.name, tuple(compared), local, remote, against=state.name
        )


@contextmanager
def _hold(run_dir: Path) -> Iterator[None]:
    """Let one verification at a time run nodes in a folder."""
    lock = FileLock(run_dir / ".lock")
    with report_unwritable(run_dir):
        run_dir.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise AgainstError(
                f"Another verification is running in '{run_dir}'.",
                hint="Wait for it, or choose another folder with --run-dir.",
            ) from error
    try:
        yield
    finally:
        lock.release()


def _read_params(step: StepInvocation) -> dict[str, object]:
    """Return the runtime parameters of a step, as its session gets them there."""
    try:
        return step.all_params(keep_exact)
    except InvocationError as error:
        raise AgainstError(str(error)) from error
