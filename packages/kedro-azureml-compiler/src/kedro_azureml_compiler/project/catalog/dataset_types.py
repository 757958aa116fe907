"""Find the class that an entry's type names, and refuse names and arguments that do not exist.

Classes of kedro-datasets are read from their source, since importing one imports its library.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NamedTuple

import kedro.io
from kedro.io import AbstractDataset
from kedro_azureml_datasets import MountableDataset

from kedro_azureml_compiler.entry_fixes import ReplaceType
from kedro_azureml_compiler.findings import About, Finding, FindingKind, Severity
from kedro_azureml_compiler.project.catalog.dataset_source import (
    DatasetSource,
    list_class_names,
    list_submodules,
    read_class,
)

UNKNOWN_DATASET_TYPE = FindingKind(
    code="unknown-dataset-type",
    severity=Severity.ERROR,
    about=About.DATASET,
    title="The type of an entry, or of a dataset nested in it, does not exist",
    explanation=(
        "It is unknown how such an entry takes part in the data flow, and every step that uses "
        "it would fail. The wrappers of earlier plugins have other names here: treated as any "
        "other dataset, their data would not be carried from step to step."
    ),
    hint="Correct the type.",
    example="features:\n  type: kedro_azureml_datasets.AzureMLPipelineDataset",
)

UNKNOWN_DATASET_ARGUMENT = FindingKind(
    code="unknown-dataset-argument",
    severity=Severity.ERROR,
    about=About.DATASET,
    title="An entry has an argument that its class does not have",
    explanation="Kedro builds the dataset in the step, and would fail there.",
    hint="Correct the argument's name, or remove it.",
)

DATASET_LIBRARY_MISSING = FindingKind(
    code="dataset-library-missing",
    severity=Severity.INFO,
    about=About.DATASET,
    title="The library of an entry's type is not installed where the job is compiled",
    explanation=(
        "The image of the step may have it. Only the configuration of the entry decides how it "
        "takes part in the data flow."
    ),
    hint="Install the library here as well, so that the entry can be checked.",
)

_OURS = ("AzureMLPipelineDataset", "AzureMLAssetDataset")
_READ_AN_ASSET = ("AzureMLFileDataset", "AzureMLFolderDataset", "AzureMLPandasDataset")
_EARLIER_PLUGINS = frozenset({"kedro_azureml", "kedro_azureml_pipeline"})
_DATASETS = ("kedro_datasets", "kedro_datasets_experimental")
_KEYS_OF_THE_CATALOG = frozenset({"type", "versioned", "validator", "version"})
_NESTED = ("dataset", "checkpoint", "response_dataset")


class FoundType(NamedTuple):
    """The class that an entry's type names.

    Args:
        kind: The class, where it could be imported without a library of kedro-datasets.
        source: What its source tells, for a class of kedro-datasets.
        missing: What is wrong with the name; empty if a class was found.
        hint: What to write instead.
        not_here: Whether only a library is missing on this machine.
        successor: The type that has its place now, with the same arguments; empty if none has.
    """

    kind: type[Any] | None = None
    source: DatasetSource | None = None
    missing: str = ""
    hint: str = ""
    not_here: bool = False
    successor: str = ""


def check_types(name: str, config: Any) -> list[Finding]:
    """Find types and arguments that do not exist, in an entry and in what is nested in it.

    Args:
        name: The dataset.
        config: Its configuration.
    """
    if not isinstance(config, Mapping):
        return []
    findings = []
    for kind, arguments, where in _definitions(config, ""):
        if not isinstance(kind, type) and not (isinstance(kind, str) and kind.strip()):
            continue  # the entry's own is refused elsewhere
        found = find_type(kind)
        place = f"the nested type '{kind}'" if where else f"the type '{kind}'"
        if found.missing:
            finding = DATASET_LIBRARY_MISSING if found.not_here else UNKNOWN_DATASET_TYPE
            message, hint = f"{place} {found.missing}", found.hint or None
            fixes: tuple[ReplaceType, ...] = ()
            if found.successor and "type" in arguments:
                keys = (*where.split(".")[:-1], "type")
                fixes = (ReplaceType(name, keys, str(kind), found.successor),)
            findings.append(finding.found(name, message, hint, fixes=fixes))
        elif arguments:
            findings += _argument_findings(name, kind, found, arguments, where)
    return findings


def _definitions(
    config: Mapping[str, Any], where: str
) -> Iterator[tuple[Any, Mapping[str, Any], str]]:
    """Walk through an entry's definitions: type, arguments, and the keys that lead to them."""
    yield config.get("type"), config, where
    for key in _NESTED:
        nested = config.get(key)
        if isinstance(nested, Mapping) and "type" in nested:
            yield from _definitions(nested, f"{where}{key}.")
        elif key == "dataset" and isinstance(nested, str) and "." in nested:
            yield nested, {}, f"{where}{key}."


def _argument_findings(
    name: str, kind: str | type, found: FoundType, config: Mapping[str, Any], where: str
) -> Iterator[Finding]:
    taken = _arguments_of(found)
    if taken is None:
        return
    for key in config:
        if key in _KEYS_OF_THE_CATALOG or key in taken:
            continue
        near = get_close_matches(str(key), taken, 1)
        shown = kind if isinstance(kind, str) else f"{kind.__module__}.{kind.__qualname__}"
        message = f"'{shown}' has no argument '{where}{key}'."
        hint = f"Write '{near[0]}'." if near else f"It takes: {', '.join(sorted(taken))}."
        yield UNKNOWN_DATASET_ARGUMENT.found(name, message, hint)


def _arguments_of(found: FoundType) -> frozenset[str] | None:
    """Return what a class takes; None if that cannot be told, or is anything."""
    if found.source is not None:
        return None if found.source.takes_any else frozenset(found.source.arguments or ())
    if found.kind is None or issubclass(found.kind, MountableDataset):
        return None  # what the wrappers take is checked where they are read
    kind: Any = found.kind
    return _signature(kind)


@cache
def _signature(kind: type) -> frozenset[str] | None:
    try:
        parameters = inspect.signature(kind).parameters.values()
    except (TypeError, ValueError):
        return None
    if any(p.kind in {p.VAR_KEYWORD, p.VAR_POSITIONAL} for p in parameters):
        return None
    return frozenset(p.name for p in parameters)


@cache
def find_type(kind: str | type) -> FoundType:
    """Find the class that a type names, in the order in which Kedro looks for it.

    Args:
        kind: The type of an entry: a name, or the class itself.

    Example:
        >>> find_type("pandas.CSVDataset").source.name
        'CSVDataset'
        >>> find_type("pandas.CSVDatset").hint
        "Write 'type: pandas.CSVDataset'."
    """
    if isinstance(kind, type):
        return FoundType(kind)
    module, _, name = kind.rpartition(".")
    head = kind.partition(".")[0]
    if head in _EARLIER_PLUGINS or (not module and name in _OURS):
        return _of_an_earlier_plugin(name)
    if kind.strip(".") != kind:
        return FoundType(missing="is not the name of a class.", hint="Write 'module.ClassName'.")
    if not module:
        found = getattr(kedro.io, name, None)
        return FoundType(found) if isinstance(found, type) else _misspelt_in_kedro(name)
    if head in _DATASETS or head in list_submodules(_DATASETS[0]):
        path = module if head in _DATASETS else f"{_DATASETS[0]}.{module}"
        source = read_class(path, name)
        if source is not None:
            return FoundType(source=source)
        if head in _DATASETS:
            return _misspelt_in_datasets(path, name, f"{head}.")
        if read_class(module, name) is None:  # a package of that name may have a class of its own
            return _misspelt_in_datasets(path, name, "")
    return _imported(module, name)


def is_of_an_earlier_plugin(kind: str) -> bool:
    """Check whether a type names a dataset of an earlier plugin.

    Args:
        kind: The type.
    """
    return kind.partition(".")[0] in _EARLIER_PLUGINS


def _of_an_earlier_plugin(name: str) -> FoundType:
    missing = "is not the wrapper that this plugin knows."
    ours = f"{name.removesuffix('DataSet')}Dataset" if name.endswith("DataSet") else name
    if ours in _OURS:
        successor = f"kedro_azureml_datasets.{ours}"
        return FoundType(missing=missing, hint=f"Write 'type: {successor}'.", successor=successor)
    if ours in _READ_AN_ASSET:
        hint = "Write 'type: kedro_azureml_datasets.AzureMLAssetDataset', with its arguments."
        return FoundType(missing=missing, hint=hint)
    return FoundType(missing=missing, hint=f"Write 'type: kedro_azureml_datasets.{_OURS[0]}'.")


def _misspelt_in_kedro(name: str) -> FoundType:
    places = [
        f for f in list_submodules(_DATASETS[0]) if name in list_class_names(f"{_DATASETS[0]}.{f}")
    ]
    if places:
        choice = " or ".join(f"'type: {place}.{name}'" for place in places)
        return FoundType(missing="has no module before the class.", hint=f"Write {choice}.")
    known = [n for n, value in vars(kedro.io).items() if _is_dataset(value)]
    near = get_close_matches(name, known, 1)
    if near:
        return FoundType(missing="does not exist.", hint=f"Write 'type: {near[0]}'.")
    return FoundType(missing="does not exist.")


def _is_dataset(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, AbstractDataset)


def _misspelt_in_datasets(module: str, name: str, prefix: str) -> FoundType:
    package, _, folder = module.partition(".")
    if not find_spec(package):
        return FoundType(missing=f"needs {package}, which is not installed.", not_here=True)
    known = list_class_names(module)
    if not known:
        near = get_close_matches(folder.partition(".")[0], list_submodules(package), 1)
        hint = f"Write 'type: {prefix}{near[0]}.{name}'." if near else ""
        return FoundType(missing="does not exist.", hint=hint)
    near = get_close_matches(name, [n for n in known if n.endswith("Dataset")], 1)
    shown = f"{prefix}{folder}".rstrip(".")
    listed = ", ".join(n for n in known if n.endswith("Dataset"))
    hint = f"Write 'type: {shown}.{near[0]}'." if near else f"'{shown}' has: {listed}."
    return FoundType(missing="does not exist.", hint=hint)


def _imported(module: str, name: str) -> FoundType:
    head = module.partition(".")[0]
    try:
        found = getattr(import_module(module), name, None)
    except ModuleNotFoundError as error:
        if error.name != module and not module.startswith(f"{error.name}."):
            return FoundType(missing=f"needs '{error.name}', which is missing here.", not_here=True)
        if error.name != head:
            return FoundType(missing=f"does not exist: there is no module named '{error.name}'.")
        near = get_close_matches(head, (*list_submodules(_DATASETS[0]), *_DATASETS), 1, cutoff=0.85)
        if near and near[0] != head:
            return FoundType(
                missing="does not exist.",
                hint=f"Write 'type: {'.'.join([near[0], *module.split('.')[1:], name])}'.",
            )
        return FoundType(missing=f"needs '{head}', which is not installed here.", not_here=True)
    except ImportError as error:
        return FoundType(missing=f"cannot be imported here: {error}.", not_here=True)
    except Exception as error:  # whatever a module may raise when it is imported
        message = f"cannot be imported: {type(error).__name__}: {error}."
        return FoundType(missing=message, hint="Correct the module.")
    if isinstance(found, type):
        if not _is_dataset(found):
            return FoundType(
                missing="is not a dataset class.", hint="Derive it from kedro.io.AbstractDataset."
            )
        return FoundType(found)
    known = [n for n, value in vars(import_module(module)).items() if _is_dataset(value)]
    near = get_close_matches(name, known, 1)
    hint = f"Write 'type: {module}.{near[0]}'." if near else ""
    return FoundType(missing=f"does not exist: '{module}' has no '{name}'.", hint=hint)
