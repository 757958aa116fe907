"""What Kedro documents of every runner holds for the runner of steps, in a step and outside one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import pytest
from kedro.framework.hooks import hook_impl
from kedro.framework.hooks.markers import HOOK_NAMESPACE
from kedro.framework.hooks.specs import DatasetSpecs, NodeSpecs
from kedro.io import AbstractDataset, DataCatalog, DatasetError, MemoryDataset
from kedro.pipeline import Pipeline, node
from kedro.runner import AbstractRunner, SequentialRunner
from kedro_azureml_runner import AzurePipelinesRunner
from pluggy import PluginManager

MakeRunner = Callable[..., AbstractRunner]


@pytest.fixture(params=["outside a step", "in a step"])
def make_runner(request, tmp_path, monkeypatch) -> MakeRunner:
    """A runner of the kind under test."""
    monkeypatch.delenv("KEDRO_AZUREML_STEP", raising=False)
    if request.param == "outside a step":
        return AzurePipelinesRunner
    return lambda **options: AzurePipelinesRunner(
        order_outputs=[str(tmp_path / "order")], **options
    )


class Recorder:
    """Hooks that note each call, with what it is about."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []

    @hook_impl
    def before_dataset_loaded(self, dataset_name: str) -> None:
        self.calls.append(("before_dataset_loaded", dataset_name))

    @hook_impl
    def after_dataset_loaded(self, dataset_name: str, data: Any) -> None:
        self.calls.append(("after_dataset_loaded", f"{dataset_name}={data}"))

    @hook_impl
    def before_node_run(self, node: Any, inputs: dict[str, Any]) -> None:
        self.calls.append(("before_node_run", f"{node.name} {inputs}"))

    @hook_impl
    def after_node_run(self, node: Any, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        names = {name: str(data).partition(" at ")[0] for name, data in outputs.items()}
        self.calls.append(("after_node_run", f"{node.name} {inputs} {names}"))

    @hook_impl
    def on_node_error(self, node: Any, error: Exception) -> None:
        self.calls.append(("on_node_error", f"{node.name} {error}"))

    @hook_impl
    def before_dataset_saved(self, dataset_name: str, data: Any) -> None:
        self.calls.append(("before_dataset_saved", f"{dataset_name}={data}"))

    @hook_impl
    def after_dataset_saved(self, dataset_name: str, data: Any) -> None:
        self.calls.append(("after_dataset_saved", f"{dataset_name}={data}"))


def make_hooks(*plugins: object) -> PluginManager:
    manager = PluginManager(HOOK_NAMESPACE)
    manager.add_hookspecs(NodeSpecs)
    manager.add_hookspecs(DatasetSpecs)
    for plugin in plugins:
        manager.register(plugin)
    return manager


class WatchedDataset(AbstractDataset[Any, Any]):
    """Notes what is done to it in a list that several share."""

    def __init__(self, name: str, notes: list[str], fails: str = "") -> None:
        self.name, self.notes, self.fails = name, notes, fails
        self.data: Any = None

    def load(self) -> Any:
        if self.fails == "load":
            raise ValueError("cannot be loaded")
        self.notes.append(f"load {self.name}")
        return self.data

    def save(self, data: Any) -> None:
        if self.fails == "save":
            raise ValueError("cannot be saved")
        self.notes.append(f"save {self.name}")
        self.data = data

    def confirm(self) -> None:
        self.notes.append(f"confirm {self.name}")

    def _release(self) -> None:
        self.notes.append(f"release {self.name}")

    def _exists(self) -> bool:
        return self.data is not None

    def _describe(self) -> dict[str, Any]:
        return {"name": self.name}


def one() -> int:
    return 1


def add(*numbers: int) -> int:
    return sum(numbers)


def chunks(number: int) -> Any:
    yield from ([number], [number + 1], [number + 2])


def pair(number: int) -> tuple[int, int]:
    return number, -number


def fail(*_: Any) -> NoReturn:
    raise RuntimeError("this node fails")


BRANCHES = Pipeline(
    [
        node(one, None, "a", name="first"),
        node(pair, "a", ["b", "c"], name="split"),
        node(add, ["b", "c", "a"], "d", name="join"),
        node(add, ["d", "params:offset"], {"e"}.pop(), name="last"),
    ]
)


def outcome(runner: AbstractRunner, pipeline: Pipeline, catalog: DataCatalog) -> tuple[Any, ...]:
    """Return the calls of hooks, and what came of a run: its results, or its error."""
    recorder = Recorder()
    try:
        results = runner.run(pipeline, catalog, make_hooks(recorder))
        came = {name: dataset.load() for name, dataset in results.items()}
    except Exception as error:  # compared, whatever it is
        came = {"error": (type(error), str(error))}
    return recorder.calls, came


@pytest.mark.parametrize(
    "pipeline",
    [
        BRANCHES,
        Pipeline([]),
        Pipeline([node(one, None, "a", name="a"), node(fail, "a", None, name="f")]),
        Pipeline([node(add, ["params:offset", "params:offset"], "a", name="twice")]),
        Pipeline([node(pair, {"number": "params:offset"}, ["a", "b"], name="by_keyword")]),
        Pipeline([node(pair, "params:offset", {"x": "a", "y": "b"}, name="wrong_outputs")]),
        Pipeline([node(pair, "params:offset", ["a"], name="too_few_outputs")]),
        Pipeline([node(chunks, "params:offset", "a", name="chunks")]),
        Pipeline([node(one, None, "x@first", name="w"), node(add, "x@second", "y", name="r")]),
        Pipeline([node(one, None, "a", name="z.a"), node(add, "a", "b", name="a.b")]),
    ],
    ids=lambda pipeline: "-".join(each.name for each in pipeline.nodes) or "empty",
)
def test_hooks_results_and_errors_are_those_of_kedros_own_runner(make_runner, pipeline):
    def catalog() -> DataCatalog:
        shared = MemoryDataset(copy_mode="assign")
        return DataCatalog(
            {"params:offset": MemoryDataset(5), "x@first": shared, "x@second": shared}
        )

    expected = outcome(SequentialRunner(), pipeline, catalog())
    assert outcome(make_runner(), pipeline, catalog()) == expected


def test_the_free_outputs_are_returned_as_datasets(make_runner):
    catalog = DataCatalog({"params:offset": MemoryDataset(5)})
    results = make_runner().run(BRANCHES, catalog)
    assert {name: dataset.load() for name, dataset in results.items()} == {"e": 6}


def test_inputs_that_are_in_no_catalog_are_named_before_any_node_runs(make_runner):
    recorder = Recorder()
    with pytest.raises(ValueError, match=r"'params:offset'.* not found"):
        make_runner().run(BRANCHES, DataCatalog(), make_hooks(recorder))
    assert recorder.calls == []


def test_a_dataset_is_released_after_its_last_reader_and_free_ones_are_not(make_runner):
    def notes(runner: AbstractRunner) -> list[str]:
        noted: list[str] = []
        names = ["a", "b", "c", "d", "e", "params:offset"]
        datasets = {name: WatchedDataset(name, noted) for name in names}
        datasets["params:offset"].data = 5
        runner.run(BRANCHES, DataCatalog(datasets))
        return noted

    noted = notes(make_runner())
    assert noted == notes(SequentialRunner())
    assert noted.index("release d") > noted.index("load d")
    assert not {"release e", "release params:offset"} & set(noted)


@pytest.mark.parametrize(("name", "fails"), [("a", "load"), ("a", "save"), ("d", "save")])
def test_a_dataset_that_fails_ends_the_run_as_in_kedros_own_runner(make_runner, name, fails):
    def run(runner: AbstractRunner) -> tuple[Any, ...]:
        noted: list[str] = []
        datasets = {each: WatchedDataset(each, noted) for each in ["a", "d", "e"]}
        datasets[name].fails = fails
        catalog = DataCatalog({**datasets, "params:offset": MemoryDataset(5)})
        return *outcome(runner, BRANCHES, catalog), noted

    calls, came, noted = run(make_runner())
    assert (calls, came, noted) == run(SequentialRunner())
    assert came["error"][0] is DatasetError
    assert "on_node_error" not in dict(calls)  # it is about the function of a node


def test_after_a_failure_the_log_says_from_which_nodes_to_go_on(make_runner, caplog):
    def suggested(runner: AbstractRunner) -> list[str]:
        caplog.clear()
        stored = {name: WatchedDataset(name, []) for name in "abc"}
        broken = Pipeline([*BRANCHES.filter(node_names=["first", "split"]).nodes,
                           node(fail, ["b", "c"], "d", name="join")])  # fmt: skip
        with pytest.raises(RuntimeError, match="this node fails"):
            runner.run(broken, DataCatalog(stored))
        return [each.getMessage() for each in caplog.records if each.levelname == "WARNING"]

    assert suggested(make_runner()) == suggested(SequentialRunner())
    (last,) = suggested(make_runner())
    assert '--from-nodes "join"' in last


def test_each_chunk_of_a_generator_is_saved_with_its_hooks(make_runner):
    noted: list[str] = []
    recorder = Recorder()
    catalog = DataCatalog({"n": MemoryDataset(1), "out": WatchedDataset("out", noted)})
    make_runner().run(Pipeline([node(chunks, "n", "out")]), catalog, make_hooks(recorder))
    assert noted == ["save out"] * 3
    saved = [about for call, about in recorder.calls if call == "after_dataset_saved"]
    assert saved == ["out=[1]", "out=[2]", "out=[3]"]


def test_a_hook_before_a_node_may_replace_its_inputs(make_runner):
    class Replace:
        @hook_impl
        def before_node_run(self, node: Any) -> dict[str, Any] | None:
            return {"n": 40} if node.name == "add" else None

    nodes = Pipeline([node(add, ["n", "m"], "out", name="add")])
    catalog = DataCatalog({"n": MemoryDataset(1), "m": MemoryDataset(2)})
    results = make_runner().run(nodes, catalog, make_hooks(Replace()))
    assert results["out"].load() == 42


def test_what_a_hook_before_a_node_returns_must_be_a_mapping(make_runner):
    class Wrong:
        @hook_impl
        def before_node_run(self) -> Any:
            return "n"

    with pytest.raises(TypeError, match="'before_node_run' must return"):
        make_runner().run(Pipeline([node(one, None, "a")]), DataCatalog(), make_hooks(Wrong()))


def test_what_a_node_confirms_is_confirmed_after_it_has_saved(make_runner):
    noted: list[str] = []
    catalog = DataCatalog({name: WatchedDataset(name, noted) for name in ("seen", "out")})
    catalog["seen"].data = 1
    nodes = Pipeline([node(add, "seen", "out", name="read", confirms="seen")])
    make_runner().run(nodes, catalog)
    assert noted.index("confirm seen") > noted.index("save out")


def test_with_threads_the_results_are_the_same_and_each_hook_is_called(make_runner):
    def catalog() -> DataCatalog:
        return DataCatalog({"params:offset": MemoryDataset(5)})

    calls, came = outcome(make_runner(is_async=True), BRANCHES, catalog())
    expected, results = outcome(SequentialRunner(), BRANCHES, catalog())
    assert came == results
    assert sorted(calls) == sorted(expected)


def test_threads_and_a_generator_do_not_go_together(make_runner):
    nodes = Pipeline([node(chunks, "n", "out")])
    with pytest.raises(ValueError, match="generator functions"):
        make_runner(is_async=True).run(nodes, DataCatalog({"n": MemoryDataset(1)}))


def test_a_runner_runs_twice(make_runner):
    runner = make_runner()
    for _ in range(2):
        catalog = DataCatalog({"params:offset": MemoryDataset(5)})
        assert runner.run(BRANCHES, catalog)["e"].load() == 6


def test_a_runner_runs_twice_with_the_same_hooks_and_leaves_none_behind(make_runner):
    recorder = Recorder()
    hooks = make_hooks(recorder)
    for runner in [make_runner()] * 2:
        catalog = DataCatalog({"params:offset": MemoryDataset(5)})
        assert runner.run(BRANCHES, catalog, hooks)["e"].load() == 6
    assert hooks.get_plugins() == {recorder}
    half = len(recorder.calls) // 2
    assert recorder.calls[:half] == recorder.calls[half:] != []


def test_hooks_of_a_run_that_fails_are_left_as_they_were(make_runner):
    hooks = make_hooks()
    with pytest.raises(RuntimeError, match="this node fails"):
        make_runner().run(Pipeline([node(fail, None, "a")]), DataCatalog(), hooks)
    assert hooks.get_plugins() == set()


def test_nodes_run_in_the_order_of_their_data_whatever_their_names(make_runner):
    recorder = Recorder()
    nodes = [
        node(add, ["n"] if i == 0 else [f"d{i - 1}"], f"d{i}", name=f"n{9 - i}") for i in range(9)
    ]
    catalog = DataCatalog({"n": MemoryDataset(1)})
    make_runner().run(Pipeline(nodes[::-1]), catalog, make_hooks(recorder))
    ran = [about.partition(" ")[0] for call, about in recorder.calls if call == "before_node_run"]
    assert ran == [f"n{9 - i}" for i in range(9)]


def test_the_catalog_of_the_caller_keeps_its_datasets(make_runner):
    stored = WatchedDataset("a", [])
    catalog = DataCatalog({"a": stored, "params:offset": MemoryDataset(5)})
    make_runner().run(BRANCHES, catalog)
    assert catalog["a"] is stored
    assert stored.data == 1
