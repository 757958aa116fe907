"""Find data that two entries name and that two steps use without an order between them."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from kedro_azureml_runner.reachability.addresses import Reach

from kedro_azureml_compiler.findings import About, Finding, FindingKind, Severity
from kedro_azureml_compiler.planning.facts import DataIdentity, DatasetKind, strip_transcoding
from kedro_azureml_compiler.planning.step_order import StepOrder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from kedro_azureml_compiler.planning.facts import DatasetFacts, ProjectFacts
    from kedro_azureml_compiler.planning.plan import Plan

SHARED_ADDRESS = FindingKind(
    code="shared-address",
    severity=Severity.ERROR,
    about=About.DATASET,
    title="Two entries name the same data, and nothing orders the steps that use it",
    explanation=(
        "Kedro orders nodes by the names of datasets: two entries are two datasets to it, "
        "whatever their addresses. A local run takes one node after the other, and on Azure ML "
        "both steps start together: the reader gets the data of the last run, a part of the new "
        "data, or none. This applies to files in storage, a folder and a file in it, tables of one "
        "server and the queries that name them; users and passwords do not matter. `external` "
        "declares that every container reaches the data, and orders nothing."
    ),
    hint=(
        "Use one entry in both nodes, with transcoding if they load it differently. Or let the "
        "second node take an output of the first, so that its step waits. If the order does not "
        "matter, list one of the two datasets under `unordered` of the job."
    ),
    example=(
        "sales@pandas: {type: pandas.SQLTableDataset, table_name: sales, credentials: shop}\n"
        "sales@query:\n"
        "  type: pandas.SQLQueryDataset\n"
        "  sql: select * from sales\n"
        "  credentials: shop"
    ),
)


class _Use(NamedTuple):
    """One node writes or reads the data of an entry.

    Args:
        dataset: The dataset, without transcoding.
        entry: What the entry says.
        step: The step of the node.
        position: The node's place in a local run.
        writes: Whether it writes.
    """

    dataset: str
    entry: DatasetFacts
    identity: DataIdentity
    step: str
    position: int
    writes: bool


def check_shared_addresses(
    plan: Plan, facts: ProjectFacts, unordered: Sequence[str] = ()
) -> list[Finding]:
    """Find steps that use the same data through two entries, without an order between them.

    Args:
        plan: What becomes of every dataset.
        facts: What is known about the project.
        unordered: Datasets whose readers need not wait, as the job says.
    """
    uses = _uses(plan, facts)
    if not any(use.writes for use in uses):
        return []
    order = StepOrder(plan)
    reported: dict[tuple[str, str], Finding] = {}
    for first, second in _pairs(uses):
        if first.dataset in unordered or second.dataset in unordered:
            continue
        known = _share_data(first, second, facts.root)
        if known is False:
            continue
        reader, writer = (first, second) if second.writes else (second, first)
        key = (reader.dataset, writer.dataset)
        if key in reported or key[::-1] in reported:
            continue
        if _is_external(first) != _is_external(second):
            reported[key] = _only_one_external(reader, writer)
        elif first.step != second.step and not order.runs_before(first.step, second.step):
            finding = _unordered(reader, writer)
            if known is None:
                finding = finding._replace(severity=Severity.WARNING)
            reported[key] = finding
    return list(reported.values())


def _uses(plan: Plan, facts: ProjectFacts) -> list[_Use]:
    """List who uses which data, in the order of a local run."""
    identified = {
        name: (entry, identity)
        for name, entry in facts.datasets.items()
        if (identity := _identity(entry)) is not None
    }
    if len(identified) < 2:
        return []
    step_of = {node: step.name for step in plan.steps for node in step.nodes}
    uses = []
    for position, node in enumerate(facts.nodes):
        for writes, names in ((False, node.inputs), (True, node.outputs)):
            for name in names:
                if name in identified:
                    entry, identity = identified[name]
                    step = step_of[node.name]
                    uses.append(
                        _Use(strip_transcoding(name), entry, identity, step, position, writes)
                    )
    return uses


def _identity(entry: DatasetFacts) -> DataIdentity | None:
    """Return what names the data of an entry; of a wrapped one the file of a local run."""
    if entry.kind is DatasetKind.PIPELINE and entry.local_path is not None:
        return DataIdentity(f"file:{entry.local_path}")
    return entry.identity if entry.kind is DatasetKind.STANDARD else None


def _pairs(uses: Iterable[_Use]) -> Iterator[tuple[_Use, _Use]]:
    """Pair uses of one address, or of one below the other, by two entries of which one writes."""
    at: dict[str, list[_Use]] = defaultdict(list)
    for use in uses:
        at[use.identity.address].append(use)
    for address, here in at.items():
        above = [u for place in _above(address) for u in at.get(place, ()) if not u.identity.exact]
        above = [] if here[0].identity.exact else above
        for number, use in enumerate(here):
            for other in (*here[number + 1 :], *above):
                if use.dataset != other.dataset and (use.writes or other.writes):
                    in_order = use.position <= other.position
                    yield (use, other) if in_order else (other, use)


def _above(address: str) -> list[str]:
    parts = address.split("/")
    return ["/".join(parts[:count]) for count in range(len(parts) - 1, 0, -1)]


def _share_data(one: _Use, two: _Use, root: Path) -> bool | None:
    """Check whether two uses of one address are of the same data; None if nobody can know."""
    if not (_is_external(one) or _is_external(two)):
        return False  # each step has its own: reported as data of one machine
    if one.writes and two.writes:
        if one.identity.exact or two.identity.exact:
            return False  # two messages to one service, for example
        if one.identity.appends and two.identity.appends:
            return False
    if _is_other_kind_of_file(one.identity, two.identity):
        return False
    tables = []
    for use in (one, two):
        if not use.writes and use.identity.is_query:
            other = two if use is one else one
            return _names_table(use.identity, other.identity.table, root)
        tables.append(use.identity.table)
    first, second = tables
    if first is None or second is None:
        return first is second or None
    return _is_same_table(first, second)


def _is_other_kind_of_file(one: DataIdentity, two: DataIdentity) -> bool:
    """Check for a folder of files with one suffix, and a file or a folder with another."""
    ends = [(one.suffix, two.suffix or two.address), (two.suffix, one.suffix or one.address)]
    of_folders = one.address == two.address and not (one.suffix and two.suffix)
    return not of_folders and any(
        suffix and not other.endswith(suffix) and "." in other.rpartition("/")[2]
        for suffix, other in ends
    )


def _is_same_table(one: str, two: str) -> bool:
    """Compare two names of tables, of which one may leave out the schema."""
    ours, theirs = one.split("."), two.split(".")
    count = min(len(ours), len(theirs))
    return ours[-count:] == theirs[-count:]


def _names_table(identity: DataIdentity, table: str | None, root: Path) -> bool | None:
    text = identity.query
    if text is None and identity.query_file is not None:
        try:
            text = (root / identity.query_file).read_text(encoding="utf-8")
        except (OSError, ValueError):
            return None
    if text is None or table is None:
        return None
    name = re.escape(table.rpartition(".")[2])
    return re.search(rf"(?<![\w$]){name}(?![\w$])", text, re.IGNORECASE) is not None


def _is_external(use: _Use) -> bool:
    """Check whether all containers see the same: a local address only where the job says so."""
    return use.entry.external or (
        use.entry.kind is DatasetKind.STANDARD and use.entry.reach is not Reach.LOCAL
    )


def _place(use: _Use) -> str:
    address = use.identity.address
    if "#" in address or address.startswith("unresolved:"):
        return "the same data (its arguments are equal)"
    shown = f"'{address.removeprefix('file:')}'"
    return f"the table '{use.identity.table}' of {shown}" if use.identity.table else shown


def _unordered(reader: _Use, writer: _Use) -> Finding:
    how = "written" if reader.writes else "read"
    message = (
        f"{_place(writer)} is {how} through this entry by the step '{reader.step}' and written "
        f"through '{writer.dataset}' by the step '{writer.step}', and nothing orders the two "
        "steps as a local run orders their nodes."
    )
    hint = (
        f"Let the nodes use '{writer.dataset}' in both steps, or let the node of the second step "
        "take an output of the first. If the order does not matter, write in the job in "
        f"azureml.yml:  unordered: ['{reader.dataset}']"
    )
    return SHARED_ADDRESS.found(reader.dataset, message, hint)


def _only_one_external(reader: _Use, writer: _Use) -> Finding:
    outside, inside = (reader, writer) if _is_external(reader) else (writer, reader)
    message = (
        f"{_place(writer)} is declared as external for '{outside.dataset}' and is on the disk of "
        f"each step for '{inside.dataset}': the steps '{reader.step}' and '{writer.step}' would "
        "use different data."
    )
    hint = f"Use '{outside.dataset}' in both nodes."
    return SHARED_ADDRESS.found(inside.dataset, message, hint)
