"""Find the files of the configuration, as Kedro reads them, and the lines of settings in them."""

from __future__ import annotations

import glob
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from kedro_azureml_compiler.yaml_text import compose_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_TOKEN = re.compile(r"\\\{\w+\\\}")  # `{region}` in the name of a job factory, escaped
_SETTINGS = "azureml.yml"
_CONFIG_SUFFIXES = (".yml", ".yaml", ".json")


def list_config_files(root: Path, folders: Iterable[str], patterns: Iterable[str]) -> list[str]:
    """List the files of one kind of configuration, as Kedro's config loader finds them.

    Args:
        root: The project's folder, absolute.
        folders: Folders of the configuration, relative to it or absolute.
        patterns: Globs below these folders.

    Returns:
        Paths, relative to the project where they lie in it, in the order of the folders.
    """
    found: dict[str, None] = {}
    for folder in folders:
        names = {
            name
            for pattern in patterns
            # Not Path.glob (PTH207): there, `**` means folders alone before Python 3.13.
            for name in glob.glob(pattern, root_dir=root / folder, recursive=True)  # noqa: PTH207
        }
        for name in sorted(names):
            path = Path(folder, name)
            if path.suffix in _CONFIG_SUFFIXES and (root / path).is_file():
                found[path.as_posix()] = None
    return list(found)


def compose_files(root: Path, files: Iterable[str]) -> Iterator[tuple[str, Any]]:
    """Yield each file that can be read, with its YAML node, which knows the lines.

    Args:
        root: The project's folder, absolute.
        files: The files, relative to it.
    """
    for file in files:
        try:
            node = compose_yaml((root / file).read_text(encoding="utf-8"))
        except (OSError, ValueError, yaml.YAMLError):
            continue  # what cannot be read has been reported already
        if node is not None:
            yield file, node


def find_setting(files: Iterable[tuple[str, Any]], keys: str) -> tuple[str, int | None] | None:
    r"""Find a setting in the file that has most of its keys.

    Args:
        files: The files of `azureml.yml`, the one that wins first, each with its YAML node.
        keys: The setting's keys, with dots between them; keys may contain dots.

    Returns:
        The file and the line, counted from 1; None if no file has the first key.

    Example:
        >>> node = yaml.compose("jobs:\n  train:\n    pipelin: x\n")
        >>> find_setting([("conf/base/azureml.yml", node)], "jobs.train.pipeline")
        ('conf/base/azureml.yml', 2)
    """
    found = [(*_deepest(node, keys), file) for file, node in files]
    if not found:
        return None
    depth, line, file = max(found, key=lambda f: f[0])
    return (file, line) if depth or keys == _SETTINGS else None


def _deepest(node: Any, keys: str, depth: int = 0) -> tuple[int, int | None]:
    """Follow dotted keys as far as the file has them; keys may contain dots."""
    candidates = [
        (end, key.start_mark.line + 1, value)
        for key, value in list_pairs(node)
        if (end := _match(str(key.value), keys))
    ]
    if not candidates:
        return depth, None
    end, line, value = max(candidates, key=lambda c: c[0])
    deeper, deeper_line = _deepest(value, keys[end + 1 :], depth + 1)
    return deeper, deeper_line or line


def _match(key: str, keys: str) -> int:
    """Return how many characters of the dotted keys this key matches; 0 for none."""
    if keys == key or keys.startswith(f"{key}."):
        return len(key)
    if "{" in key:  # a job factory; the keys name one of its jobs
        pattern = _TOKEN.sub("[^.]+", re.escape(key))
        found = re.match(rf"{pattern}(?=\.|$)", keys)
        return found.end() if found else 0
    return 0


def list_pairs(node: Any) -> list[tuple[Any, Any]]:
    """Return the keys and values of a YAML node; none if it is not a mapping."""
    if isinstance(node, yaml.MappingNode):
        return list(node.value)
    return []
