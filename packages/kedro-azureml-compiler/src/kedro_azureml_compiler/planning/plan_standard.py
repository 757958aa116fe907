"""Decide on standard datasets, for which nothing is mounted: every container reaches them, or not.

Of several entries of one dataset (transcoding), the one that is hardest to reach decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_azureml_runner.reachability.addresses import Reach
from kedro_azureml_runner.reachability.entries import OWN_MLFLOW_RUN
from kedro_azureml_runner.reachability.verdicts import Role

from kedro_azureml_compiler.findings import About, Finding, FindingKind, Severity
from kedro_azureml_compiler.planning.wrapping import plan_wrapping, write_wrapping_hint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kedro_azureml_compiler.entry_fixes import WrapEntry
    from kedro_azureml_compiler.planning.dataset_use import DatasetUse
    from kedro_azureml_compiler.planning.facts import DatasetFacts
    from kedro_azureml_compiler.planning.plan import PlannedDataset

LOCAL_INPUT_OUTSIDE = FindingKind(
    code="local-input-outside",
    severity=Severity.ERROR,
    about=About.DATASET,
    title="A node reads a local file outside the project",
    explanation="Only the project's folder is uploaded with the job.",
    hint=(
        "Move the file into the project, or register it as a data asset and read it with an "
        "`AzureMLAssetDataset`. If every container has the file, in its image or on a share, "
        "list the dataset under `external`."
    ),
    example="jobs:\n  training:\n    external: [reference_data]",
)

LOCAL_DATA_BETWEEN_STEPS = FindingKind(
    code="local-data-between-steps",
    severity=Severity.ERROR,
    about=About.DATASET,
    title="One step writes data to its own machine and another reads it",
    explanation=(
        "Every step runs in a container with its own disk and memory. The reader would find "
        "nothing, or the data that was in the project when the job was compiled. This applies "
        "to every address without a protocol, to `file:`, `local:` and `memory:`, to SQLite, "
        "DuckDB and other embedded databases, and to servers on `localhost`, whatever the name "
        "of the argument."
    ),
    hint=(
        "Wrap a file, and Azure ML carries it from step to step; write a table to a server; or "
        "put both nodes into one step with `grouping`. If every container sees the same "
        "location, such as a share that all nodes mount, list the dataset under `external` of "
        "the job."
    ),
    example=(
        "features:\n"
        "  type: kedro_azureml_datasets.AzureMLPipelineDataset\n"
        "  root_dir: data/intermediate\n"
        "  dataset: {type: pandas.ParquetDataset, filepath: features.parquet}"
    ),
)

LOCAL_OUTPUT_VANISHES = FindingKind(
    code="local-output-vanishes",
    severity=Severity.WARNING,
    about=About.DATASET,
    title="A node writes a local file that no other step reads",
    explanation=(
        "The file is lost when the step's container ends. This also applies to the tables of an "
        "SQLite or DuckDB file, and to the checkpoint of an `IncrementalDataset`."
    ),
    hint=(
        "Wrap the entry in an `AzureMLPipelineDataset` to find the file among the step's "
        "outputs, or in an `AzureMLAssetDataset` to register it."
    ),
)

LOOPBACK_ADDRESS = FindingKind(
    code="loopback-address",
    severity=Severity.WARNING,
    about=About.DATASET,
    title="A node uses a server on the machine itself",
    explanation=(
        "In a step, `localhost` is its container, where no server runs unless the step's own "
        "image starts one."
    ),
    hint="Write the address of a server that the containers can reach, as a reference.",
    example="database:\n  con: ${oc.env:DATABASE_URL}",
)

UNKNOWN_REACHABILITY = FindingKind(
    code="unknown-reachability",
    severity=Severity.ERROR,
    about=About.DATASET,
    title="One step writes a dataset and another reads it, but its location is unknown",
    explanation=(
        "The entry has no address that shows that every container reaches the same data: it is "
        "a class of the project, a dataset that a hook adds, or its protocol is unknown. A "
        "guess could produce a job that passes the checks and reads old data."
    ),
    hint=(
        "Wrap the entry in an `AzureMLPipelineDataset`, or declare that every container reaches "
        "it, by its name or a pattern."
    ),
    example="jobs:\n  training:\n    external: [features, warehouse_*]",
)

UNRESOLVED_ADDRESS = FindingKind(
    code="unresolved-address",
    severity=Severity.WARNING,
    about=About.DATASET,
    title="The address of a dataset that crosses steps is known only in the steps",
    explanation=(
        "A variable or a secret of the address is not set on this machine. Each step that uses "
        "the dataset checks the address before its first node, and fails if it is local."
    ),
    hint=(
        "Set the variable here as well, so that the address is checked before the job is paid "
        "for; or list the dataset under `external`."
    ),
    example="jobs:\n  training:\n    external: [features]",
)

MLFLOW_BETWEEN_STEPS = FindingKind(
    code="mlflow-between-steps",
    severity=Severity.ERROR,
    about=About.DATASET,
    title="One step writes to the MLflow run and another reads from it",
    explanation=(
        "A dataset of kedro-mlflow without a `run_id` uses the active run. On Azure ML every "
        "step has its own MLflow run, so the reader looks where nothing was written."
    ),
    hint=(
        "Pass the object from step to step in another dataset, and keep the MLflow entry as an "
        "output; or put both nodes into one step with `grouping`."
    ),
    example=(
        "model:\n"
        "  type: kedro_azureml_datasets.AzureMLPipelineDataset\n"
        "  dataset: {type: pickle.PickleDataset, filepath: model.pkl}"
    ),
)

_HARDEST_FIRST = (Reach.LOCAL, Reach.UNKNOWN, Reach.UNRESOLVED, Reach.REACHABLE)


def plan_standard(
    use: DatasetUse, planned: PlannedDataset, exists: Callable[[str], bool]
) -> tuple[PlannedDataset, list[Finding]]:
    """Decide whether the steps that use a standard dataset reach it.

    Args:
        use: Who writes and who reads it.
        planned: What is planned for it so far.
        exists: Whether a path relative to the project exists.

    Returns:
        What becomes of it, and what was found wrong.
    """
    entry = min(use.entries or (use.facts,), key=lambda facts: _HARDEST_FIRST.index(facts.reach))
    if use.writer and use.other_readers:
        return _plan_crossing(use, entry, planned)
    findings = list(_of_one_step(use, entry, exists))
    path = _path(entry)
    if entry.external:
        why = "declared as external: every container reaches it"
    elif entry.loopback:
        why = f"{entry.address}, which is the machine itself"
    elif path is None:
        why = f"{entry.type_name or 'the dataset'} has its own address"
    elif use.writer is None:
        outside = any(finding.code == LOCAL_INPUT_OUTSIDE.code for finding in findings)
        why = f"'{path}' lies outside the project" if outside else f"'{path}' travels with the code"
    elif use.stays_in_step:
        why = f"'{path}' on the disk of the only step that uses it"
    else:
        why = "written to the step's own disk, and lost with it"
    return planned._replace(why=why), findings


def _path(entry: DatasetFacts) -> str | None:
    data = [file.path for file in entry.files if file.role in {Role.DATA, Role.DATABASE}]
    return data[0] if data else None


def _plan_crossing(
    use: DatasetUse, entry: DatasetFacts, planned: PlannedDataset
) -> tuple[PlannedDataset, list[Finding]]:
    if entry.reach is Reach.REACHABLE:
        why = (
            "declared as external"
            if entry.external
            else f"{entry.type_name or 'the dataset'} has its own address"
        )
        why += "; the steps that read it wait for the one that writes it"
        return planned._replace(why=why), []
    readers = ", ".join(f"'{step}'" for step in use.other_readers)
    if entry.reach is Reach.UNRESOLVED:
        why = "its address is known in the steps alone; those that read it wait for the writer"
        message = (
            f"the step '{use.writer}' writes it and {readers} reads it, and its address "
            f"('{entry.argument}') is not known here: a variable or a secret is not set."
        )
        return planned._replace(why=why), [
            UNRESOLVED_ADDRESS.found(
                use.name,
                message,
                _external_hint(use.name, "Set it here as well to have it checked now. Or say"),
            )
        ]
    if entry.reach is Reach.UNKNOWN:
        why = "nothing says that the steps reach the same data"
        message = (
            f"the step '{use.writer}' writes it and {readers} reads it, and nothing in the entry "
            f"says that they reach the same data ({entry.type_name}: {entry.address})."
        )
        hint = _external_hint(use.name, "Wrap it in an AzureMLPipelineDataset, or say")
        return planned._replace(why=why), [UNKNOWN_REACHABILITY.found(use.name, message, hint)]
    if entry.address == OWN_MLFLOW_RUN:
        why = "written to the MLflow run of its step, where no other step looks"
        message = (
            f"the step '{use.writer}' writes it to its own MLflow run, and {readers} looks in "
            "another one."
        )
        hint = (
            "Carry the object by an AzureMLPipelineDataset and keep the MLflow entry as an output, "
            "or let the nodes share a step ('grouping')."
        )
        return planned._replace(why=why), [MLFLOW_BETWEEN_STEPS.found(use.name, message, hint)]
    why = "written to the step's own disk, where no other step can read it"
    if entry.loopback:
        why = f"{entry.address} is another machine in each step"
        message = (
            f"the step '{use.writer}' writes it and {readers} reads it, but its address "
            f"({entry.address}) is the machine itself, which is another one in each step."
        )
    else:
        path = _path(entry)
        place = f"'{path}'" if path else entry.address
        message = (
            f"the step '{use.writer}' writes it to its own machine ({place}), where {readers} "
            "cannot read it."
        )
    hint, fixes = _advise(use, entry)
    return planned._replace(why=why), [
        LOCAL_DATA_BETWEEN_STEPS.found(use.name, message, hint, fixes=fixes)
    ]


def _advise(use: DatasetUse, entry: DatasetFacts) -> tuple[str, tuple[WrapEntry, ...]]:
    """Return a hint, and the changes of the catalog that it shows."""
    entries = use.entries or (use.facts,)
    fixes = plan_wrapping(entries)
    if fixes:
        return write_wrapping_hint(entries, fixes), fixes
    what = (
        "Write the address of a server that every container reaches"
        if entry.loopback or any(file.role is Role.DATABASE for file in entry.files)
        else "Write an address that every container reaches"
    )
    return _external_hint(use.name, f"{what}, or let the nodes share a step. Or say"), ()


def _external_hint(name: str, start: str) -> str:
    return f"{start} in azureml.yml that every container reaches it:  external: ['{name}']"


def _of_one_step(
    use: DatasetUse, entry: DatasetFacts, exists: Callable[[str], bool]
) -> Iterator[Finding]:
    """Find what is wrong with a dataset of which no data goes from one step to another."""
    if entry.loopback:
        user = use.writer or ", ".join(use.readers)
        message = (
            f"its address ({entry.address}) is the machine itself: the container of '{user}', and "
            "not this one."
        )
        hint = _external_hint(use.name, "Write the address of a server elsewhere. Or say")
        yield LOOPBACK_ADDRESS.found(use.name, message, hint)
        return
    for file in entry.files:
        is_data = file.role in {Role.DATA, Role.DATABASE}
        if file.role is Role.CHECKPOINT and use.confirmed:
            message = (
                f"the checkpoint '{file.path}' vanishes with the container that confirms it: the "
                "next job reads everything again."
            )
            hint = "Keep the checkpoint in storage that every container reaches."
            yield LOCAL_OUTPUT_VANISHES.found(use.name, message, hint)
        elif is_data and use.writer is not None:
            if not use.readers:
                message = (
                    f"'{file.path}' vanishes with the container of the step '{use.writer}' that "
                    "writes it."
                )
                hint, fixes = _advise(use, entry)
                yield LOCAL_OUTPUT_VANISHES.found(use.name, message, hint, fixes=fixes)
        elif file.is_outside and (file.known or exists(file.path)):
            message = (
                f"'{file.path}' lies outside the project, so it does not travel with the code."
            )
            hint = _external_hint(
                use.name, "Put it into the project, or use an AzureMLAssetDataset. Or say"
            )
            yield LOCAL_INPUT_OUTSIDE.found(use.name, message, hint)
