"""What a parallel step's driver finds: itself, and what it is to do."""

from __future__ import annotations

import json
import math
import shlex
import shutil
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from kedro_azureml_simulator.running.steps.step_places import StepError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kedro_azureml_simulator.pipeline.model import Parallel
    from kedro_azureml_simulator.planning.plan import PlannedStep
    from kedro_azureml_simulator.run_places import StepFolder

_DRIVER = Path(__file__).with_name("parallel_driver.py")
_ROWS = "parallel_run_step.txt"
_NUMBERS = ("error_threshold", "allowed_failed_percent", "allowed_failed_count")


def write_parallel(
    work: Parallel, step: PlannedStep, folder: StepFolder, names: Mapping[str, str], arguments: str
) -> None:
    """Write the driver and its task into the scratch folder of a step.

    Args:
        work: The step's parallel task.
        step: The step.
        folder: Its places.
        names: What each expression stands for.
        arguments: The program arguments, their expressions replaced.
    """
    try:
        words = shlex.split(arguments)
    except ValueError as error:
        raise StepError(f"the program arguments cannot be split into words: {error}") from error
    options = _own_options(words)
    numbers = {name: _number(name, text) for name, text in options.items() if name in _NUMBERS}
    append = None
    if work.append_port is not None:
        place = names[f"outputs.{work.append_port}"]
        is_file = step.outputs[work.append_port].type == "uri_file"
        append = place if is_file else str(Path(place) / options.get("append_row_file_name", _ROWS))
    spec = {
        "entry_script": work.entry_script,
        "arguments": words,
        "input": names[f"inputs.{work.input_port}"],
        "batch_size": work.batch_size,
        "append": append,
        "error_threshold": int(numbers.get("error_threshold", work.error_threshold)),
        "batch_error_threshold": int(
            numbers.get("allowed_failed_count", work.batch_error_threshold)
        ),
        "allowed_failed_percent": numbers.get("allowed_failed_percent"),
        "max_retries": work.max_retries,
        "timeout_s": work.timeout_s,
        "workers": work.workers,
    }
    folder.scratch.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_DRIVER, folder.scratch / _DRIVER.name)
    (folder.scratch / "task.json").write_text(json.dumps(spec), encoding="utf-8")


def make_parallel_line(folder: StepFolder) -> str:
    """Return the line for the shell that runs the driver with the step's Python."""
    driver, task = folder.scratch / _DRIVER.name, folder.scratch / "task.json"
    python = "$(command -v python || command -v python3)"
    return f'exec "{python}" {shlex.quote(str(driver))} {shlex.quote(str(task))}'


def _own_options(words: Sequence[str]) -> dict[str, str]:
    """Return the program arguments that Azure ML reads itself: `--name value`, `--name=value`."""
    found = {}
    for word, following in zip_longest(words, words[1:], fillvalue=""):
        option, equals, value = word.partition("=")
        name = option.removeprefix("--")
        if option.startswith("--") and name in (*_NUMBERS, "append_row_file_name"):
            found[name] = value if equals else following
    return found


def _number(name: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise StepError(f"the program argument --{name} is '{text}', which is not a number")
    return number
