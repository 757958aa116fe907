"""One thing that is wrong with a pipeline, or looks wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a pipeline, or looks wrong.

    Args:
        where: The place in the YAML, such as `jobs.train.inputs.data`; empty for the whole file.
        text: What is wrong.
        hint: What to write instead; may be empty.
        severity: `error`; `warning`, which `strict` makes an error; `note`, for information.
        rule: The rule behind a refusal that the Azure SDK's validation does not make, a key of
            `kedro_azureml_simulator.pipeline.rules.RULES`; empty for what the SDK refuses too.
        file: The file that the place is in; None without a file.
        line: The line in that file, from 1; 0 where it is not known.
    """

    where: str
    text: str
    hint: str = ""
    severity: Literal["error", "warning", "note"] = "error"
    rule: str = ""
    file: Path | None = None
    line: int = 0

    def __str__(self) -> str:
        label = "" if self.severity == "error" else f"{self.severity}: "
        place = f"{self.where}: " if self.where else ""
        hint = f"\n      {self.hint}" if self.hint else ""
        return f"{self.position}{label}{place}{self.text}{hint}"

    @property
    def position(self) -> str:
        """The file and line as `pipeline.yml:12: `; empty where they are not known."""
        return f"{self.file.name}:{self.line}: " if self.file is not None and self.line else ""
