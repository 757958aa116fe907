"""A catalog that is read without OmegaConf is what Kedro's own loader reads from the same files."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from kedro.config import OmegaConfigLoader
from kedro_azureml_compiler.project.catalog import plain_files
from kedro_azureml_compiler.project.catalog.plain_files import read_plain_catalog
from stress import examples, record_counts

pytestmark = pytest.mark.once

COUNTS: Counter[str] = Counter()

# What YAML takes for a number, a date, a switch or nothing, and what only looks like it.
scalars = st.one_of(
    st.sampled_from([
        "yes", "No", "ON", "off", "y", "n", "True", "true", "TRUE", "False", "null", "NULL", "~",
        "", "017", "0o17", "0b1", "0x1F", "1e3", "1e-3", "1_000", "-1", "+1", "0", "-0", "00", ".5",
        "1.", "-.inf", ".NaN", "190:20:30", "2026-01-01", "2026-01-01 10:00:00", "=", "<<", "-",
        "12345678901234567890", "./a.csv", "01_raw/a.csv", "1/2", "10.csv", "???", "${a}", "$a",
        "'${b:1}'", "'it''s'", '"\\u2028\\x00"', "'5'", "! 5", "!!str 5", "!!int '5'", "!!float 5",
        "!!bool true", "!!null x", "!!set {a}", "!own x", "&a 1", "*a", "a & b", "{name}.csv",
        "[1, [a, {b: c}], ~]", "{a: 1, b: [x, 2.0]}", "{a: 1, a: 2}", "{5: x}", "{? [a] : b}",
        "|-\n    one\n    two", ">\n    folded\n    on", "größe", "a\u0085b", "'a\n    b'", "a: b",
        '"\\x24{_a}"', '"\\u0024{_a}"', '"$\\\n    {_a}"', '"\\x3f??"', '"a\\x20b"',
        "@a", "`a`", "%a", "# none", "a #b", "\t", "[", "{", "'", "---", "...",
    ]),
    st.text(st.sampled_from("01.+-_:eExXoTZ/ aynN~=<$&*!?#'\"{}[],\n"), max_size=6),
)  # fmt: skip
keys = st.sampled_from(
    ["a", "b", "{name}", "x.y", "'c d'", "_a", "__dict__", "yes", "5", "~", "''", "<<", "a/b", "="]
)


@st.composite
def files(draw) -> str:
    lines = []
    for _ in range(draw(st.integers(0, 4))):
        lines.append(f"{draw(keys)}:")
        if draw(st.booleans()):
            lines[-1] += f" {draw(scalars)}"
            continue
        is_list = draw(st.integers(0, 9)) == 0
        lines += [
            f"  - {draw(scalars)}" if is_list else f"  {draw(keys)}: {draw(scalars)}"
            for _ in range(draw(st.integers(1, 3)))
        ]
    mark = draw(st.sampled_from(["", "", "", "", "\ufeff", "---\n", "%YAML 1.1\n---\n"]))
    return mark + draw(st.sampled_from(["\n", "\n", "\n", "\r\n", "\r"])).join([*lines, ""])


def make_loader(conf: Path, **arguments) -> OmegaConfigLoader:
    return OmegaConfigLoader(
        str(conf), **{"base_env": "base", "default_run_env": "prod"} | arguments
    )


def write(conf: Path, **texts: str) -> None:
    for name in ("base/catalog", "base/catalog_more", "prod/catalog"):
        file = conf / f"{name}.yml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        if (key := name.replace("/", "_")) in texts:
            file.write_bytes(texts[key].encode())


def typed(value) -> object:
    """Return a value with the types of everything in it."""
    if isinstance(value, dict):
        return {key: typed(inner) for key, inner in value.items()}
    return list(map(typed, value)) if isinstance(value, list) else (type(value), repr(value))


@pytest.fixture(scope="module")
def conf(tmp_path_factory):
    yield tmp_path_factory.mktemp("plain") / "conf"
    record_counts("catalogs that are read without OmegaConf", {"catalogs": dict(COUNTS)})


@examples(300)
@given(base=files(), more=files(), prod=files(), run_env=st.sampled_from(["base", "prod"]))
@example("a: {type: x, filepath: a.csv}", "b: {n: 5, on_disk: true}", "c: [~, 'no']", "prod")
def test_a_catalog_is_read_as_kedro_reads_it_or_left_to_kedro(conf, base, more, prod, run_env):
    write(conf, base_catalog=base, base_catalog_more=more, prod_catalog=prod)
    plain = read_plain_catalog(make_loader(conf, default_run_env=run_env))
    COUNTS["left to Kedro" if plain is None else "read"] += 1
    if plain is not None:
        assert typed(plain) == typed(make_loader(conf, default_run_env=run_env)["catalog"])


@pytest.mark.parametrize(
    "text",
    [
        'a:\n  type: pickle.PickleDataset\n  filepath: "a.pkl"\n',
        "a: {type: pandas.CSVDataset, filepath: data/01_raw/a.csv, load_args: {header: 0}}\n",
        "a:\n  type: x.Y\n  save_args: {index: false, sep: ';', cols: [a, b]}\n  metadata: ~\n",
        '"{name}":\n  type: x.Y\n  filepath: ./data/{name}.csv\n_hidden: {x: 1}\n',
    ],
)
def test_a_catalog_without_references_is_read_without_omegaconf(conf, text):
    write(conf, base_catalog=text)
    assert typed(read_plain_catalog(make_loader(conf))) == typed(make_loader(conf)["catalog"])


@pytest.mark.parametrize(
    "text",
    ["a: ${_b}", "a: '???'", "a: &b x", "a: 1.5", "a: 1\na: 2", "a: [", "- a", "a: yes", "5: a"],
)
def test_what_may_mean_something_else_is_left_to_kedro(conf, text):
    write(conf, base_catalog=text)
    assert read_plain_catalog(make_loader(conf)) is None


@pytest.mark.parametrize(
    "value",
    [
        '"\\x24{_b}"',
        '"\\u0024{_b}"',
        '"\\U00000024{_b}"',
        '"$\\x7b_b}"',
        '"$\\\n  {_b}"',
        '"??\\x3f"',
    ],
)
def test_a_reference_that_is_written_with_escapes_is_left_to_kedro(conf, value):
    write(conf, base_catalog=f"a: {{type: x.Y, n: {value}}}\n_b: hi\n")
    assert read_plain_catalog(make_loader(conf)) is None


def test_a_file_of_too_many_nodes_is_left_to_kedro(conf):
    entries = "".join(f"d{n}: {{type: x, a: z}}\n" for n in range(1667))
    write(conf, base_catalog=entries.partition("d1666")[0])
    assert len(read_plain_catalog(make_loader(conf))) == 1666  # 6 nodes each, and the whole
    write(conf, base_catalog=entries)
    assert read_plain_catalog(make_loader(conf)) is None


def test_another_limit_of_nodes_is_left_to_kedro(conf, monkeypatch):
    write(conf, base_catalog="a: b")
    monkeypatch.setenv("OMEGACONF_MAX_YAML_EXPANDED_NODES", "2")
    assert read_plain_catalog(make_loader(conf)) is None


def test_a_loader_of_the_project_reads_its_own_catalog(conf):
    class OwnLoader(OmegaConfigLoader):
        pass

    write(conf, base_catalog="a: b")
    set_by_a_hook = make_loader(conf)
    set_by_a_hook["catalog"] = {"c": "d"}
    others = [
        OwnLoader(str(conf), base_env="base"),
        set_by_a_hook,
        make_loader(conf, merge_strategy={"catalog": "soft"}),
        make_loader(conf, ignore_hidden=False),
        make_loader(conf, base_env="nowhere"),
    ]
    assert [read_plain_catalog(loader) for loader in others] == [None] * len(others)


def test_files_are_found_where_kedro_finds_them(tmp_path):
    texts = {
        "base/catalog_a/deep/x.yml": "a: 1", "base/nested/catalog.json": '{"b": 2}',
        "base/catalog.txt": "c: 3", "base/other.yml": "d: 4", "base/catalog.yaml": "e: 5",
        "base/nested/catalog_b/x.yml": "f: 6", "prod/catalog_prod.yml": "g: 7",
    }  # fmt: skip
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    found = read_plain_catalog(make_loader(tmp_path))
    assert found == make_loader(tmp_path)["catalog"] == {"a": 1, "b": 2, "e": 5, "g": 7}
    (tmp_path / "base/.kept").mkdir()
    (tmp_path / "base/.kept/catalog.yml").write_text("h: 8")
    assert "h" not in (read_plain_catalog(make_loader(tmp_path)) or {})
    (tmp_path / "base/catalog_link.yml").symlink_to(tmp_path / "base/.kept/catalog.yml")
    assert read_plain_catalog(make_loader(tmp_path)) is None


def test_without_libyaml_kedro_reads_everything(conf, monkeypatch):
    write(conf, base_catalog="a: b")
    monkeypatch.delattr("yaml.CSafeLoader")
    monkeypatch.setattr(plain_files, "_READER", plain_files._make_reader())
    assert read_plain_catalog(make_loader(conf)) is None
