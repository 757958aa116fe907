"""One job from its submission to its proof: it fails, is replayed, mended, resumed and verified."""

import re

from performed_jobs import perform
from sent_project import NODES, SentProject

BROKEN = NODES.replace("return model.title()", "return model.titel()").replace(
    '    if "bad" in table:\n        raise ValueError("a bad row")\n', ""
)
MENDED = BROKEN.replace("titel()", "title()")


def test_a_job_whose_third_step_fails_is_replayed_mended_resumed_and_verified(
    shop, azure, bench, tmp_path
):
    farm = SentProject(shop, azure, bench.user.path)
    farm.write_nodes(BROKEN)
    name = farm.send()
    assert perform(farm, name, tmp_path / "first") == "Failed"
    assert {run.step: run.status for run in farm.jobs.of(name) if run.step} == {
        "clean": "Completed", "fit": "Completed", "report__it": "Failed",
    }  # fmt: skip

    told = farm.run("replay", name, "report.it", "--yes", code=1)
    assert "'str' object has no attribute 'titel'" in told

    farm.write_nodes(MENDED)
    told = farm.run("resume", name, code=1)
    assert "changed: src/shop/nodes.py" in told
    told = farm.run("resume", name, "--from-nodes", "report.it")
    assert told.count("taken over: ") == 2
    resumed = re.search(r"as (all-\S+)\.", told).group(1)
    job = farm.jobs.bodies[resumed]["properties"]
    assert set(job["jobs"]) == {"report__it"}
    assert "/data/model/versions/" in job["inputs"]["model"]["uri"]
    assert perform(farm, resumed, tmp_path / "second") == "Completed"

    told = farm.run("verify", "--against", resumed, "--yes")
    assert "same: report, pipeline dataset" in told, told
    assert "1 of 1 dataset" in told, told
    report = farm.jobs.run_of(resumed, "report__it").run_id
    blob = farm.azure.container().download_blob(f"azureml/{report}/report/report.txt")
    assert blob.readall() == b"One3"  # as `kedro run` writes it
    # And the data of both jobs together is that of one `kedro run` of the mended code.
    assert "Nothing has to run" in farm.run("resume", resumed)
