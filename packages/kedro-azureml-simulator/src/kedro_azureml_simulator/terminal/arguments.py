"""The arguments of the command `azureml-simulate`."""

from __future__ import annotations

import argparse
from pathlib import Path

from kedro_azureml_simulator.__about__ import __version__


def parser() -> argparse.ArgumentParser:
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
        help="the job: a pipeline, a command or a sweep",
    )
    made.add_argument(
        "--validate", action="store_true", help="check the job and stop before anything runs"
    )
    made.add_argument("--strict", action="store_true", help="treat warnings as errors")
    made.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    _what_runs(made.add_argument_group("what runs, and on what"))
    _how_it_runs(made.add_argument_group("how it runs"))
    return made


def _what_runs(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--inputs",
        action="extend",
        nargs="+",
        default=[],
        type=_pair,
        metavar="NAME=VALUE",
        help="values for pipeline inputs: a literal, or a path for data",
    )
    group.add_argument(
        "--assets",
        type=_folder,
        metavar="DIR",
        help="data assets, as <name>/<version>/; the folder `assets` of a run is one",
    )
    group.add_argument(
        "--asset",
        action="append",
        default=[],
        type=_reference_pair,
        metavar="NAME:VERSION=PATH",
        help="local data for azureml:NAME:VERSION (or NAME@latest), or for a remote address;"
        " repeatable",
    )
    group.add_argument(
        "--component",
        action="append",
        default=[],
        type=_pair,
        metavar="NAME[:VERSION]=FILE",
        help="the YAML file of a component that is in a workspace or registry; repeatable",
    )
    group.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="a file with assets, urls, environments and components (default:"
        " azureml-simulate.yml beside the pipeline)",
    )
    group.add_argument(
        "--max-trials",
        type=_positive,
        metavar="N",
        help="at most so many trials of each sweep step",
    )
    alone = group.add_mutually_exclusive_group()
    alone.add_argument(
        "--only",
        metavar="STEP",
        help="run this step alone, in this terminal, on what the earlier run has left",
    )
    alone.add_argument(
        "--from",
        dest="start",
        metavar="STEP",
        help="run this step and all that wait for it, on what the earlier run has left",
    )
    group.add_argument(
        "--no-reuse",
        action="store_true",
        help="run deterministic steps also where code, command and inputs are unchanged",
    )


def _how_it_runs(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--run-dir",
        type=Path,
        default=Path("azureml-simulation"),
        metavar="DIR",
        help="where logs, outputs and run.json go; replaced if it is an earlier simulation"
        " (default: %(default)s)",
    )
    group.add_argument(
        "--max-workers",
        type=_positive,
        default=2,
        metavar="N",
        help="how many steps may run at a time (default: %(default)s)",
    )
    group.add_argument(
        "--python",
        type=Path,
        metavar="PATH",
        help="the interpreter that `python` means in the steps (default: that of an inline"
        " environment, or else the one on PATH)",
    )
    group.add_argument(
        "--environment",
        action="append",
        default=[],
        type=_pair,
        metavar="NAME=PATH",
        help="for the steps with this environment, an interpreter, a requirements file or a"
        " conda file; repeatable",
    )
    engine = group.add_mutually_exclusive_group()
    for name in ("docker", "podman"):
        engine.add_argument(
            f"--{name}",
            dest="engine",
            action="store_const",
            const=name,
            help=f"run each step in its image, with {name}",
        )
    group.add_argument(
        "--image",
        action="append",
        default=[],
        type=_pair,
        metavar="ENVIRONMENT=IMAGE",
        help="the image of an environment, with --docker or --podman; repeatable",
    )
    group.add_argument(
        "--keep",
        action="store_true",
        help="keep working directories and inputs of completed steps too",
    )
    group.add_argument(
        "--project-dir",
        type=_folder,
        metavar="DIR",
        help="what steps must not see (default: the working directory, or the pipeline's folder)",
    )
    group.add_argument(
        "--no-isolation",
        action="store_true",
        help="no mount namespaces: steps see this machine as it is",
    )
    group.add_argument(
        "--format",
        choices=("text", "json", "github"),
        default="text",
        help="how results are written; github, annotations of a workflow, with --validate",
    )


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


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"`{text}` is not NAME=VALUE")
    return name, value


def _reference_pair(text: str) -> tuple[str, str]:
    # An address may hold `=` itself.
    name, _, value = text.rpartition("=") if "://" in text else text.partition("=")
    if not name or not value:
        raise argparse.ArgumentTypeError(f"`{text}` is not NAME:VERSION=PATH")
    return name.removeprefix("azureml:") if "://" not in name else name, value
