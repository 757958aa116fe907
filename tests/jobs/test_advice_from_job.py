"""`plan --advise --from-job`: the times are those that the logs of a job in Azure ML tell."""

import pytest
import yaml
from azure_loopback.processes import Finished
from azure_loopback.sent_jobs import COMPILE, send
from followed_project import COMMAND, FollowedProject

LOG = """\
kedro-azureml step started 2026-11-29T05:{started:02}:00.000Z
Running node
kedro-azureml step ended 2026-11-29T05:{ended:02}:00.000Z
"""


class MeasuredJob:
    """A job of three steps in the workspace, each of which Azure ML made at a whole hour."""

    def __init__(self, project, name: str) -> None:
        self.project, self.name, self.azure = project, name, project.azure

    def complete(self, step: str, started: int, ended: int, left: int, log: str = LOG) -> None:
        """Let a step have run, in minutes of the hour in which its run was made."""
        run = self.azure.control.jobs.run_of(self.name, step)
        run.move("Completed")
        run.created = run.started = "2026-11-29T05:00:00.000000+00:00"
        run.ended = f"2026-11-29T05:{left:02}:00.000000+00:00"
        self.azure.put_log(self.name, step, log.format(started=started, ended=ended))

    def start(self, *args: str) -> Finished:
        given = ("plan", "--advise", "--from-job", self.name, *args)
        return self.project.start(COMMAND, *given).wait()

    def advise(self, *args: str, code: int = 0) -> str:
        finished = self.start(*args)
        assert finished.returncode == code, finished.output
        return finished.output


@pytest.fixture
def followed(shop, azure) -> MeasuredJob:
    farm = FollowedProject(shop, azure)
    farm.put("all-1")
    return MeasuredJob(farm.shop, "all-1")


def test_code_and_overhead_come_from_the_logs_and_the_runs(followed):
    followed.complete("clean", 3, 13, 14)  # four minutes besides
    followed.complete("fit", 5, 25, 26)  # six
    followed.complete("report__it", 6, 7, 9)  # eight
    told = followed.advise("--price", "cpu=6")
    assert "with the times of the job all-1\n" in told
    lines = [line.split() for line in told.splitlines()]
    assert ["time", "49", "min", "00", "s", "37", "min", "00", "s"] in lines
    assert ["cost", "4.90", "3.70"] in lines
    assert "Each step takes 360 s besides its code: the median of that job." in told
    assert "    clean_to_report.it:\n      - clean\n      - fit\n      - report.it\n" in told


def test_what_has_not_completed_or_was_reused_has_no_time_of_its_own(followed):
    followed.complete("clean", 3, 13, 14)
    followed.complete("fit", 5, 25, 26, log="no line\n")
    followed.azure.control.jobs.run_of("all-1", "report__it").reused = "earlier-run"
    told = followed.advise()
    assert "nodes without a time: fit, report.it." in told


def test_without_a_time_the_answer_is_one_message(followed):
    told = followed.advise(code=1)
    assert "The times of no step are known from the job all-1." in told


@pytest.mark.parametrize(("fault", "code"), [(403, 1), (404, 1), (500, 3), ("reset", 3)])
def test_logs_that_cannot_be_read_are_one_message(followed, fault, code):
    followed.complete("clean", 3, 13, 14)
    followed.azure.control.faults.add(fault, "datastores", times=1000)
    told = followed.advise(code=code)
    assert "Traceback" not in told
    assert "steps  " not in told  # no part of an answer


@pytest.mark.stress
@pytest.mark.parametrize("fault", [403, 404, 429, 500, "reset", "lost", "truncated"])
def test_a_fault_at_any_request_is_survived_or_one_message(followed, fault):
    followed.complete("clean", 3, 13, 14)
    faults, requests = followed.azure.control.faults, followed.azure.control.requests
    requests.clear()
    whole = followed.advise()
    for number in range(1, len(requests) + 1):
        faults.clear()
        faults.add(fault, number=number, retry_after="0")
        finished = followed.start()
        assert "Traceback" not in finished.output
        assert finished.returncode in {0, 1, 3}
        assert (finished.output == whole) == (finished.returncode == 0)


def test_the_steps_of_another_grouping_are_known_by_their_commands(farm):
    settings = farm.folder / "conf/base/azureml.yml"
    content = yaml.safe_load(settings.read_text("utf-8"))
    content["jobs"]["all"]["grouping"] = {"fit": ["clean", "fit"]}
    settings.write_text(yaml.safe_dump(content), "utf-8")
    done = farm.start(COMPILE).wait()
    assert done.returncode == 0, done.output
    assert send(farm).returncode == 0
    del content["jobs"]["all"]["grouping"]
    settings.write_text(yaml.safe_dump(content), "utf-8")
    job = MeasuredJob(farm, "job-1")
    job.complete("fit", 5, 25, 26)
    job.complete("report__it", 6, 7, 9)
    told = job.advise()
    assert "Evenly divided, since they were measured together: clean, fit." in told
    assert "nodes without a time" not in told
