"""`kedro azureml check` as a user and a workflow meet it."""

import json
import re

from environments import tree_digest


def change(project, name, pattern, replacement):
    path = project / name
    changed, count = re.subn(pattern, replacement, path.read_text(), flags=re.MULTILINE)
    assert count, name
    path.write_text(changed)


def unwrap_predictions(project) -> int:
    """Make an entry of the catalog a local file between steps; give the line of the entry."""
    change(
        project,
        "conf/base/catalog.yml",
        r"^predictions:\n(  .*\n)+",
        "predictions:\n  type: pandas.ParquetDataset\n  filepath: data/predictions.parquet\n",
    )
    lines = (project / "conf/base/catalog.yml").read_text().splitlines()
    return lines.index("predictions:") + 1


def test_the_starter_has_no_errors_but_placeholders_and_nothing_is_written(penguins, local):
    before = tree_digest(penguins)
    done = local.kedro("azureml", "check", cwd=penguins)
    assert done.returncode == 0, done.stdout + done.stderr
    last = done.stdout.splitlines()[-1]
    assert re.fullmatch(r"Checked 2 jobs: 0 errors, 2 warnings, \d notes\.", last)
    assert tree_digest(penguins) == before


def test_an_error_is_reported_at_its_line_in_every_form_and_by_compile_too(penguins, local):
    line = unwrap_predictions(penguins)
    told = f"conf/base/catalog.yml:{line}: error local-data-between-steps: predictions: the step"
    done = local.kedro("azureml", "check", "-j", "training", cwd=penguins)
    assert done.returncode == 1
    assert told in done.stdout
    done = local.kedro("azureml", "compile", "-j", "training", cwd=penguins)
    assert done.returncode == 1
    assert told in done.stderr

    checkout = {"GITHUB_WORKSPACE": str(penguins.parent)}
    done = local.kedro("azureml", "check", "--format", "github", cwd=penguins, **checkout)
    assert done.returncode == 1
    place = f"file=penguins/conf/base/catalog.yml,line={line}"
    assert f"\n::error {place},title=local-data-between-steps::predictions: " in done.stdout

    done = local.kedro(
        "azureml", "check", "-j", "training", "--format", "json", "-o", "f.json", cwd=penguins
    )
    assert done.returncode == 1
    document = json.loads((penguins / "f.json").read_text())
    (job,) = document["jobs"]
    errors = [f for f in job["findings"] if f["severity"] == "error"]
    assert (document["errors"], len(errors)) == (1, 1)
    assert (errors[0]["code"], errors[0]["file"], errors[0]["line"]) == (
        "local-data-between-steps",
        "conf/base/catalog.yml",
        line,
    )


def test_the_entry_that_the_hint_gives_mends_the_finding(penguins, local):
    unwrap_predictions(penguins)
    done = local.kedro(
        "azureml", "check", "-j", "training", "--format", "json", "-o", "f.json", cwd=penguins
    )
    assert done.returncode == 1, done.stdout + done.stderr
    (job,) = json.loads((penguins / "f.json").read_text())["jobs"]
    (hint,) = (f["hint"] for f in job["findings"] if f["severity"] == "error")
    entry = "\n".join(line[2:] for line in hint.splitlines() if line.startswith("  "))
    change(penguins, "conf/base/catalog.yml", r"^predictions:\n(  .*\n)+", entry + "\n")
    done = local.kedro("azureml", "check", cwd=penguins)
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_error_of_the_project_s_own_code_is_a_finding_and_no_traceback(penguins, local):
    path = penguins / "src/penguins/pipelines/training/nodes.py"
    path.write_text("import no_such_library\n" + path.read_text())
    done = local.kedro("azureml", "check", cwd=penguins)
    assert done.returncode == 1
    assert "error project-error: the project: The project cannot be read" in done.stdout
    assert "no_such_library" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
