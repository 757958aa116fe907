"""Nodes of one step, with their datasets at mounts."""

import gc
from pathlib import Path

import pytest
from kedro.io import DataCatalog, DatasetError, MemoryDataset
from kedro.pipeline import Pipeline, node
from kedro.runner import SequentialRunner
from kedro_azureml_datasets import AzureMLPipelineDataset, KedroAzureMLError
from kedro_azureml_runner import AzurePipelinesRunner
from kedro_azureml_runner.reachability.step_check import refuse_local_addresses
from kedro_azureml_runner.runner import MEMORY_FILE, ORDER_FILE, StepDataError, make_memory_dataset


def json_dataset(filepath: str = "x.json") -> AzureMLPipelineDataset:
    return AzureMLPipelineDataset({"type": "json.JSONDataset", "filepath": filepath})


def double(x: int) -> int:
    return 2 * x


def no_parts() -> dict:
    return {}


def test_a_wrapped_dataset_is_written_to_its_mount_and_nowhere_else(mount, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    catalog = DataCatalog({"out": json_dataset("deep/x.json")})
    folder = mount("out")
    AzurePipelinesRunner(outputs={"out": folder}).run(
        Pipeline([node(lambda: 1, None, "out")]), catalog
    )
    assert Path(folder, "deep/x.json").read_text() == "1"
    assert not (tmp_path / "data").exists()


def test_data_on_the_steps_own_disk_can_be_read_until_the_catalog_is_gone(mount):
    catalog = DataCatalog({"a": json_dataset()})
    pipeline = Pipeline([node(lambda: [1], None, "a"), node(len, "a", "b")])
    AzurePipelinesRunner(outputs={"b": mount("b")}).run(pipeline, catalog)
    path = catalog["a"].path
    assert catalog["a"].load() == [1]
    del catalog
    gc.collect()
    assert not path.parent.exists()


@pytest.mark.parametrize("is_async", [False, True])
def test_outside_a_step_it_does_what_a_sequential_runner_does(
    tmp_path, monkeypatch, caplog, is_async
):
    """As `kedro run --runner kedro_azureml_runner.AzurePipelinesRunner` has it."""
    monkeypatch.delenv("KEDRO_AZUREML_STEP", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text("[tool.kedro]\n")
    pipeline = Pipeline([node(lambda: 1, None, "out"), node(double, "out", "twice")])
    caplog.set_level("INFO", "kedro")
    logs = []
    for kind in (SequentialRunner, AzurePipelinesRunner):
        caplog.clear()
        catalog = DataCatalog({"out": json_dataset()})
        results = kind(is_async=is_async).run(pipeline, catalog)
        assert results["twice"].load() == 2
        logs.append([record.getMessage().partition(" in ")[0] for record in caplog.records])
        assert (tmp_path / "data/x.json").read_text() == "1"
        (tmp_path / "data/x.json").unlink()
    assert logs[0] == logs[1]
    # Only in a step would the option make no sense.
    (tmp_path / "data/x.json").write_text("1")
    both = [
        sorted(
            kind().run(pipeline, DataCatalog({"out": json_dataset()}), only_missing_outputs=True)
        )
        for kind in (SequentialRunner, AzurePipelinesRunner)
    ]
    assert both[0] == both[1]


def test_undeclared_and_memory_data_cross_steps_as_pickles(mount):
    first, second = mount("first"), mount("second")
    value = {"function": lambda x: x + 1}  # cloudpickle alone can do this
    AzurePipelinesRunner(outputs={"first": first}).run(
        Pipeline([node(lambda: value, None, "first")]), DataCatalog()
    )
    catalog = DataCatalog({"second": MemoryDataset()})
    runner = AzurePipelinesRunner(inputs={"first": first}, outputs={"second": second})
    runner.run(Pipeline([node(lambda v: v["function"](41), "first", "second")]), catalog)
    assert make_memory_dataset(second).load() == 42
    assert [path.name for path in Path(second).iterdir()] == [MEMORY_FILE]


def test_data_inside_the_step_stays_in_memory(mount):
    catalog = DataCatalog()
    runner = AzurePipelinesRunner(outputs={"c": mount("c")})
    pipeline = Pipeline(
        [node(lambda: 1, None, "a"), node(double, "a", "b"), node(double, "b", "c")]
    )
    runner.run(pipeline, catalog)
    assert isinstance(catalog.get("a", fallback_to_runtime_pattern=True), MemoryDataset)


def test_a_wrapped_dataset_inside_the_step_leaves_the_project_alone(mount, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    catalog = DataCatalog({"a@json": json_dataset(), "a@again": json_dataset()})
    folder = mount("b")
    pipeline = Pipeline([node(lambda: 1, None, "a@json"), node(double, "a@again", "b")])
    AzurePipelinesRunner(outputs={"b": folder}).run(pipeline, catalog)
    assert make_memory_dataset(folder).load() == 2
    assert not (tmp_path / "data").exists()


def test_transcoded_names_share_one_mount(mount):
    folder = mount("a")
    catalog = DataCatalog({"a@json": json_dataset(), "a@again": json_dataset()})
    write = Pipeline([node(lambda: [1], None, "a@json")])
    AzurePipelinesRunner(outputs={"a": folder}).run(write, catalog)
    other = DataCatalog({"a@again": json_dataset()})
    out = mount("b")
    read = Pipeline([node(len, "a@again", "b")])
    AzurePipelinesRunner(inputs={"a": folder}, outputs={"b": out}).run(read, other)
    assert make_memory_dataset(out).load() == 1


def test_an_input_that_is_not_mounted_is_named():
    runner = AzurePipelinesRunner(inputs={"a": "/no/such/mount"})
    with pytest.raises(StepDataError, match=r"input 'a' is not mounted: .*'/no/such/mount'") as e:
        runner.run(Pipeline([node(print, "a", None)]), DataCatalog())
    assert e.value.dataset == "a"


def test_a_mount_that_no_node_uses_tells_that_code_and_job_differ(mount):
    runner = AzurePipelinesRunner(outputs={"other": mount("other")})
    with pytest.raises(StepDataError, match="no node of this step uses it"):
        runner.run(Pipeline([node(lambda: 1, None, "a")]), DataCatalog())


def test_a_mount_for_a_dataset_with_its_own_place_tells_that_catalog_and_job_differ(mount):
    from kedro_datasets.json import JSONDataset

    catalog = DataCatalog({"a": JSONDataset(filepath="a.json")})
    runner = AzurePipelinesRunner(outputs={"a": mount("a")})
    with pytest.raises(StepDataError, match="has its own address"):
        runner.run(Pipeline([node(lambda: 1, None, "a")]), catalog)


def test_an_output_that_is_left_empty_fails_the_step_by_name(mount, tmp_path):
    nested = {
        "type": "partitions.PartitionedDataset",
        "path": "parts",
        "dataset": "json.JSONDataset",
    }
    (tmp_path / "parts").mkdir()
    catalog = DataCatalog({"parts": AzureMLPipelineDataset(nested)})
    runner = AzurePipelinesRunner(outputs={"parts": mount("parts")})
    with pytest.raises(StepDataError, match="wrote nothing to the output 'parts'"):
        runner.run(Pipeline([node(no_parts, None, "parts")]), catalog)


def test_order_outputs_hold_a_file_when_the_nodes_have_finished(mount):
    order = mount("order")
    runner = AzurePipelinesRunner(order_outputs=[order])
    runner.run(Pipeline([node(lambda: 1, None, "sent", name="notify")]), DataCatalog())
    assert Path(order, ORDER_FILE).read_text() == "notify\n"


def test_the_folder_of_an_order_output_is_made_with_those_above_it(tmp_path):
    order = tmp_path / "mounts/deep/order"
    runner = AzurePipelinesRunner(order_outputs=[str(order)])
    for _ in range(2):  # the second time it is there, which is fine as well
        runner.run(Pipeline([node(lambda: 1, None, "sent", name="notify")]), DataCatalog())
        assert (order / ORDER_FILE).read_text() == "notify\n"


def test_order_outputs_stay_empty_when_a_node_fails(mount):
    order = mount("order")

    def fail() -> None:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        AzurePipelinesRunner(order_outputs=[order]).run(
            Pipeline([node(fail, None, "x")]), DataCatalog()
        )
    assert list(Path(order).iterdir()) == []


def test_only_rank_0_saves_and_checks(mount, monkeypatch):
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "2")
    folder, order = mount("a"), mount("order")
    AzurePipelinesRunner(outputs={"a": folder}, order_outputs=[order]).run(
        Pipeline([node(lambda: 1, None, "a")]), DataCatalog({"a": json_dataset()})
    )
    assert list(Path(folder).iterdir()) == list(Path(order).iterdir()) == []


def test_only_rank_0_saves_a_dataset_that_is_not_mounted(tmp_path, monkeypatch):
    from kedro_datasets.json import JSONDataset

    catalog = DataCatalog({"a": JSONDataset(filepath=str(tmp_path / "a.json"))})
    pipeline = Pipeline([node(lambda: 1, None, "a"), node(double, "a", "b")])
    monkeypatch.setenv("KEDRO_AZUREML_STEP", "1")
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setenv("RANK", "1")
    results = AzurePipelinesRunner().run(pipeline, catalog)
    assert results["b"].load() == 2
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setenv("RANK", "0")
    catalog = DataCatalog({"a": JSONDataset(filepath=str(tmp_path / "a.json"))})
    AzurePipelinesRunner().run(pipeline, catalog)
    assert (tmp_path / "a.json").read_text() == "1"


def test_what_the_catalog_knows_of_an_entry_survives_the_mount(mount):
    class Fixed(MemoryDataset):
        """An instance that a hook has put into the catalog."""

    catalog = DataCatalog({"a": json_dataset()}, load_versions={"a": "7"})
    catalog["fixed"] = Fixed(5)
    folder = mount("out")
    pipeline = Pipeline([node(double, "fixed", "a"), node(double, "a", "out")])
    AzurePipelinesRunner(outputs={"out": folder}).run(pipeline, catalog)
    assert make_memory_dataset(folder).load() == 20
    assert isinstance(catalog.get("fixed"), Fixed)


def test_only_missing_outputs_is_refused(monkeypatch):
    monkeypatch.setenv("KEDRO_AZUREML_STEP", "1")
    with pytest.raises(KedroAzureMLError, match="only_missing_outputs"):
        AzurePipelinesRunner().run(Pipeline([]), DataCatalog(), only_missing_outputs=True)


def test_no_warning_about_replaced_datasets(mount, caplog):
    catalog = DataCatalog.from_config(
        {
            "a": {
                "type": "kedro_azureml_datasets.AzureMLPipelineDataset",
                "dataset": {"type": "json.JSONDataset", "filepath": "a.json"},
            }
        }
    )
    AzurePipelinesRunner(outputs={"a": mount("a")}).run(
        Pipeline([node(lambda: 1, None, "a")]), catalog
    )
    assert not [r for r in caplog.records if r.levelname == "WARNING"]


def test_a_dataset_error_of_the_project_stays_a_dataset_error(mount):
    catalog = DataCatalog({"a": json_dataset()})
    empty = mount("a")
    with pytest.raises(DatasetError, match="Failed while loading data"):
        AzurePipelinesRunner(inputs={"a": empty}).run(Pipeline([node(print, "a", None)]), catalog)


class Table(MemoryDataset):
    """A table of a database, in a class of the project's own."""

    def __init__(self, credentials: dict):
        super().__init__(credentials["con"])


def entry_of(con: str) -> dict:
    return {"type": Table, "credentials": {"con": con}}


def test_a_local_address_of_data_that_crosses_steps_is_refused_before_the_first_node(tmp_path):
    ran: list[str] = []
    nodes = Pipeline([node(lambda: ran.append("first"), None, "free"), node(double, "free", "x")])
    catalog = DataCatalog.from_config({"x": entry_of(f"sqlite:///{tmp_path}/x.db")})
    with pytest.raises(StepDataError) as caught:
        AzurePipelinesRunner(reaches=["x"]).run(nodes, catalog)
    assert (caught.value.dataset, ran) == ("x", [])
    assert "'credentials.con' is SQLite" in str(caught.value)
    assert "external: ['x']" in caught.value.hint


@pytest.mark.parametrize(
    ("pattern", "filepath"),
    [
        ("x", "data/x.json"),
        ("x", "memory://x.json"),
        ("{any}", "data/{any}.json"),
        ("x@text", "data/x.json"),
    ],
)
def test_the_step_judges_entries_patterns_and_transcoding(pattern, filepath):
    catalog = DataCatalog.from_config({pattern: {"type": "json.JSONDataset", "filepath": filepath}})
    pipeline = Pipeline([node(lambda: 1, None, pattern if "@" in pattern else "x")])
    with pytest.raises(StepDataError, match="would not reach the same data"):
        refuse_local_addresses(pipeline, catalog, {"x"})
    refuse_local_addresses(pipeline, catalog, {"y"})


def test_the_step_takes_an_address_that_every_container_reaches():
    catalog = DataCatalog.from_config({"x": entry_of("postgresql://me@db.example.com/x")})
    nodes = Pipeline([node(double, "x", "twice")])
    outputs = AzurePipelinesRunner(reaches=["x"]).run(nodes, catalog)
    assert outputs["twice"].load() == 2 * "postgresql://me@db.example.com/x"


def test_what_a_hook_has_put_into_the_catalog_is_not_judged():
    catalog = DataCatalog({"x": MemoryDataset("data/x.json")})
    outputs = AzurePipelinesRunner(reaches=["x"]).run(
        Pipeline([node(double, "x", "twice")]), catalog
    )
    assert outputs["twice"].load() == "data/x.jsondata/x.json"
