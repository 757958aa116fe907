"""The line that ends the log of a step that failed: where, why, and what its image lacks.

Standard library only: it is written when anything may be missing.
"""

from __future__ import annotations

import os
from importlib.machinery import PathFinder
from pathlib import Path

_DISTRIBUTIONS = {
    "PIL": "pillow", "attr": "attrs", "bs4": "beautifulsoup4", "cv2": "opencv-python",
    "dateutil": "python-dateutil", "dotenv": "python-dotenv", "git": "GitPython",
    "fitz": "PyMuPDF", "ibis": "ibis-framework", "jwt": "PyJWT", "psycopg2": "psycopg2-binary",
    "pyodbc": "pyodbc", "serial": "pyserial", "skimage": "scikit-image",
    "sklearn": "scikit-learn", "umap": "umap-learn", "yaml": "PyYAML",
}  # fmt: skip
"""Modules whose distribution has another name."""


def write_failure_line(error: BaseException, where: str) -> str:
    """Return the line for an error: its root cause, and the package that the image needs.

    Args:
        error: What has ended the step.
        where: What the step was doing, as in "in node 'fit'".

    Example:
        >>> error = ModuleNotFoundError("No module named 'sklearn'", name="sklearn")
        >>> write_failure_line(error, "in node 'fit'").partition(". ")[2]
        "The step's image needs the package scikit-learn: pip install scikit-learn"
    """
    line = f"Step failed {where}: {type(error).__name__}: {error}"
    root = find_root_cause(error)
    if str(root) not in str(error):
        line = f"{line.rstrip().rstrip('.')}. Caused by {type(root).__name__}: {root}"
    if isinstance(root, ModuleNotFoundError) and root.name:
        line = f"{line.rstrip('.')}. {_missing_module(root.name)}"
    return line


def find_root_cause(error: BaseException) -> BaseException:
    """Return the first error of a chain, as its traceback begins with it.

    Args:
        error: The last one.

    Example:
        >>> try:
        ...     try:
        ...         {}["a"]
        ...     except KeyError as error:
        ...         raise ValueError("b") from error
        ... except ValueError as error:
        ...     find_root_cause(error)
        KeyError('a')
    """
    seen = {id(error)}
    while True:
        hidden = error.__suppress_context__
        inner = error.__cause__ or (None if hidden else error.__context__)
        if inner is None or id(inner) in seen:
            return error
        seen.add(id(inner))
        error = inner


def _missing_module(name: str) -> str:
    top = name.partition(".")[0]
    folders = [os.getcwd(), str(Path.cwd() / "src")]  # noqa: PTH109  (as sys.path has it)
    if PathFinder.find_spec(top, folders) is not None:
        return "It is part of the project and did not travel: see what the ignore file leaves out."
    package = _DISTRIBUTIONS.get(top, top.replace("_", "-"))
    return f"The step's image needs the package {package}: pip install {package}"
