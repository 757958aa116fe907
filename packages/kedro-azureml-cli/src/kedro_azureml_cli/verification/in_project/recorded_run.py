"""Run the nodes of a job as `kedro run` does, and keep what stays in memory."""

from __future__ import annotations

import json
import shutil
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro.framework.hooks import hook_impl
from kedro.framework.project import pipelines
from kedro.io import MemoryDataset
from kedro.pipeline import Pipeline
from kedro.runner import SequentialRunner
from kedro_azureml_datasets import (
    AzureMLAssetDataset,
    AzureMLPipelineDataset,
    MountableDataset,
    rebind,
)

from .project_session import open_session

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kedro.io import CatalogProtocol
    from pluggy import PluginManager

_ANYWHERE = Path("/mount")

_MEMORY_FILE = "data.pkl"
"""Name of the file in which a step hands on what a local run has in memory."""


def run_recorded(request: Mapping[str, Any]) -> None:
    """Run the nodes of a job in the project that is the working directory.

    Args:
        request: `session`, how to open the project; `pipelines` and `nodes`, what to run;
            `load_versions` by the entry's name; `asset_versions`, dataset name without transcoding
            to the version to read where none is pinned; `datasets`, names without transcoding of
            those to be compared; `folder`, for what stays in memory; `record`, the file that tells
            where each dataset is. Of a submitted job also `inputs`, names without transcoding to
            what a step mounts; then datasets with their own address are recorded as well.

    Raises:
        Exception: Whatever a node, a dataset or the project's configuration raises.
    """
    with open_session(request["session"]) as opened:
        registered = [pipelines[name] for name in request["pipelines"]]
        selected = sum(registered, Pipeline([])).filter(node_names=list(request["nodes"]))
        versions = {
            name: request["asset_versions"][_base(name)]
            for name in selected.inputs()
            if _base(name) in request["asset_versions"]
        }
        opened.session.run(
            pipeline_names=list(request["pipelines"]),
            node_names=list(request["nodes"]),
            load_versions={**versions, **request["load_versions"]} or None,
            runner=_RecordingRunner(request),
            **opened.late,
        )


class _RecordingRunner(SequentialRunner):
    """The runner of `kedro run`, which tells where the data is and pickles what has no place."""

    def __init__(self, request: Mapping[str, Any]) -> None:
        super().__init__()
        self._wanted = frozenset(request["datasets"])
        self._inputs: Mapping[str, str] | None = request.get("inputs")
        self._folder = Path(request["folder"])
        self._record = Path(request["record"])

    def run(
        self,
        pipeline: Pipeline,
        catalog: CatalogProtocol[Any, Any],
        hook_manager: PluginManager | None = None,
        run_id: str | None = None,
        only_missing_outputs: bool = False,
    ) -> dict[str, Any]:
        project = Path.cwd()
        places: dict[str, dict[str, Any]] = {}
        in_memory: dict[str, Path] = {}
        for name in sorted(pipeline.inputs()):
            mounted = (self._inputs or {}).get(_base(name))
            if mounted is not None:
                _mount_input(name, Path(mounted), catalog)
        for number, name in enumerate(sorted(pipeline.all_outputs())):
            base = _base(name)
            dataset = catalog.get(name) if name in catalog else None
            if isinstance(dataset, MountableDataset):
                mount, inside = _mount(dataset)
                if not dataset.path.is_relative_to(project):  # not this run's to write to
                    mount = self._folder / "outside" / str(number)
                    _move(base, mount, pipeline, catalog)
                _remove(mount / inside)  # of an earlier run: partitions would stay among the new
                if base in self._wanted:
                    places[base] = {
                        "entry": name,
                        "kind": "asset" if isinstance(dataset, AzureMLAssetDataset) else "pipeline",
                        "type": _type(dataset),
                        "mount": str(mount),
                        "inside": inside.as_posix(),
                    }
            elif base in self._wanted and (dataset is None or isinstance(dataset, MemoryDataset)):
                in_memory[name] = self._folder / "memory" / f"{number}.pkl"
                places[base] = {
                    "entry": None,
                    "kind": "memory",
                    "type": None,
                    "mount": str(in_memory[name]),
                    "inside": ".",
                }
            elif self._inputs is not None and dataset is not None and not _is_in_memory(dataset):
                places.setdefault(base, _external(dataset))
        self._record.write_text(json.dumps(places), encoding="utf-8")
        if hook_manager is not None:
            hook_manager.register(_MemoryRecorder(in_memory))
        results: dict[str, Any] = super().run(
            pipeline, catalog, hook_manager, run_id, only_missing_outputs
        )
        return results


class _MemoryRecorder:
    """A Kedro hook that pickles data as a step does when it hands it to another."""

    def __init__(self, files: Mapping[str, Path]) -> None:
        self._files = files

    @hook_impl
    def after_dataset_saved(self, dataset_name: str, data: Any) -> None:
        """A node has given data to others; a generator node does so several times."""
        if dataset_name not in self._files:
            return
        cloudpickle: Any = import_module("cloudpickle")
        file = self._files[dataset_name]
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            with file.open("wb") as target:
                cloudpickle.dump(data, target)
        except Exception as error:  # it need not be possible for a local run
            file.unlink()
            print(f"'{dataset_name}' cannot be pickled: {type(error).__name__}: {error}")


def _mount(dataset: MountableDataset) -> tuple[Path, Path]:
    """Part a dataset's path into what a mount stands for, and the path inside the mount."""
    inside = dataset.at(_ANYWHERE).path.relative_to(_ANYWHERE)
    mount = dataset.path
    for _ in inside.parts:
        mount = mount.parent
    return mount, inside


def _move(base: str, mount: Path, pipeline: Pipeline, catalog: CatalogProtocol[Any, Any]) -> None:
    """Bind every entry of a dataset, transcoded ones too, to a folder of the run's own."""
    for name in sorted(pipeline.datasets()):
        dataset = catalog.get(name) if _base(name) == base else None
        if isinstance(dataset, MountableDataset):
            rebind(catalog, name, dataset.at(mount))


def _mount_input(name: str, place: Path, catalog: CatalogProtocol[Any, Any]) -> None:
    """Let an entry read what a step mounts; what no entry mounts was pickled by another step."""
    dataset = catalog.get(name) if name in catalog else None
    if isinstance(dataset, MountableDataset):
        rebind(catalog, name, dataset.at(place))
    elif dataset is None or _is_in_memory(dataset):
        pickled = {"type": "pickle.PickleDataset", "filepath": _MEMORY_FILE}
        rebind(catalog, name, AzureMLPipelineDataset(pickled).at(place))


def _is_in_memory(dataset: Any) -> bool:
    return isinstance(dataset, MemoryDataset)


def _external(dataset: Any) -> dict[str, Any]:
    kind = type(dataset)
    return {
        "entry": None,
        "kind": "external",
        "type": f"{kind.__module__}.{kind.__qualname__}",
        "mount": "",
        "inside": ".",
    }


def _type(dataset: MountableDataset) -> str:
    kind = dataset.arguments["dataset"]["type"]
    return kind if isinstance(kind, str) else f"{kind.__module__}.{kind.__qualname__}"


def _base(name: str) -> str:
    return name.partition("@")[0]


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
