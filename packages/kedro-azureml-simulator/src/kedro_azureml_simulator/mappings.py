"""`azureml-simulate.yml`: local files and folders for what lives in a workspace or on the web."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from kedro_azureml_simulator.errors import PipelineError
from kedro_azureml_simulator.pipeline.section import Reading, Section
from kedro_azureml_simulator.pipeline.yaml_reader import read_yaml
from kedro_azureml_simulator.references import list_spellings

if TYPE_CHECKING:
    from collections.abc import Mapping

Found = TypeVar("Found")

CONFIG_NAME = "azureml-simulate.yml"
_KEYS = ("assets", "urls", "environments", "components", "images")


@dataclass(frozen=True)
class Mappings:
    """Local paths for assets and remote addresses, environments and components, by reference.

    `images` are the container images of environments, by name.
    """

    assets: Mapping[str, Path] = field(default_factory=dict)
    environments: Mapping[str, Path] = field(default_factory=dict)
    components: Mapping[str, Path] = field(default_factory=dict)
    images: Mapping[str, str] = field(default_factory=dict)

    def over(self, base: Mappings) -> Mappings:
        """Return both together; where both say something, these count."""
        return Mappings(
            _merge(base.assets, self.assets),
            _merge(base.environments, self.environments),
            _merge(base.components, self.components),
            _merge(base.images, self.images),
        )


def _merge(base: Mapping[str, Found], first: Mapping[str, Found]) -> dict[str, Found]:
    """Join two mappings; a name in `first` counts for every version in `base`."""
    names = {name.removeprefix("azureml:") for name in first}
    left = {name: value for name, value in base.items() if names.isdisjoint(list_spellings(name))}
    return {**left, **first}


def read_mappings_for(pipeline_file: Path | None, config: Path | None) -> Mappings:
    """Return the mappings of a configuration file; empty without a file.

    Args:
        pipeline_file: The pipeline, beside which the file may be; None for a job without a file.
        config: The file, None for the one beside the pipeline.

    Raises:
        PipelineError: The file cannot be read, or holds something else.
    """
    if config is not None:
        return read_mappings(Path(config).absolute())
    if pipeline_file is None:
        return Mappings()
    beside = pipeline_file.absolute().with_name(CONFIG_NAME)
    return read_mappings(beside) if beside.is_file() else Mappings()


def read_mappings(file: Path) -> Mappings:
    """Read a configuration file; its paths are relative to its folder.

    Args:
        file: The file, its path absolute.

    Raises:
        PipelineError: The file cannot be read, or holds something else.

    Example:
        >>> import tempfile
        >>> file = Path(tempfile.mkdtemp()) / "azureml-simulate.yml"
        >>> _ = file.write_text("components: {train: .}")
        >>> read_mappings(file).components["train"] == file.parent
        True
    """
    reading = Reading()
    content = Section.of_file(read_yaml(file), file, reading)
    content.only(_KEYS)
    found: dict[str, dict[str, Path]] = {}
    for key in _KEYS[:-1]:
        section = content.section(key)
        paths = found[key] = {}
        for name in section.values:
            text = section.string(name) or ""
            path = file.parent / Path(text).expanduser()
            if text and not path.exists():
                section.problem(name, f"{path} does not exist", "check the path")
            paths[name] = path
    described = content.section("images")
    images = {name: described.string(name) or "" for name in described.values}
    if reading.problems:
        # A key that stands there twice too: a warning about this file would reach nobody.
        raise PipelineError(file, [replace(p, severity="error") for p in reading.problems])
    return Mappings(
        {**found["assets"], **found["urls"]}, found["environments"], found["components"], images
    )
