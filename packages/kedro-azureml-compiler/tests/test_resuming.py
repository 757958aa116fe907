"""Which nodes of a job run again, decided from records alone."""

import itertools
import threading
from dataclasses import replace
from functools import lru_cache, partial, wraps

import pytest
from kedro_azureml_compiler import EarlierJob, JobRecord, RecordError, digest_value
from kedro_azureml_compiler.resuming.decision import (
    choose_nodes,
    find_code_changes,
    find_unknown_changes,
)
from kedro_azureml_compiler.resuming.digests import digest_secret, make_salt
from kedro_azureml_compiler.resuming.functions import describe_function
from kedro_azureml_compiler.resuming.job_record import NodeRecord

NODES = (
    NodeRecord("load", "load", {"a": "1"}, ("raw",), ("clean",)),
    NodeRecord("fit", "fit", {"a": "1"}, ("clean",), ("model", "scores")),
    NodeRecord("report", "report", {"a": "1"}, ("model",), ("page",)),
    NodeRecord("other", "other", {"a": "1"}, ("raw",), ("stats",)),
)
RECORD = JobRecord("train", NODES, {"src/x.py": "1"})
DATA = ("clean", "model", "scores", "page", "stats")


def earlier(completed=("load", "fit", "report", "other"), stored=DATA, record=RECORD):
    found = {name: f"azureml://{name}" for name in stored}
    return EarlierJob("the job", record, frozenset(completed), found, dict.fromkeys(stored, "x"))


def running(*args, **options):
    return [choice.name for choice in choose_nodes(*args, **options) if choice.runs]


def changed(name, **facts):
    nodes = (replace(n, facts={**n.facts, **facts}) if n.name == name else n for n in NODES)
    return replace(RECORD, nodes=tuple(nodes))


def test_nothing_runs_where_all_completed_and_nothing_differs():
    assert running(earlier(), RECORD) == []


def test_a_node_that_did_not_complete_runs_with_all_that_follow():
    assert running(earlier(("load", "other")), RECORD) == ["fit", "report"]


def test_a_node_whose_facts_differ_runs_and_says_which():
    choices = choose_nodes(earlier(), changed("fit", a="2"))

    assert [choice.why for choice in choices if choice.runs] == [
        "a differs",
        "'fit' runs, whose 'model' it reads",
    ]


@pytest.mark.parametrize("facts", [{"new": "1"}, {"a": ""}])
def test_a_fact_that_is_new_or_gone_is_a_difference(facts):
    assert running(earlier(), changed("report", **facts)) == ["report"]


def test_what_is_not_stored_is_made_again_with_all_that_reads_it():
    assert running(earlier(("load", "fit", "other"), ("clean", "stats")), RECORD) == [
        "fit",
        "report",
    ]
    assert running(earlier(("load", "fit", "other"), ("scores", "stats")), RECORD) == [
        "load",
        "fit",
        "report",
    ]


def test_what_nobody_reads_again_need_not_be_stored():
    assert running(earlier(stored=()), RECORD) == []


def test_data_with_its_own_address_need_not_be_stored_by_the_job():
    now = replace(RECORD, external=("model",))

    assert running(earlier(("load", "fit", "other"), ("clean",)), now) == ["report"]


def test_from_nodes_runs_a_node_with_all_that_follow():
    assert running(earlier(), RECORD, from_nodes=["fit"]) == ["fit", "report"]


def test_a_taken_over_node_reads_nothing_that_runs_and_hands_over_stored_data_alone():
    names = [node.name for node in NODES]
    subsets = [c for n in range(5) for c in itertools.combinations(names, n)]
    stored = [c for n in range(4) for c in itertools.combinations(DATA[:3], n)]
    for completed, kept in itertools.product(subsets, stored):
        runs = set(running(earlier(completed, kept), RECORD))
        writer = {dataset: node.name for node in NODES for dataset in node.writes}
        for node in NODES:
            sources = [d for d in node.reads if d in writer]
            if node.name in runs:
                assert all(writer[d] in runs or d in kept for d in sources)
            else:
                assert node.name in completed
                assert not any(writer[d] in runs for d in sources)


def test_each_file_of_the_code_that_differs_is_listed():
    now = replace(RECORD, code={"src/x.py": "2", "src/y.py": "1"})

    assert [tuple(change) for change in find_code_changes(RECORD, now)] == [
        ("src/x.py", "changed"),
        ("src/y.py", "added"),
    ]
    assert [tuple(change) for change in find_code_changes(now, RECORD)] == [
        ("src/x.py", "changed"),
        ("src/y.py", "removed"),
    ]


def test_a_record_is_read_as_it_was_written():
    record = replace(RECORD, external=("t",), overwritten=("u",), places={"clean": "é"}, salt="s")
    record = replace(record, outside=("raw",), unread={"x": "1"})

    assert JobRecord.from_json(record.to_json()) == record


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"format": 2}', '{"format": 1}', "[" * 100_000, "null", '{"nodes": 1}'],
)
def test_a_damaged_record_is_one_error(text):
    with pytest.raises(RecordError, match="record of the job"):
        JobRecord.from_json(text)


def test_values_differ_if_their_types_do_and_unknown_objects_never_count_as_unchanged():
    values = [1, 1.0, True, "1", None, [1], (1,), {"a": 1}, {"a": "1"}, {1}, b"1"]

    assert len({digest_value(value) for value in values}) == len(values)
    assert all(digest_value(value) == digest_value(value) for value in values)
    odd = object()
    assert digest_value(odd) != digest_value(odd)


def test_a_digest_of_a_secret_is_that_of_its_own_record_alone_and_slow_to_try():
    secret = {"credentials": {"password": "hunter2"}}
    one, other = make_salt(), make_salt()

    assert digest_secret(secret, one) == digest_secret(dict(secret), one)
    assert digest_secret(secret, one) != digest_secret(secret, other)
    assert digest_secret(secret, one) not in {digest_value(secret), digest_value(secret, one)}
    assert digest_value(secret, one) != digest_value(secret, other)


def make(given, default=None):
    def inner(x, more=default):
        return [given, x, more]

    return inner


def timed(function):
    @wraps(function)
    def wrapper(*args):
        return function(*args)

    return wrapper


class Model:
    def __init__(self, depth):
        self.depth = depth

    def fit(self, x):
        return x

    def __call__(self, x):
        return x


class LockedModel(Model):
    """One that cannot be pickled."""

    def __init__(self, depth):
        super().__init__(depth)
        self.lock = threading.Lock()


FUNCTIONS = {
    "another name": (partial(sorted), partial(reversed)),
    "an argument": (partial(max, key=len), partial(max, key=str)),
    "a type": (partial(max, 1), partial(max, 1.0)),
    "a variable around it": (make({"rate": 1}), make({"rate": 2})),
    "a default": (make(1, 2), make(1, 3)),
    "what a decorator wraps": (timed(len), timed(repr)),
    "an object": (Model(1), Model(2)),
    "the object of a method": (Model(1).fit, Model(2).fit),
    "the text of a method": (",".join, ";".join),
    "an object with a lock": (LockedModel(1), LockedModel(2)),
    "what a cache wraps": (lru_cache(partial(max, 1)), lru_cache(partial(max, 2))),
    "functions around it": (make([make(1)]), make([make(2)])),
    "a set": (make({make(1), 1}), make({make(2), 1})),
    "a lambda": (lambda x: x + 1, lambda x: x + 2),
}


@pytest.mark.parametrize("what", FUNCTIONS)
def test_a_function_is_another_one_if_it_was_made_with_something_else(what):
    one, other = (digest_value(describe_function(function)) for function in FUNCTIONS[what])

    assert one == digest_value(describe_function(FUNCTIONS[what][0]))
    assert one != other


@pytest.mark.parametrize("odd", [threading.Lock(), Model(threading.Lock()), [threading.Lock()]])
def test_what_nothing_can_tell_of_a_function_makes_no_difference(odd):
    around: list[object] = [odd]
    around.append(make(around))  # it holds itself

    described = [digest_value(describe_function(make(around))) for _ in range(2)]
    assert described[0] == described[1]


def test_only_what_concerns_nodes_that_are_taken_over_is_unknown():
    now = replace(RECORD, external=("model",), outside=("raw",), unread={"x.a": "1", "y": "2"})
    before = replace(now, unread={"x.a": "2", "z": "1", "a": "1"})
    labelled = NodeRecord("new", "new", {"the parameter 'z'": "1"})
    now = replace(now, nodes=(*NODES, labelled))

    taken = [node for node in NODES if node.name in {"fit", "other"}]
    assert find_unknown_changes(before, now, taken) == (("model",), ("raw",), ("a", "x.a", "y"))
    assert find_unknown_changes(before, now, NODES[2:3]) == ((), (), ("a", "x.a", "y"))
    assert find_unknown_changes(before, now, []) == ((), (), ())
