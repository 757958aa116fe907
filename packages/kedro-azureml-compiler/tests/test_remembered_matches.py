"""Kedro's resolver of patterns gives the same where each match is remembered, with less work."""

import cProfile

import pytest
from kedro.io import CatalogConfigResolver, catalog_config_resolver
from kedro_azureml_compiler.project.catalog.remembered_matches import remember_matches

pytestmark = pytest.mark.once

CATALOG = {
    "{space}.{name}": {"type": "a.B", "filepath": "{space}/{name}.csv", "args": {"x": "{name}"}},
    "{name}_raw": {"type": "a.C", "filepath": "raw/{name}.csv", "columns": ["{name}", "b"]},
    "{any}": {"type": "a.D", "filepath": "{any}.pkl"},
}  # fmt: skip
NAMES = ["shop.orders", "orders_raw", "orders", "ORDERS_RAW", "a.b.c", "two\nlines"]


def resolve() -> list[object]:
    resolver = CatalogConfigResolver(CATALOG, default_runtime_patterns={"{default}": {}})
    return [(resolver.match_dataset_pattern(n), resolver.resolve_pattern(n)) for n in NAMES]


def count_parsers() -> int:
    profile = cProfile.Profile()
    profile.runcall(resolve)
    made = (e.callcount for e in profile.getstats() if getattr(e.code, "co_name", "") == "parse")
    return sum(made)


def test_what_is_remembered_is_what_kedro_finds():
    before = resolve()
    with remember_matches():
        assert resolve() == before
        assert resolve() == before
    assert [pattern for pattern, _ in before] == [
        "{space}.{name}", "{name}_raw", None, "{name}_raw", "{space}.{name}", None,
    ]  # fmt: skip


def test_kedro_matches_less_often():
    """If this fails, Kedro has changed: `remembered_matches` may no longer be needed."""
    before = count_parsers()
    with remember_matches():
        assert count_parsers() < before / 2


def test_kedro_calls_it_with_a_pattern_and_a_name_alone(monkeypatch):
    """If this fails, Kedro has changed what it asks for, and `match` has to take it."""
    asked = []
    parse = catalog_config_resolver.parse

    def note(*args, **named):  # how Kedro calls its own function, which still answers
        asked.append((len(args), named))
        return parse(*args, **named)

    monkeypatch.setattr(catalog_config_resolver, "parse", note)
    resolve()
    assert asked
    assert all(one == (2, {}) for one in asked)


def test_kedro_is_as_before_after_an_error():
    parse = catalog_config_resolver.parse
    with pytest.raises(ZeroDivisionError), remember_matches():
        _ = 1 / 0
    assert catalog_config_resolver.parse is parse


def test_a_kedro_that_has_another_function_is_left_alone(monkeypatch):
    monkeypatch.delattr(catalog_config_resolver, "parse")
    with remember_matches():
        assert not hasattr(catalog_config_resolver, "parse")
