"""What is found wrong with the data of a job, in real projects."""

import pytest
from kedro_azureml_compiler.findings import Severity

pytestmark = pytest.mark.once

WRAPPED = """
x:
  type: kedro_azureml_datasets.AzureMLPipelineDataset
  dataset: {type: pandas.CSVDataset, filepath: x.csv}
"""
CHAIN = (("a", None, "x"), ("b", "x", None))


def asset(name: str, asset_name: str, **more: str) -> str:
    lines = "".join(f'  {key}: "{value}"\n' for key, value in more.items())
    return (
        f"{name}:\n  type: kedro_azureml_datasets.AzureMLAssetDataset\n"
        f"  azureml_dataset: {asset_name}\n{lines}"
        "  dataset: {type: pandas.CSVDataset, filepath: x.csv}\n"
    )


def test_a_sound_project_has_no_findings(small_project):
    small_project.catalog(WRAPPED)
    small_project.nodes(*CHAIN)
    assert small_project.check() == {"j": ()}


def test_a_local_file_between_steps_is_an_error_at_its_entry(small_project):
    small_project.catalog(
        "y: {type: MemoryDataset}\nx:\n  type: pandas.CSVDataset\n  filepath: data/x.csv\n"
    )
    small_project.nodes(*CHAIN)
    finding = small_project.only("local-data-between-steps")
    assert (finding.severity, finding.file, finding.line) == (
        Severity.ERROR,
        "conf/base/catalog.yml",
        2,
    )


def test_the_entry_of_a_factory_pattern_is_found_as_kedro_chooses_it(small_project):
    small_project.catalog(
        '"{any}": {type: pickle.PickleDataset, filepath: "data/{any}.pkl"}\n'
        '"{name}_csv": {type: pandas.CSVDataset, filepath: "data/{name}.csv"}\n'
        '"big_{name}_csv": {type: pandas.CSVDataset, filepath: "data/big/{name}.csv"}\n'
    )
    small_project.nodes(
        ("a", None, ["big_x_csv", "x_csv", "other"]), ("b", ["big_x_csv", "x_csv", "other"], None)
    )
    found = small_project.found("local-data-between-steps")
    assert {f.where: f.line for f in found} == {"big_x_csv": 3, "x_csv": 2, "other": 1}


def test_the_entry_of_the_environment_wins_and_files_in_folders_count(small_project):
    small_project.write(
        "conf/base/catalog/one.yml", "x: {type: pandas.CSVDataset, filepath: d/x.csv}\n"
    )
    small_project.write(
        "conf/prod/deep/catalog_two.yml", "\n\nz: {type: pandas.CSVDataset, filepath: d/z.csv}\n"
    )
    small_project.nodes(("a", None, ["x", "z"]), ("b", ["x", "z"], None))
    small_project.write(
        "conf/base/catalog.yml", "z: {type: pandas.CSVDataset, filepath: d/z0.csv}\n"
    )
    found = small_project.found("local-data-between-steps", env="prod")
    assert {f.where: (f.file, f.line) for f in found} == {
        "x": ("conf/base/catalog/one.yml", 1),
        "z": ("conf/prod/deep/catalog_two.yml", 3),
    }


def test_a_local_output_that_vanishes_is_a_warning(small_project):
    small_project.catalog("x: {type: pandas.CSVDataset, filepath: data/x.csv}")
    assert small_project.only("local-output-vanishes").severity is Severity.WARNING


def test_a_name_in_no_catalog_is_answered_with_the_one_that_was_meant(small_project):
    small_project.catalog("penguins: {type: pandas.CSVDataset, filepath: data/p.csv}")
    small_project.nodes(("a", "pengiuns", "y"))
    finding = small_project.only("unregistered-name")
    assert finding.where == "pengiuns"
    assert "did you mean 'penguins'?" in finding.hint


def test_a_parameter_that_does_not_exist_is_answered_with_the_one_that_was_meant(small_project):
    small_project.write("conf/base/parameters.yml", "model: {rate: 1}\n")
    small_project.nodes(("a", ["params:model.rate", "params:model.rte", "parameters"], "y"))
    finding = small_project.only("unknown-parameter")
    assert finding.where == "params:model.rte"
    assert "did you mean 'model.rate'?" in finding.message


def test_a_parameter_that_is_given_at_runtime_exists(small_project):
    small_project.nodes(("a", ["params:rate", "params:more.rate"], "y"))
    small_project.settings_of({"j": {"params": {"more": {"rate": 2}}}})
    assert small_project.check(params={"rate": 1}) == {"j": ()}


def test_a_pipeline_dataset_that_nothing_produces_is_an_error_at_its_entry(small_project):
    small_project.catalog(WRAPPED)
    small_project.nodes(("b", "x", None))
    finding = small_project.only("nothing-produces")
    assert (finding.file, finding.line) == ("conf/base/catalog.yml", 2)


def test_memory_data_over_a_boundary_is_a_note(small_project):
    small_project.catalog("x: {type: MemoryDataset}")
    small_project.nodes(("a", None, ["x", "y", "z"]), ("b", ["x", "y"], None))
    found = small_project.found("memory-between-steps")
    assert [f.where for f in found] == ["x", "y"]
    assert {f.severity for f in found} == {Severity.INFO}
    assert [(f.file, f.line) for f in found] == [("conf/base/catalog.yml", 1), (None, None)]


def test_memory_data_inside_one_step_is_none(small_project):
    small_project.catalog("x: {type: MemoryDataset, copy_mode: assign}")
    small_project.nodes(*CHAIN)
    small_project.settings_of({"j": {"grouping": "memory"}})
    assert small_project.check() == {"j": ()}


def test_an_object_that_is_handed_over_as_it_is_loses_its_identity(small_project):
    small_project.catalog("x: {type: MemoryDataset, copy_mode: assign}\ny: {type: MemoryDataset}")
    small_project.nodes(("a", None, ["x", "y"]), ("b", ["x", "y"], None))
    finding = small_project.only("memory-assign")
    assert (finding.where, finding.severity) == ("x", Severity.WARNING)


def test_versioned_datasets_of_two_steps_get_two_save_versions(small_project):
    entry = "{type: pickle.PickleDataset, filepath: 's3://b/%s.pkl', versioned: true}"
    small_project.catalog(f"x: {entry % 'x'}\ny: {entry % 'y'}")
    small_project.nodes(("a", None, "x"), ("b", None, "y"))
    assert [f.where for f in small_project.found("versioned-per-step")] == ["x", "y"]
    small_project.settings_of({"j": {"grouping": "pipeline"}})
    assert small_project.found("versioned-per-step") == []


@pytest.mark.parametrize(("versioned", "warned"), [("true", True), ("false", False)])
def test_a_versioned_dataset_in_the_cloud_is_a_warning_over_a_boundary(
    small_project, versioned, warned
):
    small_project.catalog(
        "x: {type: pickle.PickleDataset, filepath: 's3://b/x.pkl', versioned: " + versioned + "}"
    )
    small_project.nodes(*CHAIN)
    assert bool(small_project.found("versioned-per-step")) is warned
    small_project.settings_of({"j": {"grouping": "pipeline"}})
    assert small_project.found("versioned-per-step") == []


def test_two_entries_with_one_local_file_are_an_error_where_one_is_written(small_project):
    small_project.catalog(
        "x: {type: pandas.CSVDataset, filepath: data/x.csv}\n"
        "again: {type: text.TextDataset, filepath: data/x.csv}\n"
        "other: {type: text.TextDataset, filepath: data/other.csv}\n"
    )
    small_project.write("data/x.csv", "a\n1\n")
    small_project.write("data/other.csv", "a\n1\n")
    small_project.nodes(("a", None, "x"), ("b", ["again", "other"], None))
    finding = small_project.only("shared-local-file")
    assert (finding.where, finding.line) == ("again", 2)
    assert "'x' by the step 'a'" in finding.message


@pytest.mark.parametrize("folder_is", ["written", "read"])
def test_a_file_in_the_folder_of_another_entry_is_shared_too(small_project, folder_is):
    parts = "{type: partitions.PartitionedDataset, path: data/parts, dataset: pandas.CSVDataset}"
    one = "{type: pandas.CSVDataset, filepath: data/parts/one.csv}"
    written, read = (parts, one) if folder_is == "written" else (one, parts)
    small_project.catalog(f"x: {written}\ny: {read}\n")
    small_project.write("data/parts/one.csv", "a\n1\n")
    small_project.nodes(("a", None, "x"), ("b", "y", None))
    assert small_project.only("shared-local-file").where == "y"


def test_a_mounted_file_that_another_entry_reads_from_the_disk_is_shared_too(small_project):
    small_project.catalog(f"{WRAPPED}\ny: {{type: text.TextDataset, filepath: data/x.csv}}\n")
    small_project.write("data/x.csv", "a\n1\n")
    small_project.nodes(("a", None, "x"), ("b", "y", None))
    assert small_project.only("shared-local-file").where == "y"


def test_one_step_may_use_one_file_through_two_entries(small_project):
    small_project.catalog(
        "x: {type: pandas.CSVDataset, filepath: data/x.csv}\n"
        "y: {type: text.TextDataset, filepath: data/x.csv}\n"
    )
    small_project.write("data/x.csv", "a\n1\n")
    small_project.nodes(("a", None, "x"), ("b", "y", None))
    small_project.settings_of({"j": {"grouping": "pipeline"}})
    assert small_project.found("shared-local-file") == []


STORED = "{{type: kedro_azureml_datasets.AzureMLPipelineDataset, root_dir: {}, dataset: {}}}"
FILE = "{type: pandas.CSVDataset, filepath: x.csv}"
PARTS = "{type: partitions.PartitionedDataset, path: parts, dataset: pandas.CSVDataset}"


@pytest.mark.parametrize(
    ("one", "two", "path"),
    [
        (STORED.format("data", FILE), STORED.format("data", FILE), "data/x.csv"),
        (STORED.format("data", FILE), STORED.format("data/sub/..", FILE), "data/x.csv"),
        (STORED.format("data", PARTS), STORED.format("data/parts", FILE), "data/parts/x.csv"),
        (STORED.format("data", FILE), FILE.replace("x.csv", "data/x.csv"), "data/x.csv"),
    ],
)
@pytest.mark.parametrize("grouping", ["node", "pipeline"])
def test_two_entries_that_write_one_file_are_an_error(small_project, one, two, path, grouping):
    small_project.catalog(f"x: {one}\ny: {two}\n")
    small_project.nodes(("a", None, "x"), ("b", None, "y"), ("c", ["x", "y"], None))
    small_project.settings_of({"j": {"grouping": grouping}})
    finding = small_project.only("shared-local-file")
    assert finding.severity is Severity.ERROR
    assert f"'{path}'" in finding.message
    assert "is written through this entry" in finding.message


def test_two_entries_of_two_files_are_none(small_project):
    small_project.catalog(
        f"x: {STORED.format('data', FILE)}\ny: {STORED.format('data/other', FILE)}\n"
    )
    small_project.nodes(("a", None, "x"), ("b", None, "y"), ("c", ["x", "y"], None))
    assert small_project.check() == {"j": ()}


def test_a_file_in_the_folder_of_an_asset_that_a_step_registers_is_shared(small_project):
    copy = "{type: pandas.CSVDataset, filepath: data/things/local/x.csv}"
    small_project.catalog(asset("x", "things") + f"y: {copy}\n")
    small_project.write("data/things/local/x.csv", "a\n1\n")
    small_project.nodes(("a", None, "x"), ("b", "y", None))
    assert small_project.only("shared-local-file").where == "y"


def test_transcoded_entries_of_two_versions_are_an_error(small_project):
    small_project.catalog(
        asset("x@a", "things", azureml_version="1") + asset("x@b", "things", azureml_version="2")
    )
    small_project.nodes(("a", "x@a", None), ("b", "x@b", None))
    finding = small_project.only("transcoded-apart")
    assert (finding.where, finding.severity, finding.line) == ("x", Severity.ERROR, 1)
    assert "version '1'" in finding.message
    assert "version '2'" in finding.message


def test_transcoded_entries_of_one_file_are_not(small_project):
    small_project.catalog(WRAPPED.replace("x:", "x@a:", 1) + WRAPPED.replace("x:", "x@b:", 1))
    small_project.nodes(("a", None, "x@a"), ("b", "x@b", None))
    assert small_project.check() == {"j": ()}


def test_two_versions_of_an_asset_in_one_job_are_a_warning(small_project):
    small_project.catalog(
        asset("old", "things", azureml_version="1")
        + asset("new", "things")
        + asset("else", "others", azureml_version="3")
    )
    small_project.nodes(("a", ["old", "new", "else"], None))
    finding = small_project.only("asset-versions-differ")
    assert (finding.where, finding.severity) == ("old", Severity.WARNING)
    assert small_project.found("asset-versions-differ", load_versions={"new": "1"}) == []


def test_two_outputs_that_register_one_asset_are_an_error(small_project):
    small_project.catalog(asset("x", "things") + asset("y", "things"))
    small_project.nodes(("a", None, "x"), ("b", None, "y"))
    finding = small_project.only("asset-registered-twice")
    assert (finding.where, finding.severity, finding.line) == ("y", Severity.ERROR, 5)


@pytest.mark.parametrize(
    ("nodes", "pin", "count"),
    [
        ((("a", None, "new"), ("b", "old", None)), {}, 1),
        ((("a", None, ["new", "go"]), ("b", ["go", "old"], None)), {}, 1),
        ((("a", None, "new"), ("b", "old", None)), {"azureml_version": "3"}, 0),
        ((("a", "old", "go"), ("b", "go", "new")), {}, 0),
        ((("a", "old", "new"),), {}, 0),
    ],
)
def test_the_latest_version_is_read_before_the_next_one_is_registered(
    small_project, nodes, pin, count
):
    small_project.catalog(asset("new", "things") + asset("old", "things", **pin))
    small_project.nodes(*nodes)
    found = small_project.found("asset-read-and-registered")
    assert [(f.where, f.severity) for f in found] == [("old", Severity.WARNING)] * count


def test_a_schedule_freezes_the_latest_version_and_the_uploaded_file(small_project):
    small_project.catalog(
        WRAPPED + asset("latest", "things") + asset("pinned", "others", azureml_version="3")
    )
    small_project.write("data/x.csv", "a\n1\n")
    small_project.nodes(("a", ["x", "latest", "pinned"], None))
    assert small_project.found("frozen-by-schedule") == []
    small_project.settings_of({"j": {"schedule": {"cron": {"expression": "0 3 * * *"}}}})
    found = small_project.found("frozen-by-schedule")
    assert [(f.where, f.severity.value) for f in found] == [("latest", "warning"), ("x", "warning")]


def test_an_entry_whose_credentials_do_not_travel_is_an_error_at_its_entry(small_project):
    small_project.catalog(
        "\nx: {type: pandas.CSVDataset, filepath: 's3://b/x.csv', credentials: away}\n"
    )
    small_project.nodes(("a", "x", None))
    small_project.write("conf/local/credentials.yml", "away: {key: hunter2}\n")
    finding = small_project.only("credential-stays")
    assert (finding.where, finding.line) == ("x", 2)
    assert "hunter2" not in str(finding)


WRAPPER = "type: kedro_azureml_datasets.AzureMLPipelineDataset"
NO_ENTRIES = {
    "number": "{type: 3, filepath: x}",
    "empty": "{type: '', filepath: x}",
    "blank": "{type: ' ', filepath: x}",
    "null": "{type: null, filepath: x}",
    "list": "{type: [a], filepath: x}",
    "mapping": "{type: {a: b}, filepath: x}",
    "true": "{type: true, filepath: x}",
    "wrapped number": f"{{{WRAPPER}, dataset: {{type: 3, filepath: x}}}}",
    "wrapped empty": f"{{{WRAPPER}, dataset: {{type: '', filepath: x}}}}",
    "wraps a number": f"{{{WRAPPER}, dataset: 3}}",
    "wraps nothing": f"{{{WRAPPER}}}",
    "cached number": "{type: CachedDataset, dataset: {type: 3, filepath: x}}",
    "cached empty": "{type: CachedDataset, dataset: {type: '', filepath: x}}",
    "cached list": "{type: CachedDataset, dataset: {type: [a], filepath: x}}",
    "caches a number": "{type: CachedDataset, dataset: 3}",
    "caches nothing": "{type: CachedDataset}",
    "partitions of numbers": "{type: partitions.PartitionedDataset, path: p, dataset: {type: 3}}",
    "outside": f"{{{WRAPPER}, dataset: {{type: a.A, filepath: /elsewhere/x}}}}",
    "in the cloud": f"{{{WRAPPER}, dataset: {{type: a.A, filepath: s3://b/x}}}}",
    "versioned": f"{{{WRAPPER}, versioned: true, dataset: {{type: a.A, filepath: x}}}}",
    "misspelt": f"{{{WRAPPER}, rootdir: d, dataset: {{type: a.A, filepath: x}}}}",
    "cached mount": f"{{type: CachedDataset, dataset: {{{WRAPPER}, dataset: {{type: a.A}}}}}}",
}  # fmt: skip


@pytest.mark.parametrize("pattern", ["", "{anything} "], ids=["entries", "factories"])
def test_an_entry_that_is_not_a_dataset_is_an_error_at_its_line(small_project, pattern):
    names = [f"{'my ' if pattern else ''}{name}" for name in NO_ENTRIES]
    entries = [f'"{pattern}{name}": {entry}\n' for name, entry in NO_ENTRIES.items()]
    small_project.catalog("".join(entries))
    small_project.nodes(("a", None, names))
    found = small_project.found("catalog-entry")
    assert {f.where: f.line for f in found} == {name: i for i, name in enumerate(names, 1)}
    assert all(f.severity is Severity.ERROR for f in found)
