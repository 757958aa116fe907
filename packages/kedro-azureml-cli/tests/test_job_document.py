"""Which step of a submitted job has an output, and where it lies."""

from kedro_azureml_cli.azure_ml.jobs.document import JobDocument


def document(**steps):
    return JobDocument(steps, "blobs")


def test_the_writer_is_known_from_readers_and_from_outputs_with_settings():
    made = document(
        clean={},
        fit={
            "inputs": {
                "a": "${{parent.jobs.clean.outputs.table}}",
                "b": {"path": "${{parent.jobs.split.outputs.rest}}", "mode": "download"},
                "c": "${{parent.inputs.raw}}",
                "d": 7,
            },
            "outputs": {"model": {"name": "model"}},
        },
    )
    assert made.writer("table") == "clean"
    assert made.writer("rest") == "split"
    assert made.writer("model") == "fit"
    assert made.writer("raw") is None


def test_an_output_lies_in_the_default_datastore_below_its_run():
    place = document(fit={}).place("fit", "model", "run-1")
    assert place == "azureml://datastores/blobs/paths/azureml/run-1/model"


def test_a_path_of_the_steps_settings_is_followed():
    path = "azureml://datastores/${{default_datastore}}/paths/x/${{name}}/${{output_name}}"
    made = document(fit={"outputs": {"model": {"path": path}, "other": {"mode": "upload"}}})
    assert made.place("fit", "model", "r") == "azureml://datastores/blobs/paths/x/r/model"
    assert made.place("fit", "other", "r") == "azureml://datastores/blobs/paths/azureml/r/other"


def test_an_output_without_a_path_is_searched_where_azure_ml_puts_those():
    made = document(fit={}, own={"outputs": {"x": {"path": "azureml://datastores/d/paths/x"}}})
    assert made.places("fit", "model", "r") == [
        "azureml://datastores/blobs/paths/azureml/r/model",
        "azureml://datastores/blobs/paths/r/model",
        "azureml://datastores/blobs/paths/dataset/r/model",
    ]
    assert made.places("own", "x", "r") == ["azureml://datastores/d/paths/x"]
