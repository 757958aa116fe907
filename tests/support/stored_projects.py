"""Write projects of `random_storage.py` to the disk, and have them checked and verified."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import yaml
from small_projects import AZUREML, COMPILER, FRAMEWORK, KEDRO, PARTS, Bench, write_project

if TYPE_CHECKING:
    from random_storage import StoredProject
    from storage_kinds import Store

IN_IMAGE = (
    *KEDRO, "ibis.backends.duckdb", "kedro_datasets.ibis.table_dataset",
    "kedro_datasets.pandas.sql_dataset", "kedro_datasets.polars.lazy_polars_dataset",
    "sqlalchemy.dialects.sqlite", "kedro.io.cached_dataset", "pyarrow.dataset",
)  # fmt: skip
USED_BY_VERIFY = (  # which loads no data itself
    *FRAMEWORK, *COMPILER,
    "kedro_azureml_cli.verification.verification_output", "kedro_azureml_cli.verification.verify",
    "kedro_azureml_compiler.checking", "kedro_azureml_compiler.bundle.writing",
)  # fmt: skip

VERIFY = """
import json, sys
from pathlib import Path

from kedro_azureml_cli.verification.verification_output import as_json
from kedro_azureml_cli.verification.verify import verify_compiled
from kedro_azureml_compiler import ProjectRequest, check_jobs, compile_request

python, env = sys.argv[1], sys.argv[2] or None
request = ProjectRequest(Path.cwd(), env=env)
(checked,) = check_jobs(request, ["job"])
answer = {"findings": [(f.code, f.severity.value, f.where, f.message) for f in checked.findings]}
if not {"error", "warning"} & {finding[1] for finding in answer["findings"]}:
    compiled = compile_request(request, "job")
    verification = verify_compiled(compiled, Path.cwd(), python=Path(python))
    answer["verification"] = json.loads(as_json(verification))
print("ANSWER", json.dumps(answer))
"""


@dataclass(frozen=True)
class Judgement:
    """What `check` says of a project, and `verify` where that is green.

    Args:
        findings: Code, severity, place and message of each finding.
        verification: The document of `verify`; None if the check is not green.
    """

    findings: list[tuple[str, str, str, str]]
    verification: dict[str, Any] | None

    @property
    def reasons(self) -> set[str]:
        """Codes of the errors and warnings."""
        return {code for code, severity, _, _ in self.findings if severity != "info"}

    @property
    def same(self) -> bool:
        """Whether all that is compared is the same, with what each node made of all it read."""
        document = self.verification or {"result": None}
        return document["result"] == "same" and all(
            dataset["outcome"] == "same"
            for dataset in document["datasets"]
            if dataset["name"].startswith("result_")
        )

    @property
    def logs(self) -> str:
        """The logs of the steps that failed."""
        if self.verification is None:
            return ""
        steps = self.verification["simulation"]["failed_steps"]
        return "\n".join(line for step in steps for line in step["end_of_log"])


def judge(bench: Bench, project: StoredProject, folder: Path) -> Judgement:
    """Check a project, and verify it if the check is green."""
    outside = folder / "outside"
    outside.mkdir(parents=True)

    def variables(run: str) -> dict[str, str]:
        return {k: v.format(outside=outside, run=run) for k, v in project.variables.items()}

    made = _write(project, folder / "project", variables("steps"))
    for run in ("local", "steps"):
        for store in project.stores:
            if store.kind == "shared":
                _write_table(outside / f"{run}.db", store)
    told = bench.run(
        made, "-c", VERIFY, str(bench.image.path), project.env or "", **variables("local")
    )
    lines = [line for line in told.stdout.splitlines() if line.startswith("ANSWER ")]
    assert lines, told.stdout + told.stderr
    answer = json.loads(lines[0].removeprefix("ANSWER "))
    findings = [tuple(finding) for finding in answer["findings"]]
    return Judgement(findings, answer.get("verification"))


def _write(project: StoredProject, folder: Path, variables: dict[str, str]) -> Path:
    job = dict(project.job)
    given = {name: text for name, text in variables.items() if name not in project.unset}
    if given:
        job["steps"] = {"*": {"environment_variables": given}}
    made = write_project(
        folder,
        registry=(PARTS / "storage_registry.py").read_text(),
        catalog=yaml.safe_dump(project.entries, sort_keys=False),
        azureml=yaml.safe_dump({**AZUREML, "jobs": {"job": job}}, sort_keys=False),
    )
    (made / "src/small/stores.py").write_text((PARTS / "stores.py").read_text())
    (made / "src/small/spec.json").write_text(json.dumps(project.nodes))
    (made / ".amlignore").write_text("\n".join(["conf/local/", *project.ignored]) + "\n")
    for file, content in {**project.parameters, **project.credentials}.items():
        path = made / "conf" / file
        path.parent.mkdir(exist_ok=True)
        path.write_text(yaml.safe_dump(content))
    for store in project.stores:
        if store.seeded:
            _seed(store, made)
    return made


def _seed(store: Store, project: Path) -> None:
    """Write what is there before the first node runs."""
    path, frame = project / store.path, _frame(store)
    path.parent.mkdir(parents=True, exist_ok=True)
    if store.kind == "asset":
        for version in (1, 2):
            place = project / "data" / f"asset{store.number}" / str(version) / "x.csv"
            place.parent.mkdir(parents=True)
            frame.assign(version=version).to_csv(place, index=False)
    elif store.kind == "sqlite":
        _write_table(path, store)
    elif store.kind == "duckdb":
        import duckdb

        with duckdb.connect(str(path)) as connection:
            connection.execute(f"CREATE TABLE duckdb{store.number} AS SELECT * FROM frame")
    elif store.kind == "csv":
        frame.to_csv(path, index=False)
    elif store.kind in {"parquet", "polars"}:
        frame.to_parquet(path)
    elif store.kind == "pickle":
        frame.to_pickle(path)
    elif store.kind == "json":
        path.write_text('{"old": 1}')
    elif store.kind == "text":
        path.write_text("old\n")
    elif store.kind != "shared":  # a folder
        path.mkdir(parents=True)
        name = "p0.csv" if store.kind == "parts" else "table.csv"
        frame.to_csv(path / name, index=False)


def _write_table(database: Path, store: Store) -> None:
    with closing(sqlite3.connect(database)) as connection:
        if store.seeded:
            _frame(store).to_sql(f"{store.kind}{store.number}", connection, index=False)


def _frame(store: Store) -> pd.DataFrame:
    return pd.DataFrame({"n": [store.number, 2], "text": ["old", "ä"]})
