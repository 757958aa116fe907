"""Read catalog entries as they are written, for hints that keep interpolations and patterns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import yaml

from kedro_azureml_compiler.config_files import list_config_files
from kedro_azureml_compiler.yaml_text import load_yaml

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from kedro_azureml_compiler.planning.facts import ConfigFiles, DatasetFacts


def restore_written_entries(
    datasets: Mapping[str, DatasetFacts],
    names: Collection[str],
    resolver: Any,
    root: Path,
    files: ConfigFiles,
) -> dict[str, DatasetFacts]:
    """Replace resolved entries by what the catalog's files have, for datasets that need a hint.

    The files are read only where there is such a dataset.

    Args:
        datasets: What is known about the job's datasets.
        names: Those for which a hint may be given, with their transcoding.
        resolver: The catalog's resolver of patterns.
        root: The project's folder.
        files: The location of the configuration.
    """
    wanted = [name for name in names if name in datasets and datasets[name].written is not None]
    if not wanted:
        return dict(datasets)
    entries = _entries(root, files)
    changed = dict(datasets)
    for name in wanted:
        written = datasets[name].written
        key = name
        if name not in entries:
            key = resolver.match_dataset_pattern(name) or resolver.match_user_catch_all_pattern(
                name
            )
        config = entries.get(key)
        if written is not None and isinstance(config, Mapping) and _has(config, written.path_keys):
            as_written = written._replace(key=key, config=config, is_resolved=False)
            changed[name] = datasets[name]._replace(written=as_written)
    return changed


def _entries(root: Path, files: ConfigFiles) -> dict[str, Any]:
    entries: dict[str, Any] = {}
    for file in list_config_files(root, files.folders, files.patterns.get("catalog", ())):
        try:
            text = (root / file).read_text(encoding="utf-8")
            content = load_yaml(text)
        except (OSError, ValueError, yaml.YAMLError):
            continue  # what cannot be read has been reported already
        if isinstance(content, Mapping):
            for key, entry in content.items():
                entries.setdefault(str(key), entry)
    return entries


def _has(config: Mapping[str, Any], keys: tuple[str, ...]) -> bool:
    value: Any = config
    for key in keys:
        if not isinstance(value, Mapping) or key not in value:
            return False
        value = value[key]
    return True
