"""What a plan becomes in Azure ML: ports and their bindings, commands, addresses, settings."""

from dataclasses import replace

import pytest
from kedro_azureml_compiler.azureml.lowering import (
    DEFAULT_OUTPUT_PATH,
    collect_data_inputs,
    lower,
    make_output_path,
)
from kedro_azureml_compiler.azureml.pipeline_job import DataInput, Port, StepInput, StepOutput
from kedro_azureml_compiler.planning.facts import AssetFacts
from kedro_azureml_compiler.planning.plan import (
    Flow,
    Plan,
    PlannedDataset,
    PlannedStep,
    PromotedParameter,
)
from kedro_azureml_compiler.settings.parsing import read_config
from kedro_azureml_compiler.settings.steps import OutputPlace, StepSettings

CONTENT = {
    "workspace": {"__default__": {"subscription_id": "s", "resource_group": "r", "name": "w"}},
    "compute": {
        "__default__": {"cluster_name": "cpu", "instance_type": "small"},
        "gpu": {"cluster_name": "gpu-cluster", "instance_type": "large"},
    },
    "execution": {"environment": "env@latest"},
    "jobs": {"training": {}},
}


def asset(name: str, version: str | None = None, *, is_file: bool = False) -> AssetFacts:
    return AssetFacts(name, version, is_file=is_file, root_dir="data", file="x")


DATASETS = (
    PlannedDataset("raw", Flow.VERSION, "", asset=asset("raw_asset", "3", is_file=True)),
    PlannedDataset("rates", Flow.VERSION, "", asset=asset("rates_asset")),
    PlannedDataset("Local", Flow.UPLOAD, "", source="data/x", source_root="data"),
    PlannedDataset("kept", Flow.STORED, "", address="azureml://kept"),
    PlannedDataset("model", Flow.STEP_OUTPUT, "", "train.fit", asset=asset("model_asset")),
    PlannedDataset("x", Flow.STEP_OUTPUT, "", "split"),
)
UPLOAD = PlannedDataset("é", Flow.UPLOAD, "", source="data/e", source_root="data")
STEPS = (
    PlannedStep("split", ("split",), reads=("raw", "Local"), writes=("x",)),
    PlannedStep("train.fit", ("fit", "score"), ("a", "b"), ("x", "rates"), ("model",)),
)
PLAN = Plan("training", ("__default__",), STEPS, DATASETS)


def lowered(plan: Plan = PLAN, steps: dict | None = None, job: dict | None = None, **sections):
    config = read_config({**CONTENT, **sections, "jobs": {"training": job or {}}})
    chosen = {name: StepSettings.model_validate(each) for name, each in (steps or {}).items()}
    return lower(plan, config, config.jobs["training"], chosen)


def with_step(name: str, **changes: object) -> Plan:
    steps = tuple(s._replace(**changes) if s.name == name else s for s in STEPS)
    return replace(PLAN, steps=steps)


def test_data_becomes_an_input_of_the_job_unless_a_step_makes_it():
    assert collect_data_inputs(PLAN) == {
        "raw": DataInput("uri_file", "azureml:raw_asset:3"),
        "rates": DataInput("uri_folder", "azureml:rates_asset@latest"),
        "local_8c31e6e722": DataInput("uri_folder", "./inputs/local_8c31e6e722"),
        "kept": DataInput("uri_folder", "azureml://kept"),
    }
    assert lowered().inputs == collect_data_inputs(PLAN)


def test_a_version_or_an_address_counts_for_its_own_flow_alone():
    upload = PlannedDataset("a", Flow.UPLOAD, "", asset=asset("b", "1"), address="azureml://c")
    plan = replace(PLAN, datasets=(upload,))
    assert collect_data_inputs(plan) == {"a": DataInput("uri_folder", "./inputs/a")}


def test_each_step_is_bound_to_inputs_of_the_job_and_outputs_of_steps():
    split, fit = lowered().jobs.values()
    assert [*lowered().jobs] == ["split", "train__fit"]
    assert split.inputs == {
        "raw": "${{parent.inputs.raw}}",
        "local_8c31e6e722": "${{parent.inputs.local_8c31e6e722}}",
    }
    assert fit.inputs == {
        "x": "${{parent.jobs.split.outputs.x}}",
        "rates": "${{parent.inputs.rates}}",
    }
    assert split.outputs == {"x": StepOutput("uri_folder", path=DEFAULT_OUTPUT_PATH)}
    assert fit.outputs == {
        "model": StepOutput("uri_folder", "model_asset", None, DEFAULT_OUTPUT_PATH)
    }


def test_a_port_says_which_dataset_it_is_where_its_name_does_not():
    split, fit = lowered().jobs.values()
    assert split.component.inputs == {
        "raw": Port("uri_file"),
        "local_8c31e6e722": Port("uri_folder", "The dataset Local."),
    }
    assert fit.component.outputs == {"model": Port("uri_folder")}
    plan = replace(with_step("split", reads=("é",)), datasets=(*DATASETS, UPLOAD))
    (port,) = lowered(plan).jobs["split"].component.inputs.values()
    assert port == Port("uri_folder", "The dataset é.")


def test_the_command_names_datasets_and_their_ports():
    split, fit = (step.component for step in lowered().jobs.values())
    assert split.command == (
        "python .kedro-azureml --protocol 1 --pipeline __default__ --node split \\\n"
        '  --input Local "${{inputs.local_8c31e6e722}}" \\\n'
        '  --input raw "${{inputs.raw}}" \\\n'
        '  --output x "${{outputs.x}}"'
    )
    assert "--node fit --node score" in fit.command
    assert (fit.code, fit.environment) == ("./code", "azureml:env@latest")


def test_in_an_image_the_installed_runner_starts_in_the_working_directory():
    execution = {"environment": "e:1", "code_directory": None, "working_directory": "/home/kedro"}
    component = lowered(replace(PLAN, package="shop"), execution=execution).jobs["split"].component
    assert component.command.startswith("cd /home/kedro && python -m kedro_azureml_runner ")
    assert "--package shop" in component.command
    assert component.code is None
    assert "--package" not in lowered(replace(PLAN, package="shop")).jobs["split"].component.command


def test_a_step_that_another_waits_for_leaves_an_output_without_data():
    split, fit = lowered(with_step("train.fit", waits_for=("split",))).jobs.values()
    finished = Port("uri_folder", "For steps that wait; holds no data.")
    assert split.component.outputs["_finished"] == finished
    assert split.outputs["_finished"] == StepOutput("uri_folder", path=DEFAULT_OUTPUT_PATH)
    assert '--order-output "${{outputs._finished}}"' in split.component.command
    assert fit.inputs["_after_split"] == "${{parent.jobs.split.outputs._finished}}"
    waits = Port("uri_folder", "Waits for the step split; holds no data.")
    assert fit.component.inputs["_after_split"] == waits
    assert "_finished" not in {**fit.outputs, **fit.component.outputs}
    assert "--order-output" not in fit.component.command


@pytest.mark.parametrize(
    ("length", "is_long"),
    [(3991, False), (3992, True)],  # 4000 and 4001 characters of JSON
)
def test_long_parameters_travel_as_an_input(length: int, is_long: bool):
    job = lowered(replace(PLAN, params={"a": "x" * length}))
    step = job.jobs["split"]
    assert ("--params-file" in step.component.command) is is_long
    assert ("--params " in step.component.command) is not is_long
    assert ("_params" in job.inputs) is is_long
    if is_long:
        assert job.inputs["_params"] == DataInput("uri_file", "./inputs/params.json")
        assert step.inputs["_params"] == "${{parent.inputs._params}}"
        port = Port("uri_file", "Runtime parameters of the job.")
        assert step.component.inputs["_params"] == port
        assert '--params-file "${{inputs._params}}"' in step.component.command


@pytest.mark.parametrize(
    ("kind", "azure"),
    [("int", "integer"), ("float", "number"), ("bool", "boolean"), ("str", "string")],
)
def test_a_promoted_parameter_is_an_input_of_the_job_and_of_each_step(kind: str, azure: str):
    promoted = (PromotedParameter("rate", "model.rate", kind, 3),)
    job = lowered(replace(PLAN, promoted=promoted))
    assert job.inputs["rate"] == 3
    for step in job.jobs.values():
        assert step.inputs["_param_rate"] == "${{parent.inputs.rate}}"
        port = Port(azure, "The parameter model.rate.")
        assert step.component.inputs["_param_rate"] == port
        assert f"--promoted model.rate {kind}" in step.component.command
        assert "\n${{inputs._param_rate}}\n" in step.component.command


def test_an_input_has_a_mode_where_the_settings_name_one():
    split = lowered(steps={"split": {"input_mode": "download"}}).jobs["split"]
    assert split.inputs["raw"] == StepInput("uri_file", "${{parent.inputs.raw}}", "download")


def test_settings_of_a_step_win_over_those_of_the_job():
    settings = {
        "compute": "gpu",
        "environment": "other:2",
        "timeout": 60,
        "instance_count": 2,
        "shm_size": "2g",
        "docker_args": "--x",
        "environment_variables": {"A": "b"},
        "distribution": {"type": "pytorch", "process_count_per_instance": 2},
        "identity": {"type": "managed"},
    }
    job = {"limits": {"timeout": 90}}
    split, fit = lowered(steps={"train.fit": settings}, job=job).jobs.values()
    assert (split.compute, split.timeout_s) == (None, 90)
    assert (split.distribution, split.identity, split.environment_variables) == ({}, {}, {})
    assert split.resources == (type(split.resources))(instance_type="small")
    assert (fit.compute, fit.timeout_s) == ("azureml:gpu-cluster", 60)
    assert fit.component.environment == "azureml:other:2"
    assert fit.resources == type(fit.resources)(2, "large", "2g", "--x")
    assert fit.distribution == {"type": "pytorch", "process_count_per_instance": 2}
    assert (fit.identity, fit.environment_variables) == ({"type": "managed"}, {"A": "b"})
    own = lowered(steps={"split": {"instance_type": "tiny"}}).jobs["split"]
    assert (own.resources.instance_type, own.timeout_s) == ("tiny", None)


def test_the_computes_own_name_is_no_compute_of_the_step():
    assert lowered(steps={"split": {"compute": "__default__"}}).jobs["split"].compute is None
    job = lowered(job={"compute": "gpu"}, steps={"split": {"compute": "__default__"}})
    assert job.default_compute == "azureml:gpu-cluster"
    assert job.jobs["split"].compute == "azureml:cpu"


@pytest.mark.parametrize(
    ("place", "path"),
    [
        ({}, DEFAULT_OUTPUT_PATH),
        ({"mode": "upload"}, DEFAULT_OUTPUT_PATH),
        ({"datastore": "d"}, "azureml://datastores/d/paths/azureml/${{name}}/${{output_name}}"),
        ({"path": "/a/b/"}, "azureml://datastores/${{default_datastore}}/paths/a/b"),
        ({"datastore": "d", "path": "a"}, "azureml://datastores/d/paths/a"),
        ({"path": "azureml://x/y"}, "azureml://x/y"),
    ],
)
def test_an_output_lies_where_the_settings_say(place: dict, path: str):
    assert make_output_path(OutputPlace.model_validate(place)) == path
    split = lowered(steps={"split": {"output": place}}).jobs["split"]
    assert split.outputs["x"] == StepOutput("uri_folder", None, place.get("mode"), path)


def test_without_a_place_an_output_lies_where_azure_ml_puts_it():
    assert make_output_path(None) == DEFAULT_OUTPUT_PATH


def test_a_description_is_in_kedros_terms():
    split, fit = (step.component.description for step in lowered().jobs.values())
    assert split == "Runs the Kedro node split. Reads raw, Local. Writes x."
    assert fit == "Runs the Kedro nodes fit, score. Reads x, rates. Writes model."
    alone = lowered(with_step("split", reads=(), writes=())).jobs["split"].component
    assert alone.description == "Runs the Kedro node split."


def test_long_texts_are_cut_and_hold_nothing_to_replace():
    plan = with_step("train.fit", nodes=("${{x}}", "n" * 6000), tags=("t" * 252, "abc"))
    step = lowered(plan).jobs["train__fit"]
    assert len(step.component.description) == 5000
    assert step.component.description.startswith("Runs the Kedro nodes $ {{x}}, nnn")
    assert step.component.description.endswith("n…")
    assert len(step.tags["kedro_nodes"]) == 256
    assert step.tags["kedro_tags"] == "t" * 252 + ", a…"
    exactly = lowered(with_step("train.fit", tags=("t" * 256,))).jobs["train__fit"]
    assert exactly.tags["kedro_tags"] == "t" * 256


def test_tags_name_what_is_not_said_elsewhere():
    split, fit = lowered().jobs.values()
    assert split.tags == {}
    assert fit.tags == {"kedro_nodes": "fit, score", "kedro_tags": "a, b"}
    grouped = lowered(with_step("split", nodes=("z", "split"))).jobs["split"]
    assert grouped.tags == {"kedro_nodes": "z, split"}
    assert lowered().tags == {"kedro_job": "training", "kedro_pipelines": "__default__"}
    plan = replace(PLAN, package="shop", env="prod", filters={"--tags": ("a", "b")})
    assert lowered(plan).tags == {
        "kedro_job": "training",
        "kedro_pipelines": "__default__",
        "kedro_project": "shop",
        "kedro_env": "prod",
        "kedro_filters": "--tags a,b",
    }


def test_the_job_has_its_name_in_azureml_yml_unless_it_has_another():
    assert lowered().display_name == "training"
    job = lowered(job={"display_name": "d", "experiment_name": "e", "description": "f"})
    assert (job.display_name, job.experiment_name, job.description) == ("d", "e", "f")
    assert job.default_compute == "azureml:cpu"


@pytest.mark.parametrize(("secrets", "expected"), [(("s",), True), ((), False)])
def test_a_step_with_secrets_gets_the_key_vault(secrets: tuple[str, ...], expected: bool):
    workspace = {"__default__": {**CONTENT["workspace"]["__default__"], "key_vault": "vault"}}
    step = lowered(with_step("split", secrets=secrets), workspace=workspace).jobs["split"]
    assert ("--key-vault vault" in step.component.command) is expected


def test_a_step_may_be_reused_where_the_plan_says_so():
    steps = lowered(with_step("split", deterministic=True)).jobs
    assert steps["split"].component.is_deterministic
    assert not steps["train__fit"].component.is_deterministic


NOTIFIED = {"notifications": {"n": {"webhook_env": "HOOK", "events": ["success", "failure"]}}}


def test_a_step_that_the_announcing_one_waits_for_leaves_an_output_too():
    job = lowered(job={"notifications": "n"}, **NOTIFIED)
    split, fit = job.jobs["split"], job.jobs["train__fit"]
    assert "_finished" in fit.outputs
    assert "_finished" not in split.outputs
    assert "KEDRO_AZUREML_NOTIFICATIONS" in split.environment_variables
    assert len(job.jobs) == 3


@pytest.mark.parametrize(
    ("execution", "code", "start"),
    [
        ({"environment": "e:1"}, "./code", "python .kedro-azureml "),
        (
            {"environment": "e:1", "code_directory": None, "working_directory": "/home/kedro"},
            None,
            "cd /home/kedro && python -m kedro_azureml_runner ",
        ),
    ],
)
def test_the_announcing_step_starts_as_the_others_do(execution, code: str | None, start: str):
    job = lowered(job={"notifications": "n"}, execution=execution, **NOTIFIED)
    last = [*job.jobs.values()][-1]
    for component in (last.component, job.jobs["split"].component):
        assert (component.code, component.environment) == (code, "azureml:e:1")
        assert component.command.startswith(start)
    assert "--notify-success" in last.component.command
    (finished,) = last.inputs.values()
    assert finished == "${{parent.jobs.train__fit.outputs._finished}}"
