"""A job of 2,000 steps is submitted, followed and downloaded: requests, memory and time."""

import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
import yaml
from followed_project import COMMAND
from stress import FACTOR

pytestmark = pytest.mark.stress

STEPS = max(20, round(2000 * min(1.0, FACTOR)))

# Not at exit: a process of these tests ends without it.
MEASURED = (
    "import signal; signal.alarm(0)\n"  # no test of minutes has the time limit of the others
    + COMMAND.replace("\nproject_commands(", "\ntry:\n    project_commands(")
    + """
finally:
    lines = open("/proc/self/status").read().splitlines()
    peak = next(line for line in lines if line.startswith("VmHWM")).split()[1]
    print("PEAK", int(peak) // 1024)
"""
)


@pytest.fixture
def wide(shop, azure):
    """A project with a job of 2,000 steps, each with an output that can be downloaded."""
    azure.add_environment("env", "3")
    settings = yaml.safe_load(azure.settings) | {
        "compute": {"__default__": {"cluster_name": "cpu"}},
        "execution": {"environment": "env@latest"},
        "jobs": {"all": {}},
    }
    shop.write("conf/base/azureml.yml", yaml.safe_dump(settings))
    shop.write("conf/base/parameters.yml", "seed: 1\n")
    entry = {
        "type": "kedro_azureml_datasets.AzureMLPipelineDataset",
        "root_dir": "data",
        "dataset": {"type": "text.TextDataset", "filepath": "{n}.txt"},
    }
    shop.write("conf/base/catalog.yml", yaml.safe_dump({"d_{n}": entry}))
    shop.pipeline(
        f"[node(lambda seed: 'x', 'params:seed', f'd_{{n}}', name=f's{{n}}') "
        f"for n in range({STEPS})]"
    )
    shop.environ = {**azure.environ, "KEDRO_DISABLE_TELEMETRY": "1", "COLUMNS": "200"}
    return shop


def call(project, *arguments):
    """Run a command; return what it printed, its requests to Resource Manager, and its peak MB."""
    requests = project.azure.control.requests
    requests.clear()
    done = project.start(MEASURED, *arguments).wait()
    assert done.returncode == 0, done.output[-3000:]
    output, _, peak = done.output.rpartition("PEAK ")
    return output, len(requests), int(peak)


def test_two_thousand_steps_are_submitted_followed_and_downloaded(wide, azure):
    output, asked, peak = call(wide, "run", "-j", "all", "--format", "json")
    name = json.loads(output[output.index("{") :])["jobs"][0]["name"]
    assert asked < 2 * STEPS + 50  # a component for each step, and little else
    assert peak < 800
    jobs = azure.control.jobs
    for run in jobs.steps(name):
        run.move("Completed")
    jobs.play(name, job="Completed")

    output, asked, peak = call(wide, "status", name)
    assert len(re.findall(r"^s\d+ +Completed", output, re.MULTILINE)) == STEPS
    assert asked < 50
    assert peak < 500

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: azure.put_output(name, f"s{n}", f"d_{n}", files(n)), range(STEPS)))
    output, asked, peak = call(wide, "download", name)
    assert asked < 50  # the datastore's secrets are asked for once, not for each output
    assert peak < 500
    assert len(list((wide.folder / "data").glob("*.txt"))) == STEPS
    assert wide.read(f"data/{STEPS - 1}.txt") == f"of {STEPS - 1}"


def files(number):
    return {f"{number}.txt": f"of {number}".encode()}
