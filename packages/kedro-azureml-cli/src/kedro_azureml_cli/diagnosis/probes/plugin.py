"""Which distribution answers `kedro azureml`, and is an earlier one installed besides?"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from kedro_azureml_cli.diagnosis.probe import Probe
from kedro_azureml_cli.diagnosis.rows import Row, failed, ok, warning
from kedro_azureml_cli.terminal.answering_plugins import OURS, find_answering_plugins

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kedro_azureml_cli.diagnosis.subject import Subject

_LABEL = "plugin"
_EARLIER = ("kedro-azureml", "kedro-azureml-pipeline")


def judge_plugins(answering: Sequence[tuple[str, str]], installed: Sequence[str]) -> Row:
    """Return the row about the plugins with the command `kedro azureml`.

    Args:
        answering: Name and version of each whose command can be loaded, the one that Kedro asks
            first at the beginning.
        installed: Earlier plugins that are installed, with their versions.

    Example:
        >>> judge_plugins([("kedro-azureml-cli", "0.2.0")], []).found
        "kedro-azureml-cli 0.2.0 answers 'kedro azureml'"
    """
    known = list(dict.fromkeys([*(" ".join(one) for one in answering), *installed]))
    first = " ".join(answering[0]) if answering else "no plugin"
    silent = [one for one in known if one != first]
    found = f"{first} answers 'kedro azureml'"
    if silent:
        found += f"; {' and '.join(silent)} {'is' if len(silent) == 1 else 'are'} installed too"
    others = " ".join(name for name in (one.split()[0] for one in known) if name != OURS)
    fix = f"Remove what is not needed:  pip uninstall {others}"
    if not answering or answering[0][0] != OURS:
        return failed(_LABEL, found, fix if others else "")
    return warning(_LABEL, found, fix) if others else ok(_LABEL, found)


def _examine(_: Subject) -> Iterator[Row]:
    installed = []
    for name in _EARLIER:
        try:
            installed.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    yield judge_plugins(find_answering_plugins(), installed)


PLUGIN = Probe(
    "plugin",
    "Which distribution answers `kedro azureml`, and is an earlier plugin installed besides?",
    _examine,
    after=("packages",),
)
