"""The reference pages of the findings, made from their registry."""

from __future__ import annotations

from kedro_azureml_compiler.finding_registry import collect_finding_kinds
from kedro_azureml_compiler.findings import FindingKind, explain

_HEAD = """# Findings

`kedro azureml check` finds everything that is wrong with jobs, in one pass, and writes nothing:

    kedro azureml check                     # every job of azureml.yml
    kedro azureml check -j training -j scoring
    kedro azureml check --format github     # annotations at the lines, in a workflow of GitHub
    kedro azureml check --format json -o findings.json
    kedro azureml check --explain large-input
    kedro azureml check --fix               # writes the catalog entries that hints show
    kedro azureml check --verbose           # every note, where many of one kind are counted

`compile`, `simulate` and the commands that submit report the same findings, and stop on errors. The
exit code is 1 if there is an error.

A finding has a stable code, a severity, the dataset, step, file or setting that it is about, the
file and the line if they are known, and a hint:

    conf/base/catalog.yml:12: error local-data-between-steps: features: the step 'split' writes it
    to its own machine ('data/features.parquet'), where 'train' cannot read it.
        Let Azure ML carry it: wrap the entry.

Each job can change the severity of a finding. `ignore` hides it, `error` makes `compile` stop:

```yaml
jobs:
  training:
    checks:
      large-input: ignore
      memory-between-steps: error
```

The codes marked with `*` stay errors: no job can be built with them.

The JSON document has the keys `format` (1; the number changes if a key changes its meaning),
`errors`, `warnings`, `infos`, and `jobs`, each with `job` (null for findings about no single
job) and `findings`: `code`, `severity`, `where`, `file` (relative to the project), `line`,
`message`, `hint`, `fixable` (whether its hint shows entries that
[`--fix`](../how-to/fixing.md) writes, or leaves with a reason), `docs` (its page, relative to this
one). With its usual logging, Kedro writes a first line to the standard output before any command
runs; `-o FILE` writes only the document.

Each code has its own page. All are made from the code; `nox -s docs` rewrites them.
"""

_BACK = "[All findings](../findings.md)\n"


def render_findings_pages() -> dict[str, str]:
    """Return the pages, as Markdown, by their paths in `docs/reference/`.

    There is one for each code, and the list.

    Example:
        >>> pages = render_findings_pages()
        >>> pages["findings.md"].splitlines()[0], pages["findings/large-input.md"].splitlines()[0]
        ('# Findings', '# large-input')
    """
    kinds = collect_finding_kinds().values()
    rows = ["| code | severity | what it means |", "|---|---|---|", *map(_row, kinds)]
    pages = {kind.docs: f"# {kind.code}\n\n{explain(kind)}\n{_BACK}" for kind in kinds}
    return {"findings.md": "\n".join([_HEAD, "\n".join(rows) + "\n"]), **pages}


def _row(kind: FindingKind) -> str:
    severity = f"{kind.severity.value}{' *' if kind.fixed else ''}"
    return f"| [{kind.code}]({kind.docs}) | {severity} | {kind.title} |"
