"""The reference pages of the findings, made from their registry."""

from __future__ import annotations

from kedro_azureml_compiler.finding_registry import finding_kinds
from kedro_azureml_compiler.findings import FindingKind, explain

_HEAD = """# Findings

`kedro azureml check` finds all that is wrong with jobs, in all stages at once, and writes nothing:

    kedro azureml check                     # every job of azureml.yml
    kedro azureml check -j training -j scoring
    kedro azureml check --format github     # annotations at the lines, in a workflow of GitHub
    kedro azureml check --format json -o findings.json
    kedro azureml check --explain large-input

`compile`, `simulate` and the commands that submit find the same, and stop on errors. The exit code
is 1 where there is an error.

A finding has a stable code, a severity, what it is about, the file and the line where they are
known, and what to write instead:

    conf/base/catalog.yml:12: error local-data-between-steps: features: the step 'split' writes it
    to its own machine ('data/features.parquet'), where 'train' cannot read it.
        Let Azure ML carry it: wrap the entry.

How bad a finding is can be said for each job. `ignore` hides it, `error` makes `compile` stop:

```yaml
jobs:
  training:
    checks:
      large-input: ignore
      memory-between-steps: error
```

The codes marked with `*` stay errors: no job can be built with them.

The JSON document has the keys `format` (1; another number when a key changes its meaning),
`errors`, `warnings`, `infos`, and `jobs`, each with `job` (null for what is wrong before there are
jobs) and `findings`: `code`, `severity`, `where`, `file` (relative to the project), `line`,
`message`, `hint`, `docs` (its page, relative to this one). With its usual logging, Kedro writes a
first line to the standard output before any command runs; `-o FILE` gets the document alone.

Each code has a page of its own. All are written from the code; `nox -s docs` rewrites them.
"""

_BACK = "[All findings](../findings.md)\n"


def findings_pages() -> dict[str, str]:
    """Return the pages, as Markdown, by their paths in `docs/`: one for each code, and the list.

    Example:
        >>> pages = findings_pages()
        >>> pages["findings.md"].splitlines()[0], pages["findings/large-input.md"].splitlines()[0]
        ('# Findings', '# large-input')
    """
    kinds = finding_kinds().values()
    rows = ["| code | severity | what it means |", "|---|---|---|", *map(_row, kinds)]
    pages = {kind.docs: f"# {kind.code}\n\n{explain(kind)}\n{_BACK}" for kind in kinds}
    return {"findings.md": "\n".join([_HEAD, "\n".join(rows) + "\n"]), **pages}


def _row(kind: FindingKind) -> str:
    severity = f"{kind.severity.value}{' *' if kind.fixed else ''}"
    return f"| [{kind.code}]({kind.docs}) | {severity} | {kind.title} |"
