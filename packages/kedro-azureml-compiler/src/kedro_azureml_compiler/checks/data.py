"""Find data that crosses steps in a different way than in a local run."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from typing import TYPE_CHECKING

from kedro_azureml_datasets.local_versions import LOCAL_VERSION
from kedro_azureml_runner.reachability.addresses import Reach
from kedro_azureml_runner.reachability.verdicts import Role

from kedro_azureml_compiler.findings import About, Finding, FindingKind, Severity
from kedro_azureml_compiler.planning.facts import (
    IN_MEMORY,
    DatasetFacts,
    DatasetKind,
    strip_transcoding,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kedro_azureml_compiler.planning.facts import ProjectFacts
    from kedro_azureml_compiler.planning.plan import Plan, PlannedDataset

    _Use = tuple[str, str | None]
    """A dataset, and the table that it uses where it is one of a database."""


MEMORY_ASSIGN = FindingKind(
    code="memory-assign",
    severity=Severity.WARNING,
    about=About.DATASET,
    title="An object with `copy_mode: assign` crosses steps",
    explanation=(
        "With `copy_mode: assign`, all nodes of a local run share the same object: a "
        "connection, a model on a GPU, or an object that one node changes and another sees "
        "changed. Between steps each reader gets its own copy, made by cloudpickle, if the "
        "object can be pickled at all."
    ),
    hint="Put the nodes that use it into one step, for example with `grouping: memory`.",
    example=("jobs:\n  training:\n    grouping: memory"),
)

MEMORY_BETWEEN_STEPS = FindingKind(
    code="memory-between-steps",
    severity=Severity.INFO,
    about=About.DATASET,
    title="Data that a local run keeps in memory crosses steps",
    explanation=(
        "The writer leaves a pickle (cloudpickle) in a temporary output, and each reader loads it. "
        "Its size is known only when the job runs: a large one costs time with every reader. An "
        "object that reads lazily, such as the load functions of a PartitionedDataset or a "
        "LazyFrame, holds a path that only the writing step has: the step refuses to save it."
    ),
    hint=(
        "Plain data needs no change; a catalog entry would store it in a format of your choice. "
        "For lazy objects, return loaded data, or keep the nodes in one step with `grouping: "
        "memory`."
    ),
)

SHARED_LOCAL_FILE = FindingKind(
    code="shared-local-file",
    severity=Severity.ERROR,
    about=About.DATASET,
    title="Two entries use the same local file, and at least one of them writes it",
    explanation=(
        "Kedro sees two datasets and does not order their nodes. On Azure ML the writer has its "
        "own disk (or writes to a mount), and the reader finds the file that was in the project "
        "when the job was compiled: stale data, without a warning. If both entries write it, a "
        "local run keeps what is written last for all readers, and the job keeps both."
    ),
    hint=(
        "Use one dataset in both nodes, with transcoding if they load it differently; or give "
        "each entry its own path."
    ),
    example=(
        "scores@pandas:\n"
        "  type: kedro_azureml_datasets.AzureMLPipelineDataset\n"
        "  dataset: {type: pandas.CSVDataset, filepath: scores.csv}\n"
        "scores@text:\n"
        "  type: kedro_azureml_datasets.AzureMLPipelineDataset\n"
        "  dataset: {type: text.TextDataset, filepath: scores.csv}"
    ),
)

TRANSCODED_APART = FindingKind(
    code="transcoded-apart",
    severity=Severity.ERROR,
    about=About.DATASET,
    title="Transcoded entries of one dataset have different paths, assets or versions",
    explanation=(
        "`x@pandas` and `x@spark` are one dataset and get one mount. The data that the second "
        "entry names would never be read."
    ),
    hint=(
        "Give all entries of the dataset the same `azureml_dataset`, `azureml_version`, "
        "`azureml_type`, `root_dir` and path; only the types of the nested datasets may differ."
    ),
    fixed=True,
)

VERSIONED_PER_STEP = FindingKind(
    code="versioned-per-step",
    severity=Severity.WARNING,
    about=About.DATASET,
    title="Datasets with `versioned: true` cross steps, or are written in several",
    explanation=(
        "Each step is a Kedro session with its own save version. A reader loads the newest "
        "version that it finds, which is the right one as long as nothing else writes there. "
        "Two versioned datasets of one job get different versions, which would be equal in a "
        "local run."
    ),
    hint="Let Azure ML keep the versions.",
    example=(
        "model:\n"
        "  type: kedro_azureml_datasets.AzureMLAssetDataset\n"
        "  azureml_dataset: model\n"
        "  dataset: {type: pickle.PickleDataset, filepath: model.pkl}"
    ),
)


def check_data(plan: Plan, facts: ProjectFacts) -> list[Finding]:
    """Find differences to a local run in data that one step writes and another reads.

    Args:
        plan: What becomes of every dataset.
        facts: What is known about the project.
    """
    entries: dict[str, list[DatasetFacts]] = defaultdict(list)
    for name in sorted(facts.datasets):
        entries[strip_transcoding(name)].append(facts.datasets[name])
    findings: list[Finding] = []
    for dataset in plan.datasets:
        readers = [step for step in dataset.read_by if step != dataset.written_by]
        if dataset.written_by is not None and readers:
            findings += _crossing(dataset, readers, entries[dataset.name])
        if len(entries[dataset.name]) > 1:
            findings += _find_conflicts(dataset.name, entries[dataset.name])
    return [*findings, *_find_save_versions(plan, entries), *_shared_files(plan, entries)]


def _find_save_versions(plan: Plan, entries: dict[str, list[DatasetFacts]]) -> Iterable[Finding]:
    """Find datasets with equal save versions in a local run, but not in a job."""
    written = [
        dataset
        for dataset in plan.datasets
        if dataset.written_by is not None
        and any(
            entry.versioned and entry.reach is not Reach.LOCAL for entry in entries[dataset.name]
        )
    ]
    steps = {dataset.written_by for dataset in written}
    for dataset in written if len(steps) > 1 else ():
        if {step for step in dataset.read_by if step != dataset.written_by}:
            continue  # reported already, for its reader
        others = sorted(d.name for d in written if d.written_by != dataset.written_by)
        message = (
            f"versioned by Kedro, like {_listed(others)}, which another step writes: each step is "
            "a session with its own save version, so the versions of one job do not match."
        )
        hint = (
            "Let Azure ML keep the versions: wrap the entry in an AzureMLAssetDataset, without "
            "'versioned'; or put the nodes into one step."
        )
        yield VERSIONED_PER_STEP.found(dataset.name, message, hint)


def _keeps_versions_elsewhere(entry: DatasetFacts) -> bool:
    return entry.versioned and entry.reach is not Reach.LOCAL


def _crossing(
    dataset: PlannedDataset, readers: list[str], entries: list[DatasetFacts]
) -> Iterable[Finding]:
    name = dataset.name
    in_memory = all(entry.kind in IN_MEMORY for entry in entries)
    versioned = any(map(_keeps_versions_elsewhere, entries))
    if not in_memory and not versioned:
        return
    way = f"from the step '{dataset.written_by}' to {_listed(readers)}"
    if in_memory:
        message = f"is passed {way} as a pickle of unknown size; a local run keeps it in memory."
        hint = (
            "Nothing has to change. An AzureMLPipelineDataset gives it another format; "
            "'grouping: memory' puts its nodes into one step."
        )
        yield MEMORY_BETWEEN_STEPS.found(name, message, hint)
        if any(entry.copy_mode == "assign" for entry in entries):
            message = f"'copy_mode: assign' passes the object itself; {way}, each step gets a copy."
            hint = (
                "Put its nodes into one step ('grouping: memory', or a named group), or make sure "
                "that no node changes the object for others and that it can be pickled."
            )
            yield MEMORY_ASSIGN.found(name, message, hint)
    if versioned:
        message = (
            f"versioned by Kedro, and passed {way}: each step is a session with its own save "
            "version, so a reader takes the newest version that it finds, and the versions of one "
            "job do not match."
        )
        hint = (
            "Let Azure ML keep the versions: wrap the entry in an AzureMLAssetDataset, without "
            "'versioned'."
        )
        yield VERSIONED_PER_STEP.found(name, message, hint)


def _find_conflicts(base: str, entries: list[DatasetFacts]) -> Iterable[Finding]:
    """Find transcoded entries of one dataset with different paths, assets or versions."""
    first = entries[0]
    for other in entries[1:]:
        if other.kind is not first.kind:
            continue  # reported as mixed-entries
        ours, theirs = _describe_entry(first), _describe_entry(other)
        if ours != theirs:
            message = f"'{first.name}' is {ours} and '{other.name}' is {theirs}."
            yield TRANSCODED_APART.found(base, message)


def _describe_entry(entry: DatasetFacts) -> str:
    if entry.asset is not None:
        kind = "file" if entry.asset.is_file else "folder"
        version = (
            f"version '{entry.asset.version}'" if entry.asset.version else "the latest version"
        )
        return f"{version} of the data asset '{entry.asset.name}' (a {kind})"
    return f"'{entry.local_path}'" if entry.kind is DatasetKind.PIPELINE else ""


def _shared_files(plan: Plan, entries: dict[str, list[DatasetFacts]]) -> Iterable[Finding]:
    """Find a file of two entries of which one is written: each step has its own copy of it."""
    written: dict[str, list[_Use]] = defaultdict(list)
    read: dict[str, list[_Use]] = defaultdict(list)
    for dataset in plan.datasets:
        for entry in entries[dataset.name]:
            for path, table, is_data in _files_of(entry):
                if dataset.written_by is not None and is_data:
                    written[path].append((dataset.name, table))
                elif dataset.read_by:
                    read[path].append((dataset.name, table))
    if not written:
        return
    pairs = set()
    for path, readers in (*read.items(), *written.items()):
        for place in (path, *_folders_above(path)):
            pairs |= {(r, w, path) for r in readers for w in written.get(place, ())}
    for path, writers in written.items():
        for place in _folders_above(path):
            pairs |= {(r, w, place) for w in writers for r in read.get(place, ())}
    shared: dict[tuple[str, str], str] = {}
    for (reader, read_table), (writer, written_table), path in sorted(pairs, key=_names):
        # Two tables of one database are two things; a query may read any.
        same = None in {read_table, written_table} or read_table == written_table
        if reader != writer and same:
            both_write = plan.dataset(reader).written_by is not None
            pair = sorted((reader, writer), reverse=True) if both_write else (reader, writer)
            shared.setdefault((pair[0], pair[1]), path)
    for (reader, writer), path in shared.items():
        if _is_harmless(plan, entries, reader, writer):
            continue
        step = plan.dataset(writer).written_by
        other = plan.dataset(reader).written_by
        if other is None:
            message = (
                f"'{path}' is read through this entry and written through '{writer}' by the step "
                f"'{step}', which has its own disk: the reader gets the file as it was before the "
                "job."
            )
            hint = f"Let the nodes that read it read '{writer}' instead."
        else:
            message = (
                f"'{path}' is written through this entry by the step '{other}' and through "
                f"'{writer}' by the step '{step}': a local run keeps what is written last, and in "
                "the job each entry keeps its own."
            )
            hint = "Give each of the two entries its own path."
        yield SHARED_LOCAL_FILE.found(reader, message, hint)


def _names(pair: tuple[_Use, _Use, str]) -> tuple[str, str, str]:
    (reader, _), (writer, _), path = pair
    return reader, writer, path


def _files_of(entry: DatasetFacts) -> Iterator[tuple[str, str | None, bool]]:
    """List an entry's local files: path, table, and whether they hold its data."""
    if entry.kind is DatasetKind.ASSET:
        yield posixpath.normpath(f"{entry.local_copy}/{LOCAL_VERSION}"), None, True
    elif entry.kind is not DatasetKind.STANDARD and entry.local_path is not None:
        yield posixpath.normpath(entry.local_path), None, True
    for file in entry.files:
        if file.role is not Role.CHECKPOINT:
            yield file.path, file.table, file.role is not Role.QUERY


def _folders_above(path: str) -> list[str]:
    """Return the folders above a clean path, ten times as fast as pathlib does."""
    parts = path.split("/")
    above = ["/".join(parts[:count]) or "/" for count in range(len(parts) - 1, 0, -1)]
    return above if path.startswith("/") else [*above, "."]


def _is_harmless(
    plan: Plan, entries: dict[str, list[DatasetFacts]], reader: str, writer: str
) -> bool:
    """Check whether two entries with one file do in the job what they do in a local run."""
    both = [plan.dataset(reader), plan.dataset(writer)]
    kinds = {entry.kind for dataset in both for entry in entries[dataset.name]}
    if kinds == {DatasetKind.ASSET}:
        return True  # two entries of one asset: reported as that
    if kinds != {DatasetKind.STANDARD}:
        return False
    if not any(dataset.read_by for dataset in both):
        return True  # both vanish with their steps, and are reported for that
    steps = {step for dataset in both for step in (*dataset.read_by, dataset.written_by)}
    return len(steps - {None}) == 1  # on the disk of one step


def _listed(steps: list[str]) -> str:
    shown = ", ".join(f"'{step}'" for step in steps[:5])
    return shown if len(steps) <= 5 else f"{shown} and {len(steps) - 5} more"
