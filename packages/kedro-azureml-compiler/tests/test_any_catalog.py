"""Whatever style a catalog is written in, `--fix` wraps entries and leaves every other byte alone.

The judge is not our reader of text: lines are compared as they stand, and values are those that
Kedro's own loader reads from the files.
"""

from collections import Counter
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kedro.config import OmegaConfigLoader
from kedro_azureml_compiler.entry_fixes import WrapEntry
from kedro_azureml_compiler.findings import About, FindingKind, Severity
from kedro_azureml_compiler.fixing.plan_fixes import plan_fixes
from kedro_azureml_compiler.fixing.writing import write_changes
from kedro_azureml_compiler.project.request import ProjectRequest
from stress import examples, record_counts
from written_project import WrittenProject

pytestmark = pytest.mark.once

KIND = FindingKind("wrap", Severity.ERROR, About.DATASET, "It is local", "So?", "Wrap it.")
ADDED = ("type: kedro_azureml_datasets.AzureMLPipelineDataset", "dataset:")
ROOTS = ("root_dir: .", "root_dir: data/unversioned")
COUNTS: Counter[str] = Counter()

scalars = st.sampled_from([
    "yes", "017", "1e3", "~", "'a # b'", '"x: y"', "1.0", "0x1F", "2026-01-01", "a b", "größe",
    "${_shared}", "[1, 2,\n    3]", "{a: 1, b: [x]}", "|-\n{m}  one\n{m}    two\n\n{m}  three",
    ">\n{m}  folded\n{m}  on", "|+\n{m}  kept\n\n", "'two\n\n{m}  lines'", '"esc\\\n{m}  aped"',
    "plain\n{m}  on two lines", "\n{m}- one\n{m}- {two: 2}", "\n{m}  - - deep\n{m}    - er",
    "|-\n{m}  a\n{m}      \n{m}  b", "|2-\n{m}   more", "\n{m}    k: v  # deep\n{m}    l: [a]",
    "'quoted\n# no comment'", '"{a}: \\u2028 \\\\"',
])  # fmt: skip
comments = st.sampled_from(["", "", "", "  # why", " # a: b", "  #"])
between = st.sampled_from(["", "", "\n", "# outside\n", "\n# ---\n\n", "   \n", "  # deep\n"])


@dataclass(frozen=True)
class Written:
    """An entry as text, and whether lines can be added to it."""

    key: str
    text: str
    is_plain: bool
    drops: bool = False


@st.composite
def entries(draw, number: int) -> Written:
    key = draw(st.sampled_from([f"d{number}", f"'d {number}'", f'"d{number}@x"', f"ns.d{number}"]))
    name = key.strip("'\"")
    style = draw(st.sampled_from(["block"] * 6 + ["flow", "anchor", "merge", "explicit"]))
    path = f"data/{number}.json"
    if style == "flow":
        return Written(name, f"{key}: {{type: json.JSONDataset, filepath: {path}}}\n", False)
    if style == "merge":
        return Written(name, f"{key}:\n  <<: *shared\n  filepath: {path}\n", False)
    if style == "explicit":
        text = f"? {key}\n: type: json.JSONDataset\n  filepath: {path}\n"
        return Written(name, text, False)
    margin = " " * draw(st.integers(1, 5))
    lines = [f"type: json.JSONDataset{draw(comments)}", f"filepath: {path}{draw(comments)}"]
    if drops := draw(st.integers(0, 5)) == 0:
        lines.append(f"versioned: {draw(st.sampled_from(['true', 'yes', 'on']))}{draw(comments)}")
    for i in range(draw(st.integers(0, 3))):
        value = draw(scalars).replace("{m}", margin)
        nested = draw(st.booleans())
        deep = value.replace("\n" + margin, "\n" + margin * 2) if nested else value
        lines.append(f"arg{i}:\n{margin * 2}inner: {deep}" if nested else f"arg{i}: {value}")
    lines = draw(st.permutations(lines))
    head = f"{key}:{' &a' + str(number) if style == 'anchor' else ''}{draw(comments)}\n"
    body = [f"{margin}{line}\n" for line in lines]
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(body)))
        body.insert(at, draw(st.sampled_from([f"{margin}# about it\n", "# outer\n", "\n", " \n"])))
    return Written(name, head + "".join(body), style == "block", drops)


@st.composite
def catalogs(draw) -> tuple[list[tuple[str, Written | None]], str, bool, bool]:
    pieces: list[tuple[str, Written | None]] = [
        ("_shared: &shared\n  type: json.JSONDataset\n", None)
    ]
    for number in range(draw(st.integers(1, 6))):
        pieces.append((draw(between), None))
        entry = draw(entries(number))
        pieces.append((entry.text, entry))
    pieces.append((draw(between), None))
    line_end = draw(st.sampled_from(["\n", "\n", "\r\n", "\r"]))
    return pieces, line_end, draw(st.booleans()), draw(st.booleans())


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KEDRO_DISABLE_TELEMETRY", "1")
        patch.delenv("KEDRO_ENV", raising=False)
        yield WrittenProject(tmp_path_factory.mktemp("any") / "farm")
    record_counts("catalogs that --fix changes", {"entries": dict(COUNTS)})


def read(project) -> dict[str, object]:
    loader = OmegaConfigLoader(str(project.root / "conf"), base_env="base", default_run_env="local")
    return dict(loader["catalog"])


@examples(30)
@given(catalog=catalogs(), chosen=st.sets(st.integers(0, 5), min_size=1))
def test_entries_are_indented_and_added_to_and_every_other_byte_stays(project, catalog, chosen):
    pieces, line_end, has_mark, has_end = catalog
    text = "".join(piece for piece, _ in pieces)
    text = text if has_end else text.rstrip("\n")
    mark = "\ufeff" if has_mark else ""
    file = project.root / "conf/base/catalog.yml"
    file.write_bytes((mark + text.replace("\n", line_end)).encode())
    before, old = file.read_bytes().decode(), read(project)
    written = [entry for _, entry in pieces if entry is not None]
    asked = [written[i] for i in sorted(chosen) if i < len(written)]
    fixes = [fix_of(entry) for entry in asked]
    findings = [KIND.found(fix.dataset, "is local.", fixes=(fix,)) for fix in fixes]
    plan = plan_fixes(ProjectRequest(project.root), findings)
    write_changes(plan.changes)
    after = file.read_bytes().decode()

    plain = [entry.key for entry in asked if entry.is_plain]
    assert sorted(plan.fixed) == sorted(plain), plan.left
    assert sorted(left.entry for left in plan.left) == sorted(
        entry.key for entry in asked if not entry.is_plain
    )
    meant = {fix.dataset: nest(old[fix.dataset], fix) for fix in fixes if fix.dataset in plain}
    assert repr_of(read(project)) == repr_of({**old, **meant})
    may_move = [
        entry is not None and entry.key in plan.fixed
        for piece, entry in pieces
        for _ in range(piece.count("\n"))
    ]
    assert reverted(after.split(line_end), before.split(line_end), may_move) == before.split(
        line_end
    )
    if not plan.fixed:
        assert after == before
    COUNTS["fixed"] += len(plan.fixed)
    COUNTS["left"] += len(plan.left)


def fix_of(entry: Written) -> WrapEntry:
    root_dir = "data/unversioned" if entry.drops else "."
    return WrapEntry(entry.key, ("filepath",), root_dir, drops_versions=entry.drops)


def nest(entry, fix: WrapEntry) -> dict[str, object]:
    inner = {k: v for k, v in entry.items() if not (k == "versioned" and fix.drops_versions)}
    kind = "kedro_azureml_datasets.AzureMLPipelineDataset"
    return {"type": kind, "root_dir": fix.root_dir, "dataset": inner}


def repr_of(value) -> str:
    """Write a value with the types of everything in it, and its keys in order."""
    if isinstance(value, dict):
        return repr([(key, repr_of(value[key])) for key in sorted(value)])
    return repr(list(map(repr_of, value))) if isinstance(value, list) else repr(value)


def reverted(after: list[str], before: list[str], may_move: list[bool]) -> list[str]:
    """Take the added lines, the added margin and the added `# ` off again, line by line."""
    lines: list[str] = []
    for line in after:
        number = len(lines)
        expected = before[number] if number < len(before) else None
        if line == expected:
            lines.append(line)
        elif expected is not None and is_indented(line, expected):
            # A comment that is indented like the entry above it moves with that entry.
            assert number >= len(may_move) or may_move[number] or "# deep" in line, line
            lines.append(expected)
        else:
            assert line.strip() in {*ADDED, *ROOTS}, (line, expected)
    return lines


def is_indented(line: str, original: str) -> bool:
    if not original.strip(" ") and not original:
        return False
    margin = len(line) - len(line.lstrip(" "))
    before = len(original) - len(original.lstrip(" "))
    content, own = line[margin:], original[before:]
    return margin > before and content in {own, f"# {own}" if own[:9] == "versioned" else own}
