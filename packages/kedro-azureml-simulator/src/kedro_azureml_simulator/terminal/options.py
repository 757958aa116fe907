"""The options of a run, written once for `azureml-simulate` and for other command lines."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal[
    "switch", "engine", "text", "count", "seconds", "file", "folder", "pairs", "references"
]


_LONGEST_S = 86_400
"""A day."""


@dataclass(frozen=True)
class RunOption:
    """One option of a run, for any library that parses command lines.

    Args:
        name: The option, as in `--max-trials`.
        argument: What its value is called, for `make_run_arguments`.
        help: What it does, as a sentence.
        kind: What it takes. `switch` and `engine` take nothing (an engine's value is the name);
            `count` a whole number from 1; `seconds` a number from 0 to 86,400; `file` and
            `folder` a path; `pairs` and `references` NAME=VALUE, and may be repeated.
        metavar: The value in a help text.
        about: Whether it says what runs, or how.
        other_name: Another spelling of it; empty if there is none.
    """

    name: str
    argument: str
    help: str
    kind: Kind = "text"
    metavar: str = ""
    about: Literal["what", "how"] = "what"
    other_name: str = ""

    def seconds(self, text: str) -> float:
        """Return the value of a `seconds` option.

        Args:
            text: The word that was given.

        Raises:
            ValueError: It is not a number of that range.

        Example:
            >>> next(o for o in RUN_OPTIONS if o.kind == "seconds").seconds("1.5")
            1.5
        """
        try:
            number = float(text)
        except ValueError:
            number = -1.0
        if not 0 <= number <= _LONGEST_S:  # nor what is not a number
            message = f"'{text}' is not a number of seconds from 0 to {_LONGEST_S}"
            raise ValueError(message)
        return number

    @property
    def names(self) -> tuple[str, ...]:
        """All spellings of the option."""
        return tuple(filter(None, (self.name, self.other_name)))

    def pair(self, text: str) -> tuple[str, str]:
        """Return name and value of a `pairs` or `references` option.

        Args:
            text: The word that was given.

        Raises:
            ValueError: It is not NAME=VALUE.

        Example:
            >>> option = next(o for o in RUN_OPTIONS if o.name == "--asset")
            >>> option.pair("azureml:birds:1=data/birds")
            ('birds:1', 'data/birds')
        """
        is_address = self.kind == "references" and "://" in text
        # An address may hold `=` itself.
        name, _, value = text.rpartition("=") if is_address else text.partition("=")
        if not name or "=" not in text or not (value or self.argument == "inputs"):
            message = f"'{text}' is not {self.metavar}"
            raise ValueError(message)
        return name if is_address else name.removeprefix("azureml:"), value


RUN_OPTIONS: Final = (
    RunOption(
        "--input",
        "inputs",
        "Value for an input of the job: a literal, or a path for data; repeatable.",
        "pairs",
        "NAME=VALUE",
        other_name="--inputs",
    ),
    RunOption(
        "--assets",
        "store",
        "Data assets, as <name>/<version>/, such as the `assets` folder of a run.",
        "folder",
        "DIR",
    ),
    RunOption(
        "--asset",
        "assets",
        "Local data for a version of an asset, for all of NAME, or for a remote address;"
        " repeatable.",
        "references",
        "NAME[:VERSION]=PATH",
    ),
    RunOption(
        "--component",
        "components",
        "YAML file of a component that is in a workspace or registry; repeatable.",
        "pairs",
        "NAME[:VERSION]=FILE",
    ),
    RunOption(
        "--config",
        "config",
        "File with assets, urls, environments, components and images;"
        " azureml-simulate.yml, if it is there, by default.",
        "file",
        "FILE",
    ),
    RunOption(
        "--max-trials", "max_trials", "Run at most N trials of each sweep step.", "count", "N"
    ),
    RunOption(
        "--only",
        "only",
        "Run only this step, in this terminal, with what the earlier run left.",
        metavar="STEP",
    ),
    RunOption(
        "--from",
        "start",
        "Run this step and all that depend on it, with what the earlier run left.",
        metavar="STEP",
    ),
    RunOption(
        "--no-reuse",
        "no_reuse",
        "Run deterministic steps even if code, command and inputs are unchanged.",
        "switch",
    ),
    RunOption(
        "--validate", "validate", "Check the job and stop before anything runs.", "switch"
    ),
    RunOption("--strict", "strict", "Treat warnings about the job's YAML as errors.", "switch"),
    RunOption(
        "--max-workers",
        "max_workers",
        "Number of steps to run at the same time; 2 by default.",
        "count",
        "N",
        "how",
    ),
    RunOption(
        "--python",
        "python",
        "Interpreter that `python` means in the steps.",
        "file",
        "PATH",
        "how",
    ),
    RunOption(
        "--step-env",
        "environments",
        "Interpreter, requirements file or conda file for steps with this environment;"
        " repeatable.",
        "pairs",
        "NAME=PATH",
        "how",
        other_name="--environment",
    ),
    RunOption("--docker", "engine", "Run each step in its image, with docker.", "engine",
              about="how"),
    RunOption("--podman", "engine", "Run each step in its image, with podman.", "engine",
              about="how"),
    RunOption(
        "--image",
        "images",
        "Image of an environment, with --docker or --podman; repeatable.",
        "pairs",
        "ENVIRONMENT=IMAGE",
        "how",
    ),
    RunOption(
        "--step-overhead",
        "step_overhead_s",
        "Seconds that each step waits before its command, as in Azure ML, where it waits for an"
        " instance and its image; 0 by default.",
        "seconds",
        "SECONDS",
        "how",
    ),
    RunOption("--keep", "keep", "Keep the folders of completed steps too.", "switch", about="how"),
    RunOption(
        "--no-isolation",
        "no_isolation",
        "Do not hide this machine's files from steps.",
        "switch",
        about="how",
    ),
)  # fmt: skip
"""What every command line that runs a job offers."""


def make_run_arguments(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of `simulate` that the values of `RUN_OPTIONS` stand for.

    Args:
        values: For each `RunOption.argument` its value: None or empty where it was not given,
            pairs as tuples or a mapping.

    Example:
        >>> given = make_run_arguments({"no_reuse": True, "assets": [("birds:1", "data/birds")]})
        >>> given["reuse"], given["assets"]["birds:1"].name
        (False, 'birds')
    """
    assets = _paths(values, "assets")
    if values.get("store") is not None:
        from kedro_azureml_simulator.planning.asset_store import list_stored_assets

        assets = {**list_stored_assets(Path(values["store"])), **assets}
    return {
        "max_workers": values.get("max_workers") or 2,
        "python": values.get("python"),
        "assets": assets,
        "inputs": dict(values.get("inputs") or ()),
        "environments": _paths(values, "environments"),
        "components": _paths(values, "components"),
        "images": dict(values.get("images") or ()),
        "config": values.get("config"),
        "engine": values.get("engine"),
        "only": values.get("only"),
        "start": values.get("start"),
        "reuse": not values.get("no_reuse"),
        "keep": bool(values.get("keep")),
        "isolate": not values.get("no_isolation"),
        "strict": bool(values.get("strict")),
        "max_trials": values.get("max_trials"),
        "step_overhead_s": values.get("step_overhead_s") or 0.0,
    }


def make_run_words(values: Mapping[str, Any]) -> list[str]:
    """Return the words of a command line that stand for values, in the order of `RUN_OPTIONS`.

    Args:
        values: As for `make_run_arguments`.

    Example:
        >>> make_run_words({"keep": True, "engine": "podman", "inputs": [("rate", "1")]})
        ['--input', 'rate=1', '--podman', '--keep']
    """
    words: list[str] = []
    for option in RUN_OPTIONS:
        value = values.get(option.argument)
        if option.kind == "engine":
            words += [option.name] if value == option.name.removeprefix("--") else []
        elif option.kind == "switch":
            words += [option.name] if value else []
        elif option.kind in {"pairs", "references"}:
            for name, text in dict(value or ()).items():
                words += [option.name, f"{name}={text}"]
        elif value is not None:
            words += [option.name, str(value)]
    return words


def _paths(values: Mapping[str, Any], argument: str) -> dict[str, Path]:
    return {name: Path(path) for name, path in dict(values.get(argument) or ()).items()}
