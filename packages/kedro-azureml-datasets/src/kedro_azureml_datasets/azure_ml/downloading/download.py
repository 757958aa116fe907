"""Download one version of a data asset to this machine, whole or not at all.

Everything is written into a folder beside the version's, which is renamed when it is complete and
on the disk, by one process at a time. A process that is killed leaves what has come so far in that
folder, and the next one goes on from there.
"""

from __future__ import annotations

import dataclasses
import errno
import os
import secrets
import shutil
import threading
import time
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

from kedro_azureml_datasets.azure_ml.downloading.arrivals import Arrivals
from kedro_azureml_datasets.azure_ml.downloading.blob_names import make_path_below
from kedro_azureml_datasets.azure_ml.downloading.download_progress import (
    DownloadProgress,
    show_progress,
)
from kedro_azureml_datasets.azure_ml.downloading.durability import keep_names
from kedro_azureml_datasets.azure_ml.downloading.together import Shared
from kedro_azureml_datasets.azure_ml.errors import (
    AssetDownloadError,
    AssetTypeError,
    AzureFailedError,
    DiskFullError,
    NoDataError,
    NotFoundError,
    UnsafeBlobNameError,
)
from kedro_azureml_datasets.azure_ml.thread_pools import open_pool, take_result, wait_for_first
from kedro_azureml_datasets.log import logger
from kedro_azureml_datasets.version_origin import (
    Origin,
    locate_origin_file,
    make_origin,
    read_origin,
    write_origin,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path, PurePath

    from kedro_azureml_datasets.azure_ml.registered_assets import RegisteredVersion, RemoteFile
    from kedro_azureml_datasets.azure_ml.storage import RemoteFiles
    from kedro_azureml_datasets.azure_ml.web_file import WebFile
    from kedro_azureml_datasets.azure_ml.workspace import AzureWorkspace
    from kedro_azureml_datasets.local_versions import LocalVersions

FILES_AT_ONCE = 8
_SLOTS = threading.BoundedSemaphore(FILES_AT_ONCE)
"""Of all downloads of the process together, since each file takes memory."""
_ATTEMPTS = 3
_FIRST_PAUSE_S = 0.5
_PATIENCE_S = 3.0
"""After so long without a byte the SDK has tried again by itself, which did not help."""
_ORIGIN = "origin.json"
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class _Planned(NamedTuple):
    """A blob and the file that it becomes."""

    file: RemoteFile
    target: Path


def download_version(
    versions: LocalVersions,
    registered: RegisteredVersion,
    workspace: AzureWorkspace,
    *,
    replace: bool = False,
    shared: Shared | None = None,
) -> None:
    """Download a version, unless it is here.

    Args:
        versions: Where it belongs.
        registered: The version, as the workspace knows it.
        workspace: The workspace.
        replace: Whether to download it though it is here, and put it in the place of that.
        shared: What it has in common with others that are made at the same time.

    Raises:
        ForeignVersionError: It is here from another workspace, and is not to be replaced.
        AzureMLDatasetError: It could not be had, and its folder does not exist.
    """
    expected = "uri_folder" if versions.file is None else "uri_file"
    if registered.kind != expected:
        raise AssetTypeError(versions.asset, registered.kind, expected)
    what = f"Data asset '{versions.asset}', version '{registered.version}'"
    own = dataclasses.replace(versions, workspace=lambda: workspace.workspace)
    origin = make_origin(workspace.workspace, registered.id)
    files = workspace.files(registered)
    version = registered.version
    download_files(own, version, files, what, origin=origin, replace=replace, shared=shared)


def download_files(
    versions: LocalVersions,
    version: str,
    remote: RemoteFiles | WebFile,
    what: str,
    *,
    origin: Origin | None = None,
    replace: bool = False,
    shared: Shared | None = None,
) -> None:
    """Download blobs as a version, unless it is here.

    Args:
        versions: Where it belongs.
        version: Name of its folder.
        remote: The blobs.
        what: What they are, for people.
        origin: Where they come from; None for what is not a version of an asset.
        replace: Whether to download it though it is here, and put it in the place of that.
        shared: What it has in common with others that are made at the same time.

    Raises:
        AzureMLDatasetError: They could not be had, and the version's folder is as it was.
    """
    part = versions.folder / f".{version}.part"
    with _writable(versions.folder), _lock(versions, version):
        if not replace and versions.folder_of(version).is_dir():
            versions.check_origin(version)
        if replace or versions.modified_at(version) is None:  # else another process was faster
            try:
                with _writable(versions.folder):
                    _download(versions, version, remote, part, what, origin, replace, shared)
            except DiskFullError:
                shutil.rmtree(part, ignore_errors=True)  # it stands in everybody's way
                raise


def _download(
    versions: LocalVersions,
    version: str,
    remote: RemoteFiles | WebFile,
    part: Path,
    what: str,
    origin: Origin | None,
    replace: bool,
    shared: Shared | None,
) -> None:
    data = part / "data"
    _drop_rest_of_another(part, origin)
    planned = _plan(versions, remote.list(), data)
    size_bytes = sum(file.size_bytes for file, _ in planned)
    _check_room(versions.folder, size_bytes, data)
    data.mkdir(parents=True, exist_ok=True)
    if origin is not None:
        write_origin(part / _ORIGIN, origin)
    for left_over in part.glob("*.tmp"):
        left_over.unlink()
    if shared is None:
        with show_progress(what, len(planned), size_bytes) as progress:
            _fetch_all(remote, planned, part, Shared(progress, threading.Event()))
    else:
        shared.progress.expect(len(planned), size_bytes)
        _fetch_all(remote, planned, part, shared)
    _remove_strangers(data, planned)
    keep_names({data, *(parent for item in planned for parent in _folders_below(data, item))})
    old = versions.folder / f".{version}.old"
    present = versions.folder_of(version)
    if replace or (present.is_symlink() and not present.exists()):
        _remove(old)
        if os.path.lexists(present):
            present.rename(old)
    if origin is not None:  # before the version is there: it is never there without it
        write_origin(locate_origin_file(versions.folder, version), origin)
    _put_in_place(data, versions, version)
    keep_names([versions.folder])
    _remove(old)
    shutil.rmtree(part, ignore_errors=True)


def _remove(path: Path) -> None:
    """Remove what was a version: a folder, or what stood where one belongs; links stay whole."""
    if path.is_symlink() or path.is_file():
        path.unlink()
    else:
        shutil.rmtree(path, ignore_errors=True)


def _drop_rest_of_another(part: Path, origin: Origin | None) -> None:
    """Remove what came of the same version of another workspace before that broke off."""
    before = read_origin(part / _ORIGIN)
    same = before is not None and origin is not None and _names_of(before) == _names_of(origin)
    if before is not None and not same:
        shutil.rmtree(part)


def _names_of(origin: Origin) -> tuple[str, str, str]:
    return origin.subscription_id, origin.resource_group, origin.workspace


def _plan(versions: LocalVersions, files: Iterable[RemoteFile], data: Path) -> list[_Planned]:
    paths: dict[PurePath, RemoteFile] = {}
    with suppress(NotFoundError):  # its container or its one blob is gone
        for file in files:
            paths[versions.file or make_path_below(file.name)] = file
    if not paths:
        raise NoDataError(
            f"The data asset '{versions.asset}' is registered, but its data does not exist.",
            hint="It has been removed from the storage; register the data again.",
        )
    folders = {parent for path in paths for parent in path.parents}
    for path in folders & paths.keys():
        raise UnsafeBlobNameError(paths[path].name, "is both a file and a folder")
    return [_Planned(file, data / path) for path, file in paths.items()]


def _check_room(folder: Path, needed_bytes: int, data: Path) -> None:
    here = sum(path.stat().st_size for path in data.rglob("*") if path.is_file())
    free = shutil.disk_usage(folder).free
    if needed_bytes - here > free:
        raise DiskFullError(folder, needed_bytes, free)


def _fetch_all(
    remote: RemoteFiles | WebFile, planned: list[_Planned], part: Path, shared: Shared
) -> None:
    progress, stop = shared
    ours = secrets.token_hex(4)  # what Ctrl-C has left may still write to files of its own

    def fetch(number: int, item: _Planned) -> None:
        with _SLOTS:
            if stop.is_set():
                raise InterruptedError
            temporary = part / f"{ours}-{number}.tmp"
            arrivals.expect(temporary)
            _fetch(remote, item, temporary, progress, stop)
            arrivals.put(temporary, item.target)

    running: set[Future[None]] = set()
    with (
        Arrivals(progress.file_done) as arrivals,
        open_pool(FILES_AT_ONCE) as pool,
    ):
        try:
            for number, item in enumerate(planned):
                if _is_complete(item):
                    progress.advance(item.file.size_bytes)
                    progress.file_done()
                    continue
                if len(running) >= 2 * FILES_AT_ONCE:
                    done = wait_for_first(running)
                    running -= done
                    for future in done:
                        future.result()
                running.add(pool.submit(fetch, number, item))
            for future in running:
                take_result(future)
        except BaseException:
            stop.set()  # else the others would be waited for
            raise


def _fetch(
    remote: RemoteFiles | WebFile,
    item: _Planned,
    temporary: Path,
    progress: DownloadProgress,
    stop: threading.Event,
) -> None:
    came = 0
    last_came = 0.0

    def advance(count: int) -> None:
        nonlocal came, last_came
        if stop.is_set():
            raise InterruptedError
        came += count
        last_came = time.monotonic()
        progress.advance(count)

    file = item.file
    for attempt in range(_ATTEMPTS):
        try:
            came = 0
            last_came = time.monotonic()
            remote.fetch(file, temporary, advance)
            size = temporary.stat().st_size
            if size != file.size_bytes:
                raise AssetDownloadError(
                    f"The blob '{file.blob}' has {file.size_bytes:,} bytes, and "
                    f"{size:,} were downloaded.",
                    hint="It may have changed meanwhile; run it again.",
                )
            break
        except (AssetDownloadError, AzureFailedError) as error:
            progress.advance(-came)
            if attempt == _ATTEMPTS - 1 or time.monotonic() - last_came > _PATIENCE_S:
                raise
            logger.debug("Trying again to read the blob '%s': %s", file.blob, error)
            stop.wait(_FIRST_PAUSE_S * 2**attempt)
    # The time of the blob is how the next process knows that this file is the same and whole.
    os.utime(temporary, ns=(_time_ns(file), _time_ns(file)))


def _is_complete(item: _Planned) -> bool:
    try:
        found = item.target.stat()
    except OSError:
        return False
    return found.st_size == item.file.size_bytes and found.st_mtime_ns == _time_ns(item.file)


def _time_ns(file: RemoteFile) -> int:
    return int(file.modified_at) * 10**9  # whole seconds, as no file has that was just written


def _remove_strangers(data: Path, planned: list[_Planned]) -> None:
    """Drop what an earlier attempt has brought and the asset no longer holds."""
    wanted = {item.target for item in planned}
    for path in list(data.rglob("*")):
        if path.is_file() and path not in wanted:
            path.unlink()


def _folders_below(data: Path, item: _Planned) -> list[Path]:
    return [data / parent for parent in item.target.relative_to(data).parents]


def _put_in_place(data: Path, versions: LocalVersions, version: str) -> None:
    os.utime(data)  # the version is as old as its arrival here
    folder = versions.folder_of(version)
    if versions.file is not None and folder.is_dir():
        # Another entry of the catalog has the same file there, under another name.
        target = folder / versions.file
        target.parent.mkdir(parents=True, exist_ok=True)
        (data / versions.file).replace(target)
    else:
        data.rename(folder)


@contextmanager
def _lock(versions: LocalVersions, version: str) -> Iterator[None]:
    from filelock import FileLock, Timeout

    versions.folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(versions.folder / f".{version}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        logger.info(
            "Another process is downloading version '%s' of the data asset '%s': waiting for it.",
            version,
            versions.asset,
        )
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _writable(folder: Path) -> Iterator[None]:
    """Turn what the disk says into one of our errors."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise DiskFullError(folder, 0, shutil.disk_usage(folder).free) from error
        raise AssetDownloadError(
            f"'{error.filename or folder}' cannot be written: {error.strerror or error}.",
            hint="Set 'root_dir' of the dataset to a folder that you may write to.",
        ) from error
