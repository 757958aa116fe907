"""A file that an earlier command has left is cut in half: it costs time, or is named."""

import pytest
from fault_commands import AzureCommand, completed, failed, pulled
from faulty_requests import FaultyCommand
from writing_commands import simulated

pytestmark = [pytest.mark.stress, pytest.mark.faults]

READING = {
    pulled: {
        "run, twice": AzureCommand("run -j all", "https://ml.azure.com/runs/all-"),
        "compile, twice": AzureCommand("compile -j all", "Compiled the job 'all'"),
        "simulate, twice": AzureCommand("simulate -j all --python {python}", "3 completed"),
        "verify, twice": AzureCommand(
            "verify -j all --python {python}", "3 of 3 datasets are the same"
        ),
    },
    simulated: {
        "simulate --resume": AzureCommand(
            "simulate -j all --resume build/azureml-runs/all --accept-code-changes "
            "--python {python}",
            "completed in",
        ),
        "plan --advise --from-run": AzureCommand("plan -j all --advise --from-run", "time"),
    },
    failed: {
        "status": AzureCommand("status {job}", "Canceled"),
        "data get, twice": AzureCommand("data get {job} --yes", "clean: "),
        "replay, twice": AzureCommand(
            "replay {job} fit --yes --python {python}", "a bad row", code=1
        ),
        "resume": AzureCommand("resume {job}", "https://ml.azure.com/runs/all-"),
    },
    completed: {
        "verify --against, twice": AzureCommand(
            "verify --against {job} --yes --python {python}", "3 of 3 datasets are the same"
        ),
    },
}
"""Commands that read what an earlier one has left: itself, if it is run twice."""

EACH = [(start, name) for start, commands in READING.items() for name in commands]

DOCUMENTS = {".html", ".json", ".yml"}
COPIES = {"code", "sent", "project", "mounts", "mlruns", "artifacts", "assets"}
"""Folders with files of the project, or with data."""


@pytest.mark.promise("a file that a command keeps for later, cut in half, costs time or is named")
@pytest.mark.parametrize(("start", "name"), EACH, ids=[name for _, name in EACH])
def test_a_kept_file_that_is_cut_in_half_costs_time_or_is_named(
    farm, bench, start, name, record_property
):
    job = start(farm)
    command = READING[start][name]
    if name.endswith("twice"):
        first = FaultyCommand(farm, command, job, bench.user.path).run()
        assert first.code == command.code, first.output
    faulty = FaultyCommand(farm, command, job, bench.user.path)
    kept = [
        file.relative_to(farm.folder)
        for above in ("build", "data")
        for file in sorted((farm.folder / above).rglob("*"))
        if file.suffix in DOCUMENTS and not COPIES & set(file.relative_to(farm.folder).parts)
    ]
    assert kept
    for path in kept:
        faulty.start_over()
        file = farm.folder / path
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
        done = faulty.run()
        faulty.assert_is_whole_or_one_message(done)
    record_property("cases", len(kept))
