"""Every block of the tutorials and how-to guides is executed, judged, or listed with its reason."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import click
import pytest
import yaml
from documented_blocks import (
    DOCS,
    Block,
    judge_yaml,
    list_catalog_entries,
    parse_command,
    read_blocks,
    read_commands,
)
from environments import SHUTTLES
from kedro.io import DataCatalog

pytestmark = pytest.mark.once

LISTED = {
    ("how-to/cost.md", "kedro-azureml step started"): "two lines of a log; test_step_times.py",
    ("how-to/cost.md", "Advice for 'j'"): "the text that test_plan_advice.py expects",
    ("how-to/doctor.md", "ok       python"): "shows a workspace that is not there",
    ("how-to/schedules.md", "Created the schedule"): "shows a workspace that is not there",
    ("how-to/following.md", "%load_azureml"): "a cell of a notebook; test_job_data.py runs it",
    ("how-to/migrating.md", "pip uninstall"): "changes what is installed",
    ("how-to/credentials.md", "# conf/base/credentials.yml"): "judged in test_docs.py",
    ("how-to/authentication.md", "az login"): "the Azure CLI asks a person",
    ("how-to/spark.md", "RUN apt-get"): "a line of a Dockerfile: it needs docker",
    ("how-to/spark.md", "trips:"): "wants drivers of other storage; see test_verify_spark.py",
    ("how-to/migrating-from-pipeline.md", "pip uninstall"): "changes what is installed",
    ("how-to/mlflow.md", "$ pip install"): "test_mlflow.py has an environment of these versions",
    ("how-to/databases.md", "# conf/base/credentials.yml"): "as in credentials.md",
    ("how-to/notifications.md", "az eventgrid"): "shows a subscription that is not there",
    ("how-to/notifications.md", "def make_body"): "test_notifications.py sends what one makes",
    ("how-to/verify.md", "from pathlib import Path"): "test_verification.py calls verify_job",
}
"""Blocks that are neither executed nor judged here, and why."""
NOT_RUN = {
    "pip install kedro-azureml-simulator": "the packages under test are installed",
    "pip install kedro-azureml-cli": "the packages under test are installed",
    "pip install -r requirements.txt": "the environment of the tests has them",
    "kedro azureml environment register": "needs a workspace; test_registering.py has one",
    "kedro azureml assets push penguins data/penguins/1": "needs one; test_commands.py has one",
    "kedro azureml doctor": "needs a workspace; test_doctor.py has one on this machine",
    "kedro azureml run -j training --wait": "needs a workspace; test_run_command.py has one",
}
"""Commands of the tutorials that are parsed and not run, and why."""
TUTORIALS = {"tutorials/any-pipeline.md", "tutorials/first-job.md", "tutorials/existing-project.md"}


def find_reason(block: Block) -> str | None:
    return next(
        (
            reason
            for (page, start), reason in LISTED.items()
            if block.page == page and block.text.startswith(start)
        ),
        None,
    )


def judge(block: Block) -> str | None:
    """Return what judged a block; None where nothing did."""
    commands = read_commands(block)
    if commands is not None:
        for command in commands:
            if command.startswith(("kedro azureml", "azureml-simulate")):
                parse_command(command)
            elif command not in NOT_RUN:
                return None
        return "parsers of the commands"
    if block.kind == "python":
        compile(block.text, block.page, "exec")
        return "Python's parser"
    if block.kind == "json":
        json.loads(block.text)
        return "JSON"
    if block.kind == "diff":
        added = [line[1:] for line in block.text.splitlines() if not line.startswith("-")]
        return judge(block._replace(kind="yaml", text="\n".join(added)))
    if block.kind == "yaml":
        entries = list_catalog_entries(block)
        if entries is not None:
            named = {entry["credentials"] for entry in entries.values() if "credentials" in entry}
            known = {name: {"con": "postgresql://db.example.org/shop"} for name in named}
            catalog = DataCatalog.from_config(entries, known)
            assert all(catalog.get(name) for name in entries)  # which builds each
            return "DataCatalog of Kedro"
        return judge_yaml(block)
    return None


def test_every_block_of_the_how_to_guides_is_judged_or_listed(capsys):
    found = read_blocks("how-to")
    counts, open_blocks, problems = Counter(), [], []
    for block in found:
        place = f"{block.page}:{block.line}"
        if find_reason(block):
            counts["listed"] += 1
            continue
        try:
            judged = judge(block)
        except Exception as error:  # of any judge: all are shown together
            problems.append(f"{place}: {error}")
            continue
        counts[f"judged by the {judged}"] += 1
        open_blocks += [] if judged else [place]
    with capsys.disabled():
        print(f"\nblocks of how-to guides: {len(found)}, {dict(counts)}")
    assert problems == []
    assert open_blocks == []  # execute it, judge it, or list it with a reason


def test_what_is_listed_is_still_there():
    found = read_blocks("how-to")
    gone = [
        key
        for key in LISTED
        if not any(b.page == key[0] and b.text.startswith(key[1]) for b in found)
    ]
    assert gone == []
    commands = [c for block in read_blocks("tutorials") for c in read_commands(block) or ()]
    assert set(NOT_RUN) <= set(commands)


def test_the_advice_on_the_page_about_cost_is_what_a_test_of_the_command_expects():
    # That test moves with its package, which does not carry the pages.
    file = DOCS.parent / "packages/kedro-azureml-cli/tests/test_plan_advice.py"
    (expected,) = [
        ast.literal_eval(node.value)
        for node in ast.parse(file.read_text("utf-8")).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "TEXT"
    ]
    assert expected in (DOCS / "how-to/cost.md").read_text("utf-8")


def test_every_tutorial_is_followed_by_a_test():
    assert {block.page for block in read_blocks("tutorials")} == TUTORIALS


def test_a_command_that_a_page_invents_is_found():
    with pytest.raises(click.ClickException):
        parse_command("kedro azureml check --no-such-option")
    with pytest.raises(click.ClickException):
        parse_command("kedro azureml no-such-command")


class Follower:
    """Does what a tutorial says, in a folder, and compares what it shows.

    Args:
        folder: Where the reader is.
        programs: The folder of the programs that are installed.
        steps: A Python that has its imports behind it, for steps: 1 s of the processor, not 5.
    """

    def __init__(self, folder: Path, programs: Path, steps: Path | None = None) -> None:
        self.folder, self.programs, self.steps = folder, programs, steps
        self.counts: Counter[str] = Counter()

    def follow(self, page: str) -> None:
        """Write the files of a page, and run its commands, in its order."""
        for block in read_blocks("tutorials"):
            if block.page != page:
                continue
            self.counts["found"] += 1
            if block.file:
                file = self.folder / block.file
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(block.text)
                self.counts["executed"] += 1
            elif block.kind == "console":
                self._run(block)
            else:
                assert judge(block), f"{page}:{block.line} is neither executed nor judged"
                self.counts["judged"] += 1

    def _run(self, block: Block) -> None:
        parts = re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]
        ran = False
        for part in parts:
            command, *shown = part.splitlines()
            if command in NOT_RUN:
                continue
            ran = True
            if command.startswith("cd "):
                self.folder /= command[3:]
                continue
            done = self._call(command)
            told = done.stdout + done.stderr
            where = f"{block.page}:{block.line}: {command}"
            assert [line for line in shown if line not in told] == [], f"{where}\n{told}"
            may_fail = any("error" in line or "failed" in line for line in shown)
            assert done.returncode == 0 or may_fail, f"{where}\n{told}"
        self.counts["executed" if ran else "listed"] += 1

    def _call(self, command: str) -> subprocess.CompletedProcess[str]:
        if self.steps and command.startswith("kedro azureml verify"):
            command += f" --python {self.steps}"
        env = {
            "PATH": f"{self.programs}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.programs),
            "KEDRO_DISABLE_TELEMETRY": "1",
            "COLUMNS": "200",
        }
        return subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


def report(follower: Follower, capsys) -> None:
    with capsys.disabled():
        print(f"\nblocks of the tutorial: {dict(follower.counts)}")


def test_the_tutorial_without_kedro_works_as_it_is_written(tmp_path, capsys):
    follower = Follower(tmp_path, Path(sys.executable).parent)
    follower.follow("tutorials/any-pipeline.md")
    assert follower.counts == {"found": 12, "executed": 11, "listed": 1}
    report(follower, capsys)


def test_the_tutorial_of_the_first_job_works_as_it_is_written(tmp_path, local, warm_image, capsys):
    follower = Follower(tmp_path, local.programs, warm_image)
    follower.follow("tutorials/first-job.md")
    assert follower.counts == {"found": 8, "executed": 6, "listed": 2}
    report(follower, capsys)


@pytest.mark.stress
def test_the_tutorial_of_an_existing_project_works_as_it_is_written(
    tmp_path, local, warm_image, capsys
):
    project = Path(shutil.copytree(SHUTTLES, tmp_path / "shuttles"))
    for made in ("conf/base/azureml.yml", ".amlignore"):  # by init
        (project / made).unlink()
    catalog = project / "conf/base/catalog.yml"
    plain, *_ = (
        block for block in read_blocks("tutorials") if block.page == "tutorials/existing-project.md"
    )
    kept = catalog.read_text()
    for name in yaml.safe_load(plain.text):  # as it was before: plain local files
        kept = re.sub(rf"^{name}:\n(?:  .*\n)+", "", kept, flags=re.MULTILINE)
    catalog.write_text(f"{kept}\n{plain.text}")
    follower = Follower(project, local.programs, warm_image)
    follower.follow("tutorials/existing-project.md")
    assert follower.counts == {"found": 6, "executed": 4, "judged": 2}
    report(follower, capsys)
