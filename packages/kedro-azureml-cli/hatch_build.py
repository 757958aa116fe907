"""Puts the starters, which lie beside the packages, into the sdist and the wheel."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class StartersHook(BuildHookInterface[Any]):
    """Includes `starters/`, from the repository or from the sdist that is being built."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  (hatchling's interface)
        """Add the folder to what the target includes."""
        inside = Path(self.root) / "starters"
        source = inside if inside.is_dir() else Path(self.root).parents[1] / "starters"
        if not source.is_dir():
            raise FileNotFoundError(f"There are no starters at '{source}'.")
        target = (
            "starters" if self.target_name == "sdist" else "kedro_azureml_cli/starter_templates"
        )
        for path in sorted(source.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                build_data["force_include"][str(path)] = f"{target}/{path.relative_to(source)}"
