"""Find the place in the configuration that cannot be read, since Kedro does not name it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml
from kedro.io import DatasetError
from omegaconf import OmegaConf
from omegaconf.errors import (
    GrammarParseError,
    InterpolationResolutionError,
    OmegaConfBaseException,
    UnsupportedInterpolationType,
)

from kedro_azureml_compiler.config_files import compose_files, list_pairs

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

_SUFFIXES = frozenset({".yml", ".yaml", ".json"})

_CANNOT = "The configuration cannot be read: "

_TOO_LARGE = "node expansion exceeds"
"""Words of OmegaConf, which has no class for this error."""


_REFERENCE = "'${' starts a reference to another value. To write it literally, put "

PARAMETER_HINT = (
    _REFERENCE
    + "a backslash before it:  --params 'key=\\${name}'.  In azureml.yml, where references are "
    "resolved once before, put three, in single quotes:  key: '\\\\\\${name}'  "
    "(Kedro 1.2 leaves one of them in the string)"
)
"""What to write if a runtime parameter contains `${`."""


class UnreadablePlace(NamedTuple):
    """The place in the configuration that cannot be read.

    Args:
        message: What is wrong, and where.
        hint: What to write instead.
        file: The file, relative to the project; None for a runtime parameter.
        line: The line in it, counted from 1, where it is known.
    """

    message: str
    hint: str = ""
    file: str | None = None
    line: int | None = None


VARIABLE_HINT = (
    "Kedro resolves environment variables only in credentials, unless settings.py has:  "
    'CONFIG_LOADER_ARGS = {"custom_resolvers": {"oc.env": oc.env}}  after  '
    "from omegaconf.resolvers import oc"
)
"""What to do if `${oc.env:NAME}` is used in a file other than one of credentials."""


def is_about_variables(error: OmegaConfBaseException) -> bool:
    """Check whether an environment variable is used where Kedro does not resolve it.

    Args:
        error: The error of OmegaConf.
    """
    return isinstance(error, UnsupportedInterpolationType) and "oc.env" in str(error)


def find_unreadable_place(
    error: BaseException, project: Path, folders: Iterable[Path], params: Mapping[str, Any]
) -> UnreadablePlace | None:
    """Find the file, or the runtime parameter, that made the configuration fail.

    Args:
        error: The error of Kedro's config loader.
        project: The project's folder, absolute.
        folders: Folders of the configuration that are read, absolute.
        params: Runtime parameters.

    Returns:
        None if no such place is the cause.
    """
    if params and isinstance(error, TypeError):  # what OmegaConf raises depends on its version
        keys = (_of_a_key_in_a_list(file, project, params) for file in _files(folders))
        found = next(filter(None, keys), None)
        if found is not None:
            return found
    if isinstance(error, (OmegaConfBaseException, AttributeError)):
        lists = (_of_a_list(file, project) for file in _files(folders))
        found = next(filter(None, lists), None)
        if found is not None or isinstance(error, AttributeError):
            return found
        return _of_a_key(error, project, folders, params)
    if isinstance(error, UnicodeDecodeError):
        return next(filter(None, (_not_utf8(file, project) for file in _files(folders))), None)
    if isinstance(error, DatasetError):
        return _of_an_entry_without_type(folders, project)
    if not isinstance(error, yaml.YAMLError):
        return None
    for file in _files(folders):
        problem = find_yaml_error(file)
        if problem is not None:
            text = file.read_text(encoding="utf-8", errors="replace")
            return _of_a_file(problem, file.relative_to(project).as_posix(), text)
    return None


def _of_an_entry_without_type(folders: Iterable[Path], project: Path) -> UnreadablePlace | None:
    """Return the place of an entry that Kedro refuses to read, without saying where it is."""
    names = [file.relative_to(project).as_posix() for file in _files(folders)]
    for file, node in compose_files(project, [n for n in names if "catalog" in n]):
        for key, value in list_pairs(node):
            keys = [str(k.value) for k, _ in list_pairs(value)]
            if not str(key.value).startswith("_") and not {"type", "<<"} & set(keys):
                line = key.start_mark.line + 1
                near = get_close_matches("type", keys, 1)
                hint = (
                    f"Write 'type' instead of '{near[0]}'."
                    if near
                    else (
                        "Add a class, for example  type: pandas.ParquetDataset  or begin the name "
                        "with an underscore if it is not a dataset."
                    )
                )
                message = f"{_CANNOT}{file}:{line}: the entry '{key.value}' has no 'type'."
                return UnreadablePlace(message, hint, file, line)
    return None


def _not_utf8(file: Path, project: Path) -> UnreadablePlace | None:
    content = file.read_bytes()
    try:
        content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        name = file.relative_to(project).as_posix()
        message = f"{_CANNOT}{name}:{line}: byte 0x{content[error.start]:02x} is not UTF-8."
        return UnreadablePlace(message, "Save the file as UTF-8.", name, line)
    return None


def describe_yaml_error(error: yaml.MarkedYAMLError, text: str = "") -> tuple[int | None, str]:
    """Return the line of a mistake in YAML, counted from 1, and the mistake.

    Args:
        error: The error of the YAML reader.
        text: What was read; libyaml does not name the character that it cannot read.

    Example:
        >>> try:
        ...     _ = yaml.safe_load("a: b: c")
        ... except yaml.MarkedYAMLError as error:
        ...     print(describe_yaml_error(error))
        (1, 'mapping values are not allowed here')
    """
    mark = error.problem_mark or error.context_mark
    problem = str(error.problem or error.context).rstrip(".")
    if problem.startswith("but ") and error.context:
        problem = f"{error.context}, {problem}"
    found = text.splitlines()[mark.line][mark.column :] if mark and _is_inside(mark, text) else ""
    if "'\\t'" in problem or ("cannot start any token" in problem and found.startswith("\t")):
        problem = "tabs are not allowed in YAML; indent with spaces"
    return (mark.line + 1 if mark else None), problem


def _is_inside(mark: yaml.Mark, text: str) -> bool:
    return mark.line < len(text.splitlines())


def find_yaml_error(file: Path) -> yaml.YAMLError | None:
    """Return the error that OmegaConf raises for a file of YAML; None if it can be read.

    Args:
        file: The file, absolute.
    """
    try:
        OmegaConf.load(file)
    except yaml.YAMLError as problem:
        return problem
    except Exception:  # another kind of error
        return None
    return None


def _of_a_file(error: yaml.YAMLError, file: str, text: str) -> UnreadablePlace:
    if _TOO_LARGE in str(error):
        message = f"{file} has more than 10,000 keys and values, the limit of OmegaConf."
        hint = (
            "Split the file: Kedro merges all files of one kind, for example "
            "catalog_a.yml, catalog_b.yml and catalog/c.yml."
        )
        return UnreadablePlace(f"{_CANNOT}{message}", hint, file)
    if isinstance(error, yaml.MarkedYAMLError):
        line, problem = describe_yaml_error(error, text)
        where = file if line is None else f"{file}:{line}"
        return UnreadablePlace(f"{_CANNOT}{where}: {problem}.", "", file, line)
    return UnreadablePlace(f"{_CANNOT}{file}: {' '.join(str(error).split())}.", "", file)


def _of_a_key(
    error: OmegaConfBaseException, project: Path, folders: Iterable[Path], params: Collection[str]
) -> UnreadablePlace | None:
    key = str(getattr(error, "full_key", None) or "")
    said = str(error).strip().splitlines()
    if not key or not said:
        return None
    problem = f"{key}: {said[0].rstrip('.')}."
    is_reference = isinstance(error, (InterpolationResolutionError, GrammarParseError))
    if _is_below(key, params):  # they win over the files
        hint = PARAMETER_HINT if is_reference else ""
        return UnreadablePlace(f"The runtime parameters cannot be read: {problem}", hint)
    hint = f"{_REFERENCE}'\\${{', in single quotes." if is_reference else ""
    if is_about_variables(error):
        hint = VARIABLE_HINT
    elif "azureml.secret" in said[0]:
        hint = ""  # the resolver itself says what to write
    for path in _files(folders):
        if _is_below(key, _keys(path)):
            file = path.relative_to(project).as_posix()
            return UnreadablePlace(f"{_CANNOT}{file}: {problem}", hint, file)
    return UnreadablePlace(f"{_CANNOT}{problem}", hint)


def _of_a_list(file: Path, project: Path) -> UnreadablePlace | None:
    """Return the place if the file holds a list, of which OmegaConf says nothing that helps."""
    if not isinstance(_load(file), list):
        return None
    name = file.relative_to(project).as_posix()
    message = f"{_CANNOT}{name} holds a list, not a mapping."
    return UnreadablePlace(message, "Begin each entry with its name:  name: value", name)


def _of_a_key_in_a_list(
    file: Path, project: Path, params: Mapping[str, Any]
) -> UnreadablePlace | None:
    """Return the place if a runtime parameter sets a key in what is a list in the file."""
    if "parameters" not in file.relative_to(project).as_posix():
        return None
    path = _path_into_list(params, _load(file))
    if path is None:
        return None
    *above, key = path
    name = ".".join(above)
    whole = "[...]"
    for part in reversed(above):
        whole = f"{{{json.dumps(part)}: {whole}}}"
    return UnreadablePlace(
        f"The runtime parameters cannot be read: '{name}.{key}' sets a key, but '{name}' is a list "
        f"in {file.relative_to(project).as_posix()}.",
        f"Write the whole list:  --params '{whole}'",
    )


def _path_into_list(params: Mapping[str, Any], content: Any) -> tuple[str, ...] | None:
    if not isinstance(content, dict):
        return None
    for key, value in params.items():
        if not isinstance(value, Mapping) or not value:
            continue
        if isinstance(content.get(key), list):
            return key, next(iter(value))
        deeper = _path_into_list(value, content.get(key))
        if deeper is not None:
            return key, *deeper
    return None


def _is_below(key: str, entries: Iterable[str]) -> bool:
    return any(key == entry or key.startswith((f"{entry}.", f"{entry}[")) for entry in entries)


def _keys(file: Path) -> list[str]:
    content = _load(file)
    return [str(key) for key in content] if isinstance(content, dict) else []


def _load(file: Path) -> Any:
    try:
        return yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return None


def _files(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        for file in sorted(folder.rglob("*")):
            if file.suffix in _SUFFIXES and file.is_file():
                yield file
