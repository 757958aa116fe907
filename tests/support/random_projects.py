"""Random projects as files, with all that they read and nothing produces."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pandas as pd
import yaml
from random_catalog import catalog_of
from random_pipelines import RandomProject
from small_projects import PARTS, write_project


def frame(number):
    return pd.DataFrame({"n": [number, 2], "text": ["it's", "ä"]})


def write(project: RandomProject, folder: Path) -> Path:
    """Write the project with all that it reads and nothing produces."""
    outside = folder / "outside"
    outside.mkdir(parents=True)
    settings = {
        "workspace": {"__default__": {"subscription_id": "s", "resource_group": "r", "name": "w"}},
        "compute": {"__default__": {"cluster_name": "cpu"}},
        "execution": {"environment": "env:1"},
        "jobs": {"job": project.job},
    }
    made = write_project(
        folder / "project",
        registry=(PARTS / "random_registry.py").read_text(),
        catalog=yaml.safe_dump(
            catalog_of(project, str(outside)), allow_unicode=True, sort_keys=False
        ),
        azureml=yaml.safe_dump(settings, allow_unicode=True, sort_keys=False),
        parameters=yaml.safe_dump(escape(project.parameters), allow_unicode=True, sort_keys=False),
        credentials='db: {database: "${oc.env:DATABASE}"}',
        environ={"DATABASE": str(outside / "steps.db")},
    )
    (made / "src/small/spec.json").write_text(json.dumps(project.spec))
    (made / ".amlignore").write_text("data/ignored/\n")
    tables = {}
    for data in project.data.values():
        n = data.number
        if not data.free:
            continue
        files = {
            "uploaded": (f"data/carried/uploaded/{n}.json", json.dumps({"n": n})),
            "local": (f"data/local/{n}.csv", frame(n).to_csv(index=False)),
            "local_ignored": (f"data/ignored/{n}.csv", frame(n).to_csv(index=False)),
            "local_outside": (outside / f"{n}.csv", frame(n).to_csv(index=False)),
            "mixed": (f"data/carried/{n}.csv", frame(n).to_csv(index=False)),
        }
        if data.kind in files:
            path, text = files[data.kind]
            _write(made / path, text)
        if data.kind == "mixed":
            _write(made / "data/local/mixed.csv", frame(n).to_csv(index=False))
        if data.kind == "table":
            tables[f"t{n}"] = frame(n)
        if data.asset:
            for version in (1, 2):
                folder = made / "data" / data.asset / str(version)
                _write(folder / "deep/x.csv", frame(version).to_csv(index=False))
                _write(folder / "x.json", json.dumps({"version": version}))
    for name in ("local.db", "steps.db"):
        with closing(sqlite3.connect(outside / name)) as connection:
            for table, content in tables.items():
                content.to_sql(table, connection, index=False)
    return made


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def escape(value):
    """Keep OmegaConf from looking up what a text names."""
    if isinstance(value, dict):
        return {key: escape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [escape(inner) for inner in value]
    return value.replace("${", "\\${") if isinstance(value, str) else value


def tables(database: Path) -> dict[str, str]:
    with closing(sqlite3.connect(database)) as connection:
        names = pd.read_sql("SELECT name FROM sqlite_master WHERE type = 'table'", connection)
        return {
            name: pd.read_sql(f'SELECT * FROM "{name}"', connection).to_csv()
            for name in names["name"]
        }
