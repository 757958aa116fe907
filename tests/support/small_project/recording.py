"""A hook that prints what each node loads and saves, so that two runs can be compared.

The harness of the tests puts it into a small project. Values are told by digests that depend on
nothing but the value, so that they are the same in every process and on every machine.
"""

import hashlib
import json
from collections.abc import Mapping

from kedro.framework.hooks import hook_impl

PREFIX = "RECORD "


class Recorder:
    @hook_impl
    def after_dataset_loaded(self, dataset_name, data, node):
        record(node.name, "loads", dataset_name, digest(data))

    @hook_impl
    def before_dataset_saved(self, dataset_name, data, node):
        record(node.name, "saves", dataset_name, digest(data))  # of a generator, each chunk

    @hook_impl
    def after_node_run(self, node):
        record(node.name, "ends", "", "")


def record(node, what, dataset, value):
    print("\n" + PREFIX + json.dumps([node, what, dataset, value]), flush=True)


def digest(value):
    return hashlib.sha256(repr(canonical(value)).encode("utf-8", "backslashreplace")).hexdigest()[
        :16
    ]


def canonical(value):
    """Return plain tuples that are equal where the values are, types included."""
    kind = type(value).__name__
    if value is None or isinstance(value, (bool, int, float, str, bytes)):
        return kind, value
    if isinstance(value, (list, tuple)):
        return kind, tuple(map(canonical, value))
    if isinstance(value, (set, frozenset)):
        return kind, tuple(sorted(map(repr, map(canonical, value))))
    if isinstance(value, Mapping):
        return "mapping", tuple(
            sorted((repr(canonical(k)), canonical(v)) for k, v in value.items())
        )
    if kind == "DataFrame":
        dtypes = tuple(map(str, value.dtypes))
        return kind, dtypes, canonical(value.to_dict("split"))
    if callable(value):  # a partition, which is loaded when it is called
        return canonical(value())
    if kind == "LazyFrame":
        return kind, canonical(value.collect().to_dicts())
    if kind == "Table":  # of ibis
        return kind, canonical(value.to_pandas())
    if hasattr(value, "read"):  # knows where its data is
        return kind, canonical(value.read())
    return kind, canonical(vars(value))
