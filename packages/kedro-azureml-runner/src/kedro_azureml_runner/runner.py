"""Run the nodes of one step, with its datasets bound to their mounts."""

from __future__ import annotations

import logging
import os
import shutil
import weakref
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

from kedro.io import MemoryDataset
from kedro.runner import SequentialRunner
from kedro_azureml_datasets import AzureMLPipelineDataset, KedroAzureMLError, MountableDataset
from kedro_azureml_datasets.distributed import read_process_rank
from kedro_azureml_datasets.hooks import STEP_VARIABLE
from kedro_azureml_datasets.log import logger
from kedro_azureml_datasets.rebinding import rebind

from kedro_azureml_runner.progress import StepProgress
from kedro_azureml_runner.step_errors import StepDataError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kedro.io import AbstractDataset, CatalogProtocol
    from kedro.pipeline import Pipeline
    from pluggy import PluginManager

ORDER_FILE = "finished"
"""Name of the file in an order output: Azure ML refuses an empty folder as an input."""

MEMORY_FILE = "data.pkl"
"""Name of the file in the mount of a dataset that is in no catalog or in memory there."""


class AzurePipelinesRunner(SequentialRunner):
    """Runs the nodes of one step in order, with data at the step's mounts.

    Datasets of this project's two classes are bound to their mounts. Those that are in no catalog,
    or in memory there, are pickled with cloudpickle where they cross steps and stay in memory where
    they do not. All others are left as they are, but that in a distributed step rank 0 alone saves
    them. Outside a step it does what a `SequentialRunner` does.

    Args:
        inputs: Dataset name (without transcoding) to the path where it is mounted.
        outputs: Dataset name (without transcoding) to the path where it is to be left.
        order_outputs: Folders into which a small file is put when all nodes have finished.
        reaches: Datasets (without transcoding) that other steps use as well and for which nothing
            is mounted; one with an address of this machine is refused before the first node.
        is_async: Whether inputs and outputs of a node are loaded and saved in threads, as Kedro
            asks it of every runner.

    Example:
        >>> from kedro.io import DataCatalog
        >>> from kedro.pipeline import node, pipeline
        >>> import tempfile
        >>> mount = tempfile.mkdtemp()
        >>> nodes = pipeline([node(lambda: 42, None, "answer", name="ask")])
        >>> results = AzurePipelinesRunner(outputs={"answer": mount}).run(nodes, DataCatalog())
        >>> results["answer"].load()
        42
    """

    def __init__(
        self,
        inputs: Mapping[str, str] | None = None,
        outputs: Mapping[str, str] | None = None,
        order_outputs: Sequence[str] = (),
        reaches: Sequence[str] = (),
        is_async: bool = False,
    ) -> None:
        super().__init__(is_async=is_async)
        # Kedro logs a run by the module of its runner; the lines are shown as those of its own.
        logging.getLogger(__name__).parent = logging.getLogger("kedro.runner")
        self._inputs = dict(inputs or {})
        self._outputs = dict(outputs or {})
        self._order_outputs = tuple(order_outputs)
        self._reaches = frozenset(reaches)
        self._is_of_step = bool(inputs or outputs or order_outputs or reaches)
        self.progress = StepProgress()

    def run(
        self,
        pipeline: Pipeline,
        catalog: CatalogProtocol[Any, Any],
        hook_manager: PluginManager | None = None,
        run_id: str | None = None,
        only_missing_outputs: bool = False,
    ) -> dict[str, Any]:
        """Run the nodes and check that every output of the step is there.

        Args:
            pipeline: The nodes of the step.
            catalog: The session's catalog; its entries are bound to the mounts here.
            hook_manager: Kedro's hooks.
            run_id: Kedro's name of the run.
            only_missing_outputs: Not for a step: its outputs are always missing.

        Returns:
            The step's free outputs, dataset name to dataset.

        Raises:
            StepDataError: An input is not mounted, or a node has left an output empty.
            KedroAzureMLError: `only_missing_outputs` is set.
        """
        if not self._is_of_step and STEP_VARIABLE not in os.environ:
            whole: dict[str, Any] = super().run(
                pipeline, catalog, hook_manager, run_id, only_missing_outputs
            )
            return whole
        if only_missing_outputs:
            raise KedroAzureMLError(
                "A step of an Azure ML job cannot run with 'only_missing_outputs'.",
                hint="Azure ML itself reuses the steps that have not changed.",
            )
        if self._reaches:  # few steps do: the others need no table of addresses
            from kedro_azureml_runner.reachability.step_check import refuse_local_addresses

            refuse_local_addresses(pipeline, catalog, self._reaches)
        self._bind(pipeline, catalog, _make_scratch(catalog))
        if hook_manager is not None:
            hook_manager.register(self.progress)
        try:
            results: dict[str, Any] = super().run(pipeline, catalog, hook_manager, run_id)
        finally:
            if hook_manager is not None:
                hook_manager.unregister(self.progress)
        if read_process_rank() == 0:
            self._check_outputs()
            self._write_order_outputs(pipeline)
        return results

    def _bind(self, pipeline: Pipeline, catalog: CatalogProtocol[Any, Any], scratch: Path) -> None:
        mounts = {**self._inputs, **self._outputs}
        for name, path in sorted(self._inputs.items()):
            if not Path(path).exists():
                raise StepDataError(
                    f"The input '{name}' is not mounted: '{path}' does not exist.",
                    dataset=name,
                    hint="The step that produces it did not write it, or wrote it elsewhere.",
                )
        bound: set[str] = set()
        unmounted: dict[str, Path] = {}
        rank = read_process_rank()
        written = pipeline.all_outputs()
        for name in sorted(pipeline.datasets()):
            base = name.partition("@")[0]
            dataset = catalog.get(name) if name in catalog else None
            if base in mounts:
                only_here = [*mounts.values(), str(scratch)]
                at_mount = _at_mount(name, dataset, mounts[base], only_here)
                if base not in self._outputs:
                    _leave_unconfirmed(at_mount, name)
                rebind(catalog, name, at_mount)
                bound.add(base)
            elif isinstance(dataset, MountableDataset):
                # Nothing outside this step needs it, so no mount does: a folder of this step is
                # enough, and the project's own is not touched.
                folder = unmounted.setdefault(base, scratch / str(len(unmounted)))
                rebind(catalog, name, dataset.at(folder))
            elif rank and name in written and not isinstance(dataset, MemoryDataset | None):
                # Saved by each rank, a table would have its rows several times.
                logger.info("Rank %d keeps '%s' in memory: rank 0 alone saves it.", rank, name)
                rebind(catalog, name, MemoryDataset(copy_mode="assign"))
        for name in sorted(set(mounts) - bound):
            raise StepDataError(
                f"The job mounts the dataset '{name}', but no node of this step uses it.",
                dataset=name,
                hint="The code in the step is not the code that was compiled: compile again.",
            )

    def _check_outputs(self) -> None:
        for name, path in sorted(self._outputs.items()):
            mount = Path(path)
            if mount.is_file() or (mount.is_dir() and any(mount.iterdir())):
                continue
            raise StepDataError(
                f"The nodes of this step finished, but wrote nothing to the output '{name}'.",
                dataset=name,
                hint="A step that reads it could not start. Save something, for example an empty "
                "table instead of none.",
            )

    def _write_order_outputs(self, pipeline: Pipeline) -> None:
        for path in self._order_outputs:
            folder = Path(path)
            folder.mkdir(parents=True, exist_ok=True)
            names = "".join(f"{node.name}\n" for node in pipeline.nodes)
            (folder / ORDER_FILE).write_text(names, encoding="utf-8")


def make_memory_dataset(mount: str | Path, only_here: Sequence[str] = ()) -> AzureMLPipelineDataset:
    """Return the dataset that carries in-memory data across steps.

    Args:
        mount: The path that the step was given for it.
        only_here: Paths that exist in this step only: data that hold a path below one of them are
            not saved.

    Example:
        >>> make_memory_dataset("/mnt/x").path.as_posix()
        '/mnt/x/data.pkl'
    """
    nested = {
        "type": "pickle.PickleDataset",
        "filepath": MEMORY_FILE,
        "backend": "kedro_azureml_runner.step_pickle",
        "save_args": {"mounts": list(only_here)},
    }
    return AzureMLPipelineDataset(nested).at(mount)


def _make_scratch(catalog: CatalogProtocol[Any, Any]) -> Path:
    """Make a folder that is there as long as the catalog: hooks may read it after the run."""
    folder = Path(mkdtemp(prefix="kedro-azureml-"))
    weakref.finalize(catalog, _remove, folder, os.getpid())
    return folder


def _remove(folder: Path, maker: int) -> None:
    if os.getpid() == maker:  # and not in a process that a node has forked
        shutil.rmtree(folder, ignore_errors=True)


def _leave_unconfirmed(dataset: AbstractDataset[Any, Any], name: str) -> None:
    """Keep a node's `confirms` from writing a checkpoint into an input, which is read-only."""

    def confirm() -> None:
        logger.warning(
            "'%s' is an input of the job, so its checkpoint is not kept: the next job reads what "
            "this one has read.",
            name,
        )

    if hasattr(dataset, "confirm"):
        dataset.confirm = confirm  # of this instance, which is the step's own


def _at_mount(
    name: str,
    dataset: AbstractDataset[Any, Any] | None,
    mount: str,
    only_here: Sequence[str],
) -> AbstractDataset[Any, Any]:
    if isinstance(dataset, MountableDataset):
        return dataset.at(mount)
    if dataset is None or isinstance(dataset, MemoryDataset):
        return make_memory_dataset(mount, only_here)
    kind = type(dataset)
    raise StepDataError(
        f"The job mounts the dataset '{name}', but in the step's catalog it is a "
        f"{kind.__module__}.{kind.__qualname__}, which has its own address.",
        dataset=name,
        hint="The catalog in the step is not the one that was compiled: compile again.",
    )
