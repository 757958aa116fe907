"""Note what nodes warn of, for the step that announces the end: a file in the order outputs."""

from __future__ import annotations

import json
import logging
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro_azureml_datasets.credentials.known_secrets import hide_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kedro_azureml_runner.progress import StepProgress

WARNINGS_FILE = "warnings.json"
"""Name of the file, which has one JSON object in each line, for one step."""

MOST_TEXTS = 3
"""Different warnings of a step that are told; the others are counted."""

_LONGEST_TEXT = 300
_MOST_DIFFERENT = 100
_FRAMEWORKS = ("kedro", "kedro_azureml", "mlflow", "azureml")
# About code and not about data: whoever reads the log changes it at leisure.
_OF_CODE = re.compile(r"(?:PendingDeprecation|Deprecation|Future|Import|Resource)Warning: ")
_SHOWN = re.compile(r"^.*?:\d+: (\w+: .*)", re.DOTALL)


@dataclass(frozen=True)
class StepWarnings:
    """What the nodes of a step have warned of.

    Args:
        step: The step.
        count: How often.
        texts: The first different ones.
    """

    step: str
    count: int
    texts: tuple[str, ...]


class WarningNotes:
    """Notes the warnings of nodes: records of any logger, which includes those of `warnings`.

    What frameworks warn of and what is deprecated is left out, and so is all before the first node.

    Args:
        progress: What the step is doing.
    """

    def __init__(self, progress: StepProgress) -> None:
        self._progress = progress
        self._count = 0
        self._texts: dict[str, None] = {}
        # Not a handler: Kedro's configuration of logging removes those that it did not make.
        self._make = logging.getLogRecordFactory()
        logging.setLogRecordFactory(self._make_and_note)

    def stop(self) -> None:
        """Note nothing more."""
        if logging.getLogRecordFactory() == self._make_and_note:
            logging.setLogRecordFactory(self._make)

    def of_step(self, step: str) -> StepWarnings:
        """Return what was noted.

        Args:
            step: Name of the step.
        """
        return StepWarnings(step, self._count, tuple(self._texts)[:MOST_TEXTS])

    def _make_and_note(self, *args: Any, **more: Any) -> logging.LogRecord:
        record = self._make(*args, **more)
        if record.levelno >= logging.WARNING and self._progress.node is not None:
            self._note(record)
        return record

    def _note(self, record: logging.LogRecord) -> None:
        if record.name.partition(".")[0].startswith(_FRAMEWORKS):
            return
        try:
            text = record.getMessage()
        except Exception:  # as with a handler: what cannot be formatted fails no node
            text = str(record.msg)
        if record.name == "py.warnings":
            if _OF_CODE.search(text):
                return
            shown = _SHOWN.match(text)
            if shown:  # a secret may have several lines, so it is hidden before all but one are cut
                text = hide_secrets(shown.group(1)).partition("\n")[0]
        self._count += 1
        if len(self._texts) < _MOST_DIFFERENT:
            text = " ".join(hide_secrets(text).split())
            short = text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 1]}…"
            self._texts.setdefault(short)


def write_warnings(folders: Iterable[str], found: Iterable[StepWarnings]) -> None:
    """Write what steps have warned of into folders.

    Args:
        folders: Order outputs.
        found: The warnings; nothing is written where there are none.

    Raises:
        OSError: A folder cannot be written to.
    """
    lines = "".join(f"{json.dumps(asdict(one))}\n" for one in found if one.count)
    for folder in folders if lines else ():
        (Path(folder) / WARNINGS_FILE).write_text(lines, encoding="utf-8")


def read_warnings(folders: Sequence[str]) -> list[StepWarnings]:
    """Read what steps have warned of.

    Args:
        folders: What they have left.

    Raises:
        OSError: A file cannot be read.
        ValueError: It is not one that `write_warnings` writes.
    """
    found = []
    for folder in folders:
        path = Path(folder) / WARNINGS_FILE
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        try:
            for content in map(json.loads, lines):
                texts = tuple(map(str, content["texts"]))
                found.append(StepWarnings(str(content["step"]), int(content["count"]), texts))
        except (KeyError, TypeError) as error:
            raise ValueError(f"{path} is not what this version of the runner reads") from error
    return found
