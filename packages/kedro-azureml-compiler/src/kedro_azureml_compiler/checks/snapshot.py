"""Find files that are missing in the snapshot, or that should not be in it."""

from __future__ import annotations

from bisect import bisect_left
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from kedro_azureml_runner.reachability.verdicts import Role

from kedro_azureml_compiler.checks.secrets.configuration import check_configuration_secrets
from kedro_azureml_compiler.checks.secrets.files import check_credentials, check_secret_files
from kedro_azureml_compiler.checks.staying import check_staying
from kedro_azureml_compiler.findings import About, Finding, FindingKind, Severity
from kedro_azureml_compiler.planning.facts import (
    DatasetFacts,
    LocalFile,
    ProjectFacts,
    strip_transcoding,
)
from kedro_azureml_compiler.planning.plan import Flow
from kedro_azureml_compiler.snapshot import (
    advise_inclusion,
    check_path,
    list_snapshot_files,
    measure_files,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kedro_azureml_compiler.planning.plan import Plan

LARGE_SNAPSHOT_MB = 100
"""From this size on, in megabytes, a snapshot is worth a warning."""

LARGE_INPUT_MB = 10
"""From this size on, in megabytes, a local file or folder that a node reads is."""


CODE_IGNORED = FindingKind(
    code="code-ignored",
    severity=Severity.ERROR,
    about=About.FILE,
    title="The ignore file excludes a part of the project that every step needs",
    explanation="No step can start without the project's package and its `pyproject.toml`.",
    hint=(
        "Add `!src/` at the end of `.amlignore` (or of `.gitignore`, if there is no "
        "`.amlignore`), or remove the line that excludes it."
    ),
    fixed=True,
)

EMPTY_ENVIRONMENT = FindingKind(
    code="empty-environment",
    severity=Severity.INFO,
    about=About.PROJECT,
    title="The folder of the configuration environment holds nothing that travels",
    explanation=(
        "Kedro needs the folder of an environment to exist, and Azure ML does not upload empty "
        "folders, so a small file is added to it. The steps read only the base environment."
    ),
    hint="Nothing has to change. If another environment was meant, pass it with `--env`.",
)

INPUT_IGNORED = FindingKind(
    code="input-ignored",
    severity=Severity.ERROR,
    about=About.DATASET,
    title="A local file that a node reads does not travel",
    explanation=(
        "The ignore file excludes it, or a part of it, or it is stored among data that steps get "
        "through mounts."
    ),
    hint=(
        "Include the file at the end of `.amlignore`, for example with "
        "`!data/reference/islands.csv`, or move it to another folder."
    ),
)

INPUT_MISSING = FindingKind(
    code="input-missing",
    severity=Severity.ERROR,
    about=About.DATASET,
    title="A local file that a node reads does not exist",
    explanation=(
        "It would be missing in the step too. If the step's image contains the file, lower the "
        "severity: `checks: {input-missing: warning}`."
    ),
    hint="Create the file, or correct the entry's path.",
)

LARGE_INPUT = FindingKind(
    code="large-input",
    severity=Severity.WARNING,
    about=About.DATASET,
    title="A local file of more than 10 MB is uploaded with the job",
    explanation=(
        "The code and the files in it are one snapshot: any change uploads all of it again, and "
        "every step downloads it before it starts."
    ),
    hint=(
        "Register the data once as a data asset, and read it with an `AzureMLAssetDataset`, "
        "which mounts it."
    ),
    example=(
        "images:\n"
        "  type: kedro_azureml_datasets.AzureMLAssetDataset\n"
        "  azureml_dataset: images\n"
        '  azureml_version: "1"\n'
        "  dataset: {type: pandas.ParquetDataset, filepath: images.parquet}"
    ),
)

LARGE_SNAPSHOT = FindingKind(
    code="large-snapshot",
    severity=Severity.WARNING,
    about=About.PROJECT,
    title="More than 100 MB would be uploaded as code",
    explanation=(
        "Any change uploads all of it again, and every step downloads it before it starts."
    ),
    hint=(
        "List the files that no step reads in `.amlignore`. It replaces `.gitignore`, so start "
        "from a copy of that."
    ),
)


def check_snapshot(facts: ProjectFacts, code: Sequence[str]) -> list[Finding]:
    """Find local files that nodes read and that do not travel, and secrets that do.

    Args:
        facts: What is known about the project.
        code: Files of the snapshot, relative to the project, sorted.
    """
    findings: list[Finding] = []
    for source in facts.conf_sources:
        findings += check_credentials(facts.root, code, source)
        if source in code:  # a file: few projects configure with an archive
            from kedro_azureml_compiler.checks.secrets.archives import check_archive

            findings += check_archive(facts.root, code, source)
    findings += check_configuration_secrets(facts.root, code, facts.conf_sources, facts.files)
    known = {place for finding in findings for place in (finding.where, finding.file)}
    secret_files = check_secret_files(facts.root, code, facts.conf_sources)
    findings += [finding for finding in secret_files if finding.where not in known]
    findings += _check_code(facts, code)
    findings += check_staying(facts, code)
    findings += _check_environment(facts, code)
    written = {strip_transcoding(name) for node in facts.nodes for name in node.outputs}
    confirmed = {name for node in facts.nodes for name in node.confirms}
    for name, dataset in facts.datasets.items():
        for file in dataset.files:
            is_input = file.role is Role.QUERY or strip_transcoding(name) not in written
            if not is_input or (file.role is Role.CHECKPOINT and name in confirmed):
                continue
            files = _at(file.path, code)
            if files:
                findings += _large_input(name, file.path, files, facts.root)
                findings += _check_whole_folder(dataset, file, files, facts)
            elif not file.is_outside and _is_there_or_must_be(file, facts.root):
                findings.append(_explain_missing_file(dataset, file.path, facts))
        if strip_transcoding(name) not in written:
            findings += [
                _explain_missing_file(dataset, path, facts)
                for path in dataset.mentions
                if "/" in path and not _at(path, code) and _is_there(facts.root / path)
            ]
    return findings


def _is_there(path: Path) -> bool:
    """Check whether something is at what may be no path at all."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _is_there_or_must_be(file: LocalFile, root: Path) -> bool:
    """Check whether a file that does not travel is missed; what may be no path, only if it is."""
    must_be = file.known and file.role is not Role.CHECKPOINT
    return must_be or (root / file.path).exists()


def _at(path: str, code: Sequence[str]) -> Sequence[str]:
    """Return the files at a path, or below it, from sorted ones."""
    first, end = (bisect_left(code, f"{path}{after}") for after in ("/", chr(ord("/") + 1)))
    place = bisect_left(code, path)
    own = code[place : place + 1]
    return [*(own if list(own) == [path] else ()), *code[first:end]]


def check_uploads(facts: ProjectFacts, plan: Plan) -> list[Finding]:
    """Find what is large or secret among the local files that become inputs of the job.

    Args:
        facts: What is known about the project.
        plan: What becomes of every dataset.
    """
    findings = []
    for dataset in plan.datasets:
        if dataset.flow is Flow.UPLOAD and dataset.source is not None:
            files = list_files(facts.root, dataset.source)
            findings += _large_input(dataset.name, dataset.source, files, facts.root)
            findings += check_secret_files(facts.root, files)
    return findings


def check_environment_files(root: Path, paths: Sequence[str]) -> list[Finding]:
    """Find secrets among the files that are uploaded to make an environment.

    Args:
        root: The project's folder.
        paths: These files and folders, relative to it.
    """
    return check_secret_files(root, [file for path in paths for file in list_files(root, path)])


def list_files(root: Path, path: str) -> list[str]:
    """List a file, or all files in a folder, relative to the project, sorted."""
    place = root / path
    if not check_path(place.is_dir):
        return [path] if check_path(place.is_file) else []
    return sorted(
        (PurePosixPath(path) / file.relative_to(place).as_posix()).as_posix()
        for file in place.rglob("*")
        if file.is_file()
    )


def _large_input(name: str, path: str, files: Sequence[str], root: Path) -> list[Finding]:
    size_mb = measure_files(root, files)
    if size_mb <= LARGE_INPUT_MB:
        return []
    message = f"'{path}' has {size_mb:,.0f} MB and is uploaded from this machine with the job."
    hint = (
        "Register it once as a data asset and read it with an AzureMLAssetDataset, which mounts it."
    )
    return [LARGE_INPUT.found(name, message, hint)]


def _check_environment(facts: ProjectFacts, code: Sequence[str]) -> list[Finding]:
    """Report a configuration environment that holds nothing."""
    if not facts.run_env:
        return []
    folder = f"{facts.conf_source}/{facts.run_env}"
    if folder not in facts.files.folders or any(file.startswith(f"{folder}/") for file in code):
        return []
    message = "no file of this environment travels, so the steps read only the base environment."
    hint = "Nothing has to change: the empty folder travels, since Kedro needs it to exist."
    return [EMPTY_ENVIRONMENT.found(folder, message, hint)]


def _explain_missing_file(dataset: DatasetFacts, path: str, facts: ProjectFacts) -> Finding:
    name = dataset.name
    carried = [copy for copy in facts.local_copies if path.startswith(f"{copy}/")]
    if carried:
        message = f"'{path}' is in '{carried[0]}', whose data a step gets through a mount."
        hint = "Move it to another folder; the files of this one do not travel with the code."
        return INPUT_IGNORED.found(name, message, hint)
    if check_path((facts.root / path).exists):
        message = f"'{path}' is read, but it is excluded from the upload."
        hint = f"{advise_inclusion(facts.root, path)}."
        return INPUT_IGNORED.found(name, message, hint)
    message = f"'{path}' is read, but it does not exist."
    hint = "Put the file there, or correct the entry's path."
    return INPUT_MISSING.found(name, message, hint)


def _check_whole_folder(
    dataset: DatasetFacts, folder: LocalFile, files: Sequence[str], facts: ProjectFacts
) -> list[Finding]:
    """Report a folder of which a part travels: the step would read less, and say nothing."""
    if not folder.known or folder.is_outside or list(files) == [folder.path]:
        return []
    if any(f"{source}/".startswith(f"{folder.path}/") for source in facts.conf_sources):
        return []  # what of the configuration stays is reported by its keys
    there = list_snapshot_files(facts.root, facts.local_copies, below=folder.path, ignore=False)
    if dataset.versioned:
        there = there[-1:]  # only the newest version is read
    travelling, suffixes = set(files), {PurePosixPath(file).suffix for file in files}
    # A file of another kind than those that travel, such as a note, is hardly data.
    missing = [
        file
        for file in there
        if file not in travelling
        and PurePosixPath(file).suffix in suffixes
        and not PurePosixPath(file).name.startswith(".")
    ]
    if not missing:
        return []
    count = "1 file in it is" if len(missing) == 1 else f"{len(missing)} files in it are"
    message = f"'{folder.path}' is read, but {count} excluded from the upload: '{missing[0]}'."
    hint = f"{advise_inclusion(facts.root, folder.path)}."
    return [INPUT_IGNORED.found(dataset.name, message, hint)]


def _check_code(facts: ProjectFacts, code: Sequence[str]) -> list[Finding]:
    """Find that the project itself does not travel, or far too much does."""
    findings = []
    needed = [f"{facts.source}/__init__.py", "pyproject.toml"]
    needed += [facts.asked_conf_source] if facts.asked_conf_source else []
    for path in needed:
        if not _at(path, code) and check_path((facts.root / path).exists):
            message = "the ignore file excludes it from the upload; no step can start without it."
            # The package is needed as a whole, and not its first file alone.
            whole = facts.source if path.startswith(f"{facts.source}/") else path
            hint = f"{advise_inclusion(facts.root, whole)}, or remove the line that excludes it."
            findings.append(CODE_IGNORED.found(path, message, hint))
    size_mb = measure_files(facts.root, code)
    if size_mb > LARGE_SNAPSHOT_MB:
        message = f"{size_mb:,.0f} MB in {len(code)} files would be uploaded with every change."
        hint = "List in .amlignore what no step reads."
        findings.append(LARGE_SNAPSHOT.found("the snapshot", message, hint))
    return findings
