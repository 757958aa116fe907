"""A dataset that wraps another one and can move its path to a mount."""

from __future__ import annotations

import copy
import difflib
import functools
import inspect
from abc import abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from kedro.io import AbstractDataset, DatasetError
from kedro.io.core import VERSIONED_FLAG_KEY, parse_dataset_definition

from kedro_azureml_datasets.distributed import read_process_rank
from kedro_azureml_datasets.errors import AzureMLDatasetError
from kedro_azureml_datasets.log import logger
from kedro_azureml_datasets.project_paths import check_root_dir, split_project_path

if TYPE_CHECKING:
    from typing_extensions import Self


class MountableDataset(AbstractDataset[Any, Any]):
    """What `AzureMLPipelineDataset` and `AzureMLAssetDataset` share.

    The nested dataset is built when it is first used, once, at the path that is then right.

    Args:
        dataset: Configuration of the nested dataset, as in the catalog: a dict with `type` and the
            nested dataset's path.
        root_dir: Folder below which the data lives in a local run, relative to the project.
        filepath_arg: The nested dataset's argument that holds its path. Where it is `filepath` and
            the nested dataset has none but a `path` (as `PartitionedDataset`), `path` is taken.
        metadata: Anything; neither Kedro nor this package reads it. The nested dataset's by
            default, so that tools find it when an entry has been wrapped.

    Raises:
        AzureMLDatasetError: The nested configuration is not one that can be moved to a mount.
    """

    _wrapped_type: type[AbstractDataset[Any, Any]]

    def __init__(
        self,
        dataset: dict[str, Any],
        root_dir: str,
        filepath_arg: str,
        metadata: dict[str, Any] | None,
    ) -> None:
        if not isinstance(dataset, Mapping) or "type" not in dataset:
            raise AzureMLDatasetError(
                f"'dataset' must be a configuration with a 'type', not {dataset!r}.",
                hint="For example:  dataset: {type: pandas.ParquetDataset, filepath: x.parquet}",
            )
        self.metadata = dataset.get("metadata") if metadata is None else metadata
        self._config = dict(dataset)
        self._path_keys = find_path(self._config, filepath_arg)
        self._project, self._relative_path = split_project_path(str(self._path_in_config()))
        self._root_dir = check_root_dir(root_dir)
        self._mount: Path | None = None
        self._wrapped_type = self._check_wrapped()

    def at(self, mount: Path | str) -> Self:
        """Return the same dataset bound to a mount; this one stays as it is.

        Args:
            mount: The path that a step was given for this dataset.

        Returns:
            A new dataset of the same class that loads from and saves to the mount.

        Example:
            >>> from kedro_azureml_datasets import AzureMLPipelineDataset
            >>> dataset = AzureMLPipelineDataset({"type": "json.JSONDataset", "filepath": "m.json"})
            >>> dataset.at("/mnt/metrics").path.as_posix()
            '/mnt/metrics/m.json'
        """
        bound = copy.copy(self)
        bound._mount = Path(mount)
        return bound

    @property
    def arguments(self) -> dict[str, Any]:
        """The constructor's arguments, as they would stand in the catalog."""
        return {
            "dataset": dict(self._config),
            "root_dir": self._root_dir,
            "filepath_arg": self._path_keys[-1],
        }

    @property
    @abstractmethod
    def path(self) -> Path:
        """Where the nested dataset saves: below the mount, or below `root_dir` in a local run."""

    @property
    def _load_path(self) -> Path:
        return self.path

    @property
    def _path_here(self) -> Path | None:
        """Where the data is if it can be had without asking anybody; None where it cannot."""
        return self.path

    @property
    def _filepath(self) -> PurePosixPath:
        # Kedro-Viz and kedro-mlflow look for this name to show and to log a dataset's file.
        return PurePosixPath(self._shown_path.as_posix())

    @_filepath.setter
    def _filepath(self, file: Path | str) -> None:
        # How a pipeline that kedro-mlflow has stored as a model is told where its artifacts are.
        self._move_to(Path(file))

    @property
    def _shown_path(self) -> Path:
        return self.path

    def _move_to(self, file: Path) -> None:
        self._mount, self._relative_path = file.parent, PurePosixPath(file.name)

    @property
    def _SINGLE_PROCESS(self) -> bool:  # noqa: N802  (Kedro's name: its docs ask for it)
        return bool(getattr(self._wrapped_type, "_SINGLE_PROCESS", False))

    def load(self) -> Any:
        """Load with the nested dataset."""
        return self._wrapped(self._load_path).load()

    def save(self, data: Any) -> None:
        """Save with the nested dataset; in a distributed step only rank 0 does."""
        rank = read_process_rank()
        if rank:
            logger.info("Rank %d leaves saving %s to rank 0.", rank, self.path)
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._wrapped(self.path).save(data)

    def confirm(self) -> None:
        """Confirm the nested dataset, for example an `IncrementalDataset`; only rank 0 does.

        Raises:
            AzureMLDatasetError: The nested dataset has nothing to confirm.
        """
        wrapped = self._wrapped(self._load_path)
        if not hasattr(wrapped, "confirm"):
            raise AzureMLDatasetError(
                f"The nested dataset {wrapped} has no 'confirm' method.",
                hint="Remove the dataset from the node's 'confirms', or use an IncrementalDataset.",
            )
        if not read_process_rank():  # a confirmation writes a checkpoint
            wrapped.confirm()

    @property
    def preview(self) -> Callable[..., Any]:
        """The nested dataset's `preview`, where it has one: Kedro-Viz asks for it."""
        method = getattr(self._wrapped_type, "preview", None)
        if method is None:
            raise AttributeError("preview")  # what `hasattr` expects

        @functools.wraps(method)
        def preview(*args: Any, **kwargs: Any) -> Any:
            path = self._path_here
            if path is None:
                raise AzureMLDatasetError(f"{self} is not on this machine.", hint="Load it once.")
            return self._wrapped(path).preview(*args, **kwargs)  # type: ignore[attr-defined]

        signature = inspect.signature(method)
        own = list(signature.parameters.values())[1:]  # without `self`
        preview.__signature__ = signature.replace(parameters=own)  # type: ignore[attr-defined]
        return preview

    def _exists(self) -> bool:
        path = self._path_here
        return path is not None and self._wrapped(path).exists()

    def _release(self) -> None:
        for wrapped in self._built.values():
            wrapped.release()

    def _describe(self) -> dict[str, Any]:
        kind = self._wrapped_type
        return {"path": self.path.as_posix(), "dataset": f"{kind.__module__}.{kind.__qualname__}"}

    @property
    def _built(self) -> dict[Path, AbstractDataset[Any, Any]]:
        # In __dict__ and not made in __init__, so that a copy can be had without it.
        built: dict[Path, AbstractDataset[Any, Any]] = self.__dict__.setdefault("_built_at", {})
        return built

    def _wrapped(self, path: Path) -> AbstractDataset[Any, Any]:
        built = self._built
        if path not in built:
            config = _with_path(self._config, self._path_keys, path.as_posix())
            # setdefault: of two threads that come here at once, one wins for both.
            built.setdefault(path, AbstractDataset.from_config(type(self).__name__, config))
        return built[path]

    def __getstate__(self) -> dict[str, Any]:
        # Of copies and pickles. The nested dataset is built again where it is used: it may hold a
        # lock or a connection, and a CachedDataset takes the mark of an empty cache for data once
        # it is another object.
        return {name: value for name, value in self.__dict__.items() if name != "_built_at"}

    def _path_in_config(self) -> Any:
        value: Any = self._config
        for key in self._path_keys:
            value = value[key]
        return value

    def _check_wrapped(self) -> type[AbstractDataset[Any, Any]]:
        """Find at construction what would otherwise be found after the first node has run."""
        level: Any = self._config
        kind = _check_definition(level)
        for key in self._path_keys[:-1]:
            level = level[key]
            _check_definition(level)
        return kind


def _check_definition(config: dict[str, Any]) -> type[AbstractDataset[Any, Any]]:
    refuse_versioned(config)
    try:
        kind, arguments = parse_dataset_definition(config)
    except DatasetError:
        raise
    except Exception as error:  # an odd 'type', or whatever an import may raise
        raise AzureMLDatasetError(
            f"The nested dataset's type {config.get('type')!r} cannot be loaded: {error!r}.",
            hint="Write the name of a dataset class, for example 'type: pandas.ParquetDataset'.",
        ) from error
    if issubclass(kind, MountableDataset):
        raise AzureMLDatasetError(
            f"The nested dataset is a {kind.__name__}, which would not follow the mount.",
            hint="Remove one of the two wrappers.",
        )
    try:
        inspect.signature(kind).bind(**arguments)
    except TypeError as error:
        raise AzureMLDatasetError(
            f"The nested dataset of type {kind.__module__}.{kind.__qualname__} cannot be "
            f"built: {error}.",
            hint="Only arguments of that class belong below 'dataset'.",
        ) from error
    return kind


def refuse_versioned(config: Mapping[str, Any]) -> None:
    """Refuse a nested dataset with `versioned: true`.

    Args:
        config: Configuration of the nested dataset.

    Raises:
        AzureMLDatasetError: It has it.

    Example:
        >>> refuse_versioned({"type": "pandas.CSVDataset", "filepath": "x.csv"})
    """
    if config.get(VERSIONED_FLAG_KEY):
        raise AzureMLDatasetError(
            f"The nested dataset {config.get('type')!r} has 'versioned: true', but a mount holds "
            "exactly one version.",
            hint="Remove 'versioned' from the nested dataset. For versions, use "
            "AzureMLAssetDataset; Azure ML numbers them.",
        )


_PATH_ARGUMENTS: tuple[str, ...] = ("filepath", "path")


def find_path(config: dict[str, Any], filepath_arg: str) -> tuple[str, ...]:
    """Find the argument that holds a nested dataset's path.

    Args:
        config: Configuration of the nested dataset.
        filepath_arg: Name of the argument; `filepath` stands for `path` too, where there is none.

    Returns:
        The keys that lead to it: several where the nested dataset wraps the one that has the path.

    Raises:
        AzureMLDatasetError: There is no such argument.

    Example:
        >>> find_path({"type": "CachedDataset", "dataset": {"filepath": "x.csv"}}, "filepath")
        ('dataset', 'filepath')
    """
    wanted = _PATH_ARGUMENTS if filepath_arg == _PATH_ARGUMENTS[0] else (filepath_arg,)
    keys: tuple[str, ...] = ()
    level = config
    while True:
        for name in wanted:
            if isinstance(level.get(name), (str, Path, PurePosixPath)):
                return (*keys, name)
        nested = level.get("dataset")
        if not isinstance(nested, dict):
            break
        keys, level = (*keys, "dataset"), nested
    misspelt = difflib.get_close_matches(
        filepath_arg, [str(key) for key in level if key not in wanted], 1
    )
    raise AzureMLDatasetError(
        f"The nested dataset {config.get('type')!r} has no '{filepath_arg}', so there is no path "
        "to move to a mount.",
        hint=(f"Did you mean it by '{misspelt[0]}'? " if misspelt else "")
        + "Add a 'filepath', or name the argument that holds its path: 'filepath_arg: ...'.",
    )


def _with_path(config: dict[str, Any], keys: tuple[str, ...], path: str) -> dict[str, Any]:
    if len(keys) == 1:
        return {**config, keys[0]: path}
    return {**config, keys[0]: _with_path(config[keys[0]], keys[1:], path)}
