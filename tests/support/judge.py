"""Asks the real SDK of Azure ML what it thinks of pipeline files: one JSON line per file."""

import json
import sys

from azure.ai.ml import load_job

for file in sys.argv[1:]:
    try:
        job = load_job(file)
        # A sweep job has no validation beyond its loading.
        problems = job._validate().error_messages if hasattr(job, "_validate") else {}
    except Exception as error:  # whatever the SDK raises is its judgement
        problems = {"load_job": f"{type(error).__name__}: {error}"}
    print("JUDGED", json.dumps({"file": file, "problems": problems}), flush=True)
