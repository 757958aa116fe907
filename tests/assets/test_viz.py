"""Kedro-Viz and IPython themselves, with a project whose datasets are wrapped; Azure is away.

They come into an environment of their own: Kedro-Viz has hooks, which would be in every other test.
"""

import json
import subprocess
import textwrap
from pathlib import Path

import pytest
from environments import Environment

CATALOG = """
penguins:
  type: kedro_azureml_datasets.AzureMLAssetDataset
  azureml_dataset: penguins
  azureml_version: "3"
  dataset: {type: pandas.CSVDataset, filepath: penguins.csv}
  metadata: {kedro-viz: {layer: raw, preview_args: {nrows: 2}}}
islands:
  type: kedro_azureml_datasets.AzureMLAssetDataset
  azureml_dataset: islands
  dataset: {type: pandas.CSVDataset, filepath: islands.csv}
absent:
  type: kedro_azureml_datasets.AzureMLAssetDataset
  azureml_dataset: absent
  azureml_version: "1"
  dataset: {type: pandas.CSVDataset, filepath: absent.csv}
heavy:
  type: kedro_azureml_datasets.AzureMLAssetDataset
  azureml_dataset: heavy
  azureml_version: "8"
  dataset: {type: pandas.CSVDataset, filepath: heavy.csv}
count:
  type: kedro_azureml_datasets.AzureMLPipelineDataset
  dataset: {type: json.JSONDataset, filepath: count.json}
"{name}_table":
  type: kedro_azureml_datasets.AzureMLPipelineDataset
  dataset: {type: pandas.CSVDataset, filepath: "{name}.csv"}
"""

REGISTRY = """
from kedro.pipeline import node, pipeline

def select(penguins, islands):
    return penguins[penguins.mass > 4000], penguins.merge(islands)

def count(heavy, table):
    return {"heavy": len(heavy), "all": len(table)}

def register_pipelines():
    made = pipeline([
        node(select, ["penguins", "islands"], ["heavy", "merged_table"], name="select"),
        node(count, ["heavy", "merged_table"], "count", name="count"),
    ])
    later = pipeline([node(len, "absent", "size", name="later")])
    return {"__default__": made, "later": later, "all": made + later}
"""

PENGUINS = "island,mass\n1,3500\n2,4500\n3,5000\n"
ISLANDS = "island,name\n1,Biscoe\n2,Dream\n3,Torgersen\n"


NOWHERE = {"HTTPS_PROXY": "http://127.0.0.1:1"}
"""No way to Azure: what asks for it all the same has an error or a warning to show."""


@pytest.fixture(scope="module")
def tools(built, wheels) -> Environment:
    return built(
        "tools",
        wheels["kedro_azureml_datasets"],
        "kedro-datasets[pandas-csvdataset]",
        "kedro-viz",
        "ipython",
    )


def kedro(tools: Environment, project: Path, *arguments: str) -> str:
    done = tools.kedro(*arguments, cwd=project, **NOWHERE)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def project(tmp_path_factory, tools) -> Path:
    """A project that was run once, and whose Kedro-Viz was built after that."""
    folder = tmp_path_factory.mktemp("viz") / "shop"
    files = {
        "pyproject.toml": '[tool.kedro]\npackage_name = "shop"\nproject_name = "Shop"\n'
        'kedro_init_version = "1.2.0"\n',
        "src/shop/__init__.py": "",
        "src/shop/settings.py": "",
        "src/shop/pipeline_registry.py": REGISTRY,
        "conf/base/catalog.yml": CATALOG,
        "conf/local/.gitkeep": "",
        "data/penguins/3/penguins.csv": PENGUINS,
        "data/penguins/local/penguins.csv": "another,and\nlonger,one\n" * 50,
        "data/islands/2/islands.csv": ISLANDS,
        "data/heavy/8/heavy.csv": "of,another\nrun,altogether\n" * 50,
    }
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content)
    kedro(tools, folder, "run")
    kedro(tools, folder, "viz", "build", "--include-hooks", "--include-previews")
    return folder


@pytest.fixture(scope="module")
def shown(project) -> dict[str, dict]:
    """What Kedro-Viz shows of each dataset."""
    api = project / "build/api"
    nodes = json.loads((api / "pipelines/all").read_text())["nodes"]
    return {
        node["name"]: json.loads((api / "nodes" / node["id"]).read_text())
        for node in nodes
        if node["type"] == "data"
    }


def test_viz_shows_wrapped_datasets_by_their_file(project, shown):
    data = project / "data"
    assert {name: node.get("filepath") for name, node in shown.items()} == {
        "penguins": str(data / "penguins/3/penguins.csv"),
        "islands": None,  # without a pin, Azure decides which
        "heavy": str(data / "heavy/8/heavy.csv"),  # outside a run
        "absent": str(data / "absent/1/absent.csv"),
        "merged_table": str(data / "merged.csv"),
        "count": str(data / "count.json"),
        "size": None,
    }


def test_viz_previews_what_is_here_and_leaves_out_what_is_not(shown):
    preview = {"index": [0, 1], "columns": ["island", "mass"], "data": [[1, 3500], [2, 4500]]}
    assert shown["penguins"]["preview"] == preview
    assert shown["penguins"]["preview_type"] == "TablePreview"
    assert len(shown["islands"]["preview"]["data"]) == 3
    assert json.loads(shown["count"]["preview"]) == {"heavy": 2, "all": 3}
    assert shown["absent"]["preview"] is None


def test_viz_tells_rows_and_sizes_of_what_a_run_has_read_and_written(project, shown):
    def size(path: str) -> int:
        return (project / "data" / path).stat().st_size

    stats = json.loads((project / ".viz/stats.json").read_text())
    assert {name: (found["rows"], found["file_size"]) for name, found in stats.items()} == {
        "penguins": (3, size("penguins/3/penguins.csv")),  # not what lies in `local`
        "islands": (3, size("islands/2/islands.csv")),
        "heavy": (2, size("heavy/local/heavy.csv")),  # not the pinned version
        "merged_table": (3, size("merged.csv")),
    }
    assert shown["penguins"]["stats"] == stats["penguins"]


# IPython


def ipython(tools: Environment, project: Path, lines: str, cwd: str = "") -> str:
    """Type lines into `kedro ipython`."""
    done = subprocess.run(
        [tools.programs / "kedro", "ipython", "--simple-prompt", "--no-banner", "--colors=NoColor"],
        cwd=project / cwd,
        env={
            "PATH": str(tools.programs),
            "HOME": str(tools.folder),
            "KEDRO_DISABLE_TELEMETRY": "1",
            "COLUMNS": "200",
            **NOWHERE,
        },
        input=textwrap.dedent(lines),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def session(tools, project) -> str:
    """What a session says in which all is typed that the tests look at."""
    return ipython(
        tools,
        project,
        """
        print("pinned:", len(catalog.load("penguins")), len(catalog.load("heavy")))
        outputs = session.run()
        print("counted:", outputs["count"].load())
        %reload_kedro
        print("again:", len(catalog.load("heavy")))
        catalog.load("absent")
        """,
    )


def test_in_kedro_ipython_a_run_reads_what_it_has_written_and_the_catalog_its_pins(session):
    assert "pinned: 3 99" in session, session
    assert "counted: {'heavy': 2, 'all': 3}" in session, session
    assert "again: 99" in session, session


def test_in_a_notebooks_folder_the_ipython_extension_finds_the_same_files(tools, project):
    (project / "notebooks").mkdir(exist_ok=True)
    said = ipython(tools, project, 'print("pinned:", len(catalog.load("penguins")))\n', "notebooks")
    assert "pinned: 3" in said, said


def test_in_kedro_ipython_an_asset_that_cannot_be_had_is_one_clear_error(session):
    assert "Version '1' of the data asset 'absent' is not on this machine" in session, session
