"""Read the code of a submitted job, in a process that opens no other project.

Started as a module by `snapshot_reading`, with a file that says what was sent.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from kedro_azureml_compiler import SentPipeline, SentStep, record_sent_pipeline
from kedro_azureml_datasets import KedroAzureMLError


def main(asked: str, answer: str) -> None:
    """Write the record of a submitted job, or why it cannot be made.

    Args:
        asked: A JSON file with the fields of a `SentPipeline`.
        answer: The JSON file to write.
    """
    sent = json.loads(Path(asked).read_text(encoding="utf-8"))
    steps = tuple(SentStep(**{**step, "nodes": tuple(step["nodes"])}) for step in sent["steps"])
    pipeline = SentPipeline(
        **{
            **sent,
            "code": Path(sent["code"]),
            "steps": steps,
            "pipelines": tuple(sent["pipelines"]),
            "stored": tuple(sent["stored"]),
        }
    )
    try:
        made = {"record": record_sent_pipeline(pipeline).to_json()}
    except KedroAzureMLError as error:
        made = {"error": error.message}
    Path(answer).write_text(json.dumps(made), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
