"""Take the project's folder off the paths which Kedro has made absolute.

Kedro turns a nested `filepath` or `path` into an absolute path under the project before a dataset
sees it (`kedro.framework.context`). `Path(mount) / absolute` is the absolute path: the mount would
be lost in silence. So everything here speaks of paths relative to the project.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

from kedro.utils import find_kedro_project

from kedro_azureml_datasets.errors import AzureMLDatasetError

_NOT_SIMPLE = re.compile(r"\\|:|//|/\.")
"""What has to be looked at: another system's signs, a protocol, and parts that are no names."""

_session_project: Path | None = None


def remember_session_project(project_path: Path) -> None:
    """Remember where the project of the current Kedro session is.

    A session may be created for a project that is not above the working directory
    (`KedroSession.create(project_path=...)`); only its context knows.

    Args:
        project_path: The project's root folder, absolute.
    """
    global _session_project  # noqa: PLW0603  (a process has one current session)
    _session_project = project_path


@contextmanager
def remember_project_during_session(project_path: Path) -> Iterator[None]:
    """Remember where the project of a Kedro session is, as long as that session lasts.

    Args:
        project_path: The project's root folder, absolute.
    """
    before = _session_project
    remember_session_project(project_path)
    try:
        yield
    finally:
        _restore(before)


def _restore(project_path: Path | None) -> None:
    global _session_project  # noqa: PLW0603  (as above)
    _session_project = project_path


def split_project_path(path: str) -> tuple[Path, PurePosixPath]:
    """Split a nested dataset's path into the project's root and what lies below it.

    Args:
        path: The `filepath` or `path` of the nested dataset, as written or as Kedro rewrote it.

    Returns:
        The root folder of the project, absolute, and the path relative to it.

    Raises:
        AzureMLDatasetError: The path has a protocol, is empty, climbs with `..`, or is not inside
            the project.

    Example:
        >>> root, relative = split_project_path("models/classifier.pkl")
        >>> relative
        PurePosixPath('models/classifier.pkl')
    """
    if _session_project is not None:
        inside = path.removeprefix(f"{_session_project.as_posix()}/")
        if inside and inside != path and _NOT_SIMPLE.search(path) is None:
            return _session_project, PurePosixPath(inside)  # nearly all of them
    if "://" in path:
        raise AzureMLDatasetError(
            f"The nested dataset's path '{path}' is a URL, and only a path inside the project can "
            "be moved to a mount of Azure ML.",
            hint="Write a relative path such as 'model.pkl', or remove the wrapper: data with its "
            "own address needs none.",
        )
    pure, is_windows = _read_path(path)
    if ".." in pure.parts:
        raise AzureMLDatasetError(
            f"The nested dataset's path '{path}' contains '..'.",
            hint="Write it relative to 'root_dir', without '..'.",
        )
    if pure.is_absolute() or is_windows:
        for root in _project_candidates():
            try:
                pure = pure.relative_to(root.as_posix())
            except ValueError:
                continue
            break
        else:
            raise AzureMLDatasetError(
                f"The nested dataset's path '{path}' is not inside the project "
                f"('{next(_project_candidates())}').",
                hint="Write it relative to 'root_dir'.",
            )
    else:
        root = next(_project_candidates())
    if not pure.parts:
        raise AzureMLDatasetError(
            "The nested dataset's path is empty.",
            hint="Write a file name, for example 'filepath: model.pkl'.",
        )
    return root, pure


def _read_path(path: str) -> tuple[PurePosixPath, bool]:
    """Return a path with slashes, and whether it has a drive of Windows."""
    if "\\" not in path and path[1:2] != ":" and not path.startswith("//"):
        return PurePosixPath(path), False  # nearly all of them: a second parser would be slow
    windows = PureWindowsPath(path)
    if windows.drive or "\\" in path:
        return PurePosixPath(windows.as_posix()), bool(windows.drive)
    return PurePosixPath(path), False


def check_root_dir(root_dir: str) -> str:
    """Refuse a `root_dir` that is not a folder.

    Args:
        root_dir: The `root_dir` of a dataset, as written.

    Returns:
        The same.

    Raises:
        AzureMLDatasetError: It has a protocol, or it is not a path at all.

    Example:
        >>> check_root_dir("data/intermediate")
        'data/intermediate'
    """
    if not isinstance(root_dir, str | PurePath) or "://" in str(root_dir):
        raise AzureMLDatasetError(
            f"'root_dir' is {root_dir!r}, which is not a folder on this machine.",
            hint="Write a folder relative to the project, for example 'root_dir: data'.",
        )
    return str(root_dir)


def _project_candidates() -> Iterator[Path]:
    """Yield the session's project and, only where that does not serve, the one around this folder.

    Looking for it reads a file of each folder above, for each of a thousand datasets.
    """
    if _session_project is not None:
        yield _session_project
    here = Path.cwd()
    found = find_kedro_project(here)
    if found is not None:
        yield found
    elif _session_project is None:
        yield here
