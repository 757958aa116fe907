"""The arguments of the command `azureml-simulate`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from kedro_azureml_simulator.__about__ import __version__
from kedro_azureml_simulator.terminal.options import RUN_OPTIONS, RunOption


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command's arguments."""
    made = argparse.ArgumentParser(
        prog="azureml-simulate",
        description="Run an Azure ML job on this machine, without Azure.",
        epilog="Exit codes: 0 completed, 1 a step failed or the pipeline is wrong, 2 usage,"
        " 3 this machine failed, 130 interrupted.",
    )
    made.add_argument(
        "pipeline",
        type=Path,
        metavar="pipeline.yml",
        help="The job: a pipeline, a command or a sweep.",
    )
    made.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    what = made.add_argument_group("what runs, and on what")
    how = made.add_argument_group("how it runs")
    # What excludes each other has one value, or says two things about which steps run.
    part, engine = what.add_mutually_exclusive_group(), how.add_mutually_exclusive_group()
    for option in RUN_OPTIONS:
        group = what if option.about == "what" else how
        if option.argument in {"only", "start"}:
            group = part
        elif option.argument == "engine":
            group = engine
        group.add_argument(*option.names, dest=option.argument, help=option.help, **_taking(option))
    how.add_argument(
        "--run-dir",
        type=Path,
        default=Path("azureml-simulation"),
        metavar="DIR",
        help="Where logs, outputs and run.json go; replaced if it is an earlier simulation"
        " (default: %(default)s).",
    )
    how.add_argument(
        "--project-dir",
        type=_folder,
        metavar="DIR",
        help="What steps must not see (default: the working directory, or the pipeline's folder).",
    )
    how.add_argument(
        "--format",
        choices=("text", "json", "github"),
        default="text",
        help="How results are written; github, annotations of a workflow, with --validate.",
    )
    return made


def _taking(option: RunOption) -> dict[str, Any]:
    """Return what argparse has to know about the values of an option."""
    if option.kind == "switch":
        return {"action": "store_true"}
    if option.kind == "engine":
        return {"action": "store_const", "const": option.name.removeprefix("--")}
    if option.kind in {"pairs", "references"}:

        def pair(text: str) -> tuple[str, str]:
            try:
                return option.pair(text)
            except ValueError as error:
                raise argparse.ArgumentTypeError(str(error)) from None

        several: dict[str, Any] = {"action": "append"}
        if option.name == "--input":  # as `az ml job create --set` takes several
            several = {"action": "extend", "nargs": "+"}
        return {**several, "default": [], "type": pair, "metavar": option.metavar}
    if option.kind == "seconds":

        def seconds(text: str) -> float:
            try:
                return option.seconds(text)
            except ValueError as error:
                raise argparse.ArgumentTypeError(str(error)) from None

        return {"type": seconds, "metavar": option.metavar}
    types = {"count": _positive, "file": Path, "folder": _folder, "text": str}
    return {"type": types[option.kind], "metavar": option.metavar}


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _folder(text: str) -> Path:
    path = Path(text)
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"{text} is not a folder")
    return path
