"""Makes jobs with the real Azure SDK, as its users do, and simulates them: one JSON line each."""

import json
import sys
import warnings
from pathlib import Path

warnings.simplefilter("ignore")

from azure.ai.ml import Input, Output, command, dsl, load_job  # noqa: E402
from azure.ai.ml.parallel import RunFunction, parallel_run_function  # noqa: E402
from azure.ai.ml.sweep import Choice  # noqa: E402
from kedro_azureml_simulator import simulate  # noqa: E402

Path("code").mkdir()
Path("data").mkdir()
Path("data/a.txt").write_text("3")
Path("data/b.txt").write_text("4")
Path("code/double.py").write_text(
    "import pathlib\n"
    "def run(batch):\n"
    "    return [2 * int(pathlib.Path(f).read_text()) for f in batch]\n"
)
Path("code/trial.py").write_text(
    "import os, sys, pathlib\n"
    "run = pathlib.Path(os.environ['MLFLOW_TRACKING_URI'], os.environ['MLFLOW_EXPERIMENT_ID'],"
    " os.environ['MLFLOW_RUN_ID'])\n"
    "(run / 'metrics').mkdir(exist_ok=True)\n"
    "(run / 'metrics' / 'score').write_text(f'0 {sys.argv[1]} 0\\n')\n"
    "pathlib.Path(sys.argv[2], 'best.txt').write_text(sys.argv[1])\n"
)

add = command(
    name="add",
    command="cat ${{inputs.data}}/* | wc -c > ${{outputs.out}}/n.txt;"
    " echo ${{inputs.rate}} $MARK >> ${{outputs.out}}/n.txt",
    code="./code",
    environment="base@latest",
    inputs={"data": Input(type="uri_folder"), "rate": Input(type="number", default=0.5)},
    outputs={"out": Output(type="uri_folder")},
    environment_variables={"MARK": "m"},
)


@dsl.pipeline(description="inside")
def inner(data: Input, rate, times: int = 3):
    once = add(data=data, rate=rate)
    return {"res": once.outputs.out}


@dsl.pipeline(default_compute="cpu")
def nested(data: Input, rate: float = 0.1):
    inside = inner(data=data, rate=rate)
    after = add(data=inside.outputs.res, rate=0.25)
    return {"final": after.outputs.out}


@dsl.pipeline(default_compute="cpu")
def flat(data: Input, rate: float = 0.1):
    once = add(data=data, rate=rate)
    return {"final": once.outputs.out}


@dsl.pipeline(default_compute="cpu")
def swept(data: Input):
    trial = command(
        name="trial",
        command="python trial.py ${{inputs.value}} ${{outputs.out}}",
        code="./code",
        environment="base@latest",
        inputs={"value": Input(type="number")},
        outputs={"out": Output(type="uri_folder")},
    )
    search = trial(value=Choice([1, 5, 2])).sweep(
        primary_metric="score", goal="maximize", sampling_algorithm="grid", compute="cpu"
    )
    search.set_limits(max_total_trials=5)
    return {"final": search.outputs.out}


@dsl.pipeline(default_compute="cpu")
def doubled(data: Input):
    double = parallel_run_function(
        name="double",
        inputs={"files": Input(type="uri_folder")},
        outputs={"rows": Output(type="uri_folder")},
        input_data="${{inputs.files}}",
        instance_count=1,
        mini_batch_size="1",
        task=RunFunction(
            code="./code", entry_script="double.py", environment="base@latest",
            append_row_to="${{outputs.rows}}",
        ),
    )  # fmt: skip
    step = double(files=data)
    return {"final": step.outputs.rows}


Path("loaded").mkdir()
Path("loaded/p.yml").write_text("""
type: pipeline
settings: {default_compute: azureml:cpu}
inputs: {d: {type: uri_folder, path: ../data}}
outputs: {final: {type: uri_folder}}
jobs:
  a:
    type: command
    command: ls ${{inputs.d}} > ${{outputs.o}}/n.txt
    code: ../code
    environment: azureml:e:1
    inputs: {d: "${{parent.inputs.d}}"}
    outputs: {o: "${{parent.outputs.final}}"}
""")

data = Input(type="uri_folder", path="./data")
jobs = {
    "flat": flat(data=data),
    "nested": nested(data=data),
    "swept": swept(data=data),
    "doubled": doubled(data=data),
    "command": add(data=data),
    "loaded": load_job("loaded/p.yml"),
}
for name, job in jobs.items():
    from_dump = None
    if name != "loaded":
        job.dump(f"{name}.yml")
        from_dump = simulate(f"{name}.yml", run_dir=f"run-{name}-file", python=sys.executable)
    result = simulate(job, run_dir=f"run-{name}", python=sys.executable)
    [(_, place)] = result.outputs.items()
    found = {file.name: file.read_text().split() for file in sorted(place.iterdir())}
    record = {
        "name": name,
        "status": result.status,
        "from_dump": from_dump and from_dump.status,
        "found": found,
        "messages": [step.message for step in result.steps],
        "notes": [str(note) for note in result.warnings],
    }
    print("SIMULATED", json.dumps(record), flush=True)
