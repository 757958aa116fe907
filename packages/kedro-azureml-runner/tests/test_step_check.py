"""What a step refuses of its own datasets' addresses, with the defaults of their classes."""

from dataclasses import dataclass, field
from pathlib import PurePosixPath

import attrs
import pytest
from kedro.io import DataCatalog, MemoryDataset
from kedro.pipeline import Pipeline, node
from kedro_azureml_runner.reachability.step_check import read_defaults, refuse_local_addresses
from kedro_azureml_runner.step_errors import StepDataError


def entry(filepath: str) -> dict:
    return {"type": "json.JSONDataset", "filepath": filepath}


FOLDER = PurePosixPath("y")


class Store(MemoryDataset):
    def __init__(self, url: str):
        super().__init__(url)


REMOTE = {"type": Store, "url": "https://example.com/a"}


class Plain:
    def __init__(self, table, folder="data/x", path=FOLDER, options=(), size=3, flag=None):
        pass


@dataclass
class Data:
    table: str
    url: str = "https://example.com"
    folders: list[str] = field(default_factory=lambda: ["data/x"])
    count: int = field(default_factory=int)
    broken: str = field(default_factory=lambda: 1 / 0)


@attrs.define
class Attributes:
    table: str
    url: str = "https://example.com"
    _options: dict = attrs.field(factory=lambda: {"folder": "data/x"})
    own: str = attrs.field(default=attrs.Factory(lambda self: self.table, takes_self=True))


@pytest.mark.parametrize(
    ("kind", "defaults"),
    [
        (Plain, {"folder": "data/x", "path": FOLDER, "options": ()}),
        (Data, {"url": "https://example.com", "folders": ["data/x"]}),
        (Attributes, {"url": "https://example.com", "options": {"folder": "data/x"}}),
    ],
)
def test_defaults_that_may_be_an_address_are_read_from_the_class(kind: type, defaults: dict):
    assert read_defaults(kind) == defaults


class Unreadable(type):
    @property
    def __signature__(cls):
        raise ValueError("no signature")


class Strange(metaclass=Unreadable):
    pass


@pytest.mark.parametrize("kind", [3, Strange])
def test_what_has_no_signature_has_no_defaults(kind):
    assert read_defaults(kind) == {}


@pytest.mark.parametrize("before", [REMOTE, entry("data/a.json"), None])
def test_what_is_not_asked_for_or_in_order_does_not_end_the_search(before):
    catalog = DataCatalog.from_config({"x": entry("data/x.json")})
    if before is None:
        catalog["a"] = MemoryDataset()
    else:
        catalog = DataCatalog.from_config({"a": before, "x": entry("data/x.json")})
    names = {"x"} if before == entry("data/a.json") else {"a", "x"}
    nodes = Pipeline([node(lambda a: a, "a", "x")])
    with pytest.raises(StepDataError) as caught:
        refuse_local_addresses(nodes, catalog, names)
    assert caught.value.dataset == "x"
    assert str(caught.value).startswith(
        "The steps that use 'x' would not reach the same data: 'filepath' is a path"
    )


def test_a_name_that_is_not_in_the_catalog_is_passed_over():
    catalog = DataCatalog.from_config({"x": entry("data/x.json")})
    nodes = Pipeline([node(lambda a: a, "a", "x")])
    with pytest.raises(StepDataError, match="'x'"):
        refuse_local_addresses(nodes, catalog, {"a", "x"})
    refuse_local_addresses(nodes, catalog, {"a"})


def test_where_nothing_is_known_no_argument_is_named():
    catalog = DataCatalog.from_config({"x": {"type": "kedro.io.MemoryDataset", "data": 3}})
    with pytest.raises(StepDataError, match="the same data: no address") as caught:
        refuse_local_addresses(Pipeline([node(lambda: 1, None, "x")]), catalog, {"x"})
    assert "external: ['x']" in caught.value.hint
