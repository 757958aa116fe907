"""Schedules of jobs are created with the real SDK in an Azure ML on this machine."""

import json

import pytest
import yaml
from followed_project import COMMAND
from stress import spread_faults

COMMANDS = """
import json
import sys

from kedro.framework.startup import bootstrap_project
from kedro_azureml_cli.commands import project_commands

metadata = bootstrap_project(sys.argv[1])
for arguments in json.loads(sys.argv[2]):
    project_commands(["azureml", "schedule", *arguments], obj=metadata, standalone_mode=False)
"""
"""Several commands in one process, which takes less time."""


class ScheduledFarm:
    """The project `farm` and the command that schedules its job."""

    def __init__(self, project, azure):
        self.project, self.azure, self.folder = project, azure, project.folder
        project.environ = {**azure.environ, "KEDRO_DISABLE_TELEMETRY": "1"}
        self.settings = yaml.safe_load(project.read("conf/base/azureml.yml"))

    def schedule(self, given, **named):
        """Write the schedules of the job `all`, and the named ones."""
        self.settings["jobs"]["all"].pop("schedule", None)
        if given is not None:
            self.settings["jobs"]["all"]["schedule"] = given
        self.settings["schedules"] = named
        self.write()

    def write(self):
        self.project.write("conf/base/azureml.yml", yaml.safe_dump(self.settings))

    def attempt(self, *arguments):
        return self.project.start(COMMAND, "schedule", *arguments).wait()

    def run(self, *arguments, code=0):
        finished = self.attempt(*arguments)
        assert finished.returncode == code, finished.output
        return finished.output

    def run_all(self, *commands):
        """Run several commands, each as the words of a line, and give what they printed."""
        lines = json.dumps([line.split() for line in commands])
        finished = self.project.start(COMMANDS, lines).wait()
        assert finished.returncode == 0, finished.output
        return finished.output

    def there(self):
        """Name of each schedule in the workspace to its properties."""
        return {
            resource["name"]: resource["properties"]
            for path, resource in self.azure.control.resources.items()
            if "/schedules/" in path
        }

    def only(self):
        ((name, properties),) = self.there().items()
        return name, properties


def cron(expression, **more):
    return {"cron": {"expression": expression, **more}}


NIGHTLY = cron("0 3 * * *")


@pytest.fixture
def planned(farm, azure):
    return ScheduledFarm(farm, azure)


def test_a_schedule_is_the_trigger_and_the_job_that_run_sends(planned, azure):
    planned.schedule(
        cron(
            "0 3 * * *",
            time_zone="W. Europe Standard Time",
            start_time="2026-12-01T00:00:00",
            end_time="2027-12-01T00:00:00",
        )
    )
    told = planned.run("-j", "all")
    name, properties = planned.only()
    assert f"Created the schedule {name} of the job 'all' (jobs.all.schedule)." in told
    assert name.startswith("shop-all-")
    assert properties["trigger"] == {
        "triggerType": "Cron",
        "expression": "0 3 * * *",
        "timeZone": "W. Europe Standard Time",
        "startTime": "2026-12-01T00:00:00",
        "endTime": "2027-12-01T00:00:00",
    }
    assert properties["tags"] == {
        "kedro_project": "shop",
        "kedro_job": "all",
        "kedro_schedule": "jobs.all.schedule",
    }
    finished = planned.project.start(COMMAND, "run", "-j", "all").wait()
    assert finished.returncode == 0, finished.output
    (sent,) = (body["properties"] for body in azure.control.jobs.bodies.values())
    scheduled = properties["action"]["jobDefinition"]
    for key in ("displayName", "experimentName", "inputs", "jobs", "settings", "tags"):
        assert scheduled[key] == sent[key], key


def test_a_schedule_that_is_run_again_is_updated_and_not_there_twice(planned):
    planned.schedule(NIGHTLY)
    planned.run("-j", "all")
    name, _ = planned.only()
    planned.schedule([cron("0 4 * * *")])  # a list of one is the same schedule
    assert f"Updated the schedule {name} of" in planned.run("-j", "all")
    again, properties = planned.only()
    assert again == name
    assert properties["trigger"]["expression"] == "0 4 * * *"


def test_named_and_inline_schedules_and_recurrences_stand_beside_each_other(planned):
    recurrence = {
        "frequency": "Week",
        "interval": 2,
        "time_zone": "UTC",
        "schedule": {"hours": [3, 4], "minutes": [30], "week_days": ["Monday"]},
    }
    planned.schedule(
        [
            "nightly",
            {"recurrence": recurrence},
            {"recurrence": {"frequency": "day", "interval": 1}},
        ],
        nightly=NIGHTLY,
        unused=NIGHTLY,
    )
    told = planned.run("-j", "all")
    assert told.count("Created the schedule") == 3
    assert told.count("Every run uses what exists now:") == 1
    by_place = {p["tags"]["kedro_schedule"]: p["trigger"] for p in planned.there().values()}
    assert set(by_place) == {"schedules.nightly", "jobs.all.schedule[1]", "jobs.all.schedule[2]"}
    weekly = by_place["jobs.all.schedule[1]"]
    assert (weekly["frequency"].lower(), weekly["interval"]) == ("week", 2)
    assert weekly["schedule"] == {"hours": [3, 4], "minutes": [30], "weekDays": ["monday"]}
    assert by_place["jobs.all.schedule[2]"]["frequency"].lower() == "day"
    listed = planned.run("--list").splitlines()
    assert len(listed) == 4
    assert "every 2 weeks, at 03:30, 04:30, on monday, UTC" in "\n".join(listed)


def test_it_says_what_is_frozen(planned, azure):
    project = planned.project
    project.pipeline("[node(lambda p, r: p + r, ['penguins', 'hints'], 'z', name='read')]")
    catalog = yaml.safe_load(project.read("conf/base/catalog.yml"))
    catalog["hints"] = {**catalog["report"], "dataset": {**catalog["report"]["dataset"]}}
    catalog["hints"]["dataset"]["filepath"] = "hints.txt"
    project.write("conf/base/catalog.yml", yaml.safe_dump(catalog))
    project.write("data/hints.txt", "here")
    planned.settings["jobs"]["all"].pop("inputs")
    planned.schedule(NIGHTLY)
    told = planned.run("-j", "all")
    assert "penguins: version 7, the latest one, of the data asset 'penguins'\n" in told
    assert "hints: 'data/hints.txt', uploaded\n" in told
    assert "the environment 'env@latest': version 3\n" in told
    assert "    the code: " in told

    azure.register("penguins", "8", {"p.txt": b"two"})
    output = planned.run("-j", "all", "--format", "json")
    (job,) = json.loads(output[output.index('{\n  "jobs"') :])["jobs"]
    (schedule,) = job["schedules"]
    assert (schedule["done"], schedule["enabled"]) == ("updated", True)
    frozen = {(one["what"], one.get("dataset")): one for one in schedule["frozen"]}
    asset = frozen["version", "penguins"]
    assert (asset["version"], asset["pinned"]) == ("8", False)
    uri = frozen["upload", "hints"]["uri"]
    path = uri.partition("/paths/")[2].rstrip("/")
    assert azure.container().download_blob(f"{path}/hints.txt").readall() == b"here"
    assert frozen["environment", None]["version"] == "3"
    assert frozen["code", None]["files"] > 3


def test_a_disabled_schedule_stays_disabled_when_it_is_updated(planned):
    planned.schedule(NIGHTLY)
    told = planned.run_all("-j all", "-j all --disable")
    name, properties = planned.only()
    assert f"Disabled the schedule {name} of the job 'all' (jobs.all.schedule).\n" in told
    assert properties["isEnabled"] is False
    assert properties["action"]["jobDefinition"]["jobs"]  # as it was
    told = planned.run_all("-j all --disable", "-j all", "--list -j all")
    assert f"The schedule {name} of the job 'all' (jobs.all.schedule) is already disabled." in told
    assert "enable it with:  kedro azureml schedule -j all --enable" in told
    assert " disabled " in told
    assert planned.only()[1]["isEnabled"] is False
    planned.run("-j", "all", "--enable")
    assert planned.only()[1]["isEnabled"] is True


def test_schedules_that_left_the_settings_are_reported_and_pruned_when_asked(planned):
    planned.schedule(["nightly", "noon"], nightly=NIGHTLY, noon=cron("0 12 * * *"))
    planned.run("-j", "all")
    planned.schedule(["nightly"], nightly=NIGHTLY)
    told = planned.run("-j", "all")
    assert "(schedules.noon) is no longer in azureml.yml, but still runs the job" in told
    assert len(planned.there()) == 2
    assert "Deleted the schedule shop-all-noon-" in planned.run("-j", "all", "--prune")
    assert planned.only()[0].startswith("shop-all-nightly-")


def test_deleting_leaves_those_of_other_jobs_and_projects(planned, azure):
    planned.schedule(NIGHTLY)
    planned.settings["jobs"]["other"] = dict(planned.settings["jobs"]["all"])
    planned.write()
    told = planned.run_all("-j all -j other", "-j all --delete --dry-run")
    assert told.count("Would delete") == 1
    mine, other = sorted(planned.there())
    body = planned.there()[mine]
    stranger = {**body, "tags": {**body["tags"], "kedro_project": "stall"}}
    azure.control.put(azure.path("schedules", "stall-all-1"), {"properties": stranger})
    assert planned.run_all("-j all --delete", "--list").count("shop-all-") == 1
    assert set(planned.there()) == {other, "stall-all-1"}
    told = planned.run("-j", "all", "--delete", code=1)
    assert "The workspace 'loopback-workspace' has no schedule of the job 'all'" in told


def test_whoever_may_delete_and_not_look_on_is_told_what_became_of_the_schedule(planned, azure):
    planned.schedule(NIGHTLY)
    planned.run("-j", "all")
    azure.control.faults.add(403, "^DELETE ")
    assert "Deleting the schedule 'shop-all-" in planned.run("-j", "all", "--delete", code=1)
    assert len(planned.there()) == 1
    azure.control.faults.clear()
    azure.control.faults.add(403, "/operations/")  # it was disabled by the first command
    assert "Deleted the schedule shop-all-" in planned.run("-j", "all", "--delete")
    assert planned.there() == {}


def test_what_azure_would_refuse_stops_before_anything_is_asked(planned, azure):
    planned.schedule(cron("0 3 * *"))
    compiled = planned.project.start(COMMAND, "compile", "-j", "all").wait()
    assert compiled.returncode == 0, compiled.output
    azure.control.requests.clear()
    told = planned.run("-j", "all", code=1)
    assert "schedule-refused: jobs.all.schedule.cron.expression" in told
    assert azure.control.requests == []


def test_a_job_without_a_schedule_is_refused(planned, azure):
    planned.schedule(None)
    told = planned.run("-j", "all", code=1)
    assert "The job 'all' has no schedule in azureml.yml." in told
    assert azure.control.requests == []


def test_a_dry_run_asks_nothing_and_shows_the_schedules(planned, azure):
    planned.schedule([NIGHTLY, "noon"], noon=cron("0 12 * * *"))
    told = planned.run("-j", "all", "--dry-run")
    assert "would be scheduled in the workspace 'loopback-workspace'" in told
    assert "(schedules.noon): cron 0 12 * * *, UTC\n" in told
    assert "penguins: the latest version of the data asset 'penguins'\n" in told
    output = planned.run("-j", "all", "--dry-run", "--format", "json")
    (job,) = json.loads(output[output.index('{\n  "jobs"') :])["jobs"]
    assert [one["schedule"]["cron"]["expression"] for one in job["schedules"]] == [
        "0 3 * * *",
        "0 12 * * *",
    ]
    assert azure.control.requests == []


def test_options_change_the_job_that_is_scheduled(planned):
    planned.schedule(NIGHTLY)
    (planned.folder / "conf/prod").mkdir()
    planned.run_all("-j all --input rate=0.7 --tag who=me --env-var A=b", "-j all --env prod")
    by_env = {p["tags"].get("kedro_env"): p for p in planned.there().values()}
    assert set(by_env) == {None, "prod"}
    job = by_env[None]["action"]["jobDefinition"]
    assert job["inputs"]["rate"]["value"] == "0.7"
    assert job["tags"]["who"] == "me"
    assert all(step["environment_variables"] == {"A": "b"} for step in job["jobs"].values())
    assert "--env prod" not in planned.run("-j", "all", "--delete")
    told = planned.run("-j", "all", "--delete", code=1)
    assert "The job has schedules with --env prod." in told
    planned.run("-j", "all", "--env", "prod", "--delete")
    assert planned.there() == {}


@pytest.mark.parametrize("kind", spread_faults([503, "reset", "lost", "truncated"]))
def test_a_schedule_whose_answer_fails_once_is_there_once(planned, azure, kind):
    planned.schedule(NIGHTLY)
    azure.control.faults.add(kind, "PUT .*/schedules/")
    planned.run("-j", "all")
    assert len(planned.there()) == 1


def test_a_refusal_names_the_schedule_and_leaves_the_rest(planned, azure):
    planned.schedule(NIGHTLY)
    azure.control.refusals["/schedules/shop-all-"] = (400, "The time zone is unknown.")
    told = planned.run("-j", "all", code=1)
    assert "The job 'all' was not scheduled. Creating the schedule 'shop-all-" in told
    assert "The time zone is unknown." in told
    assert planned.there() == {}
