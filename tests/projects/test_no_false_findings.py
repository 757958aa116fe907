"""What is right is not found wrong, neither in the starter nor in the second project."""

import json

PLACEHOLDERS = ("<subscription-id>", "<resource-group>", "<workspace-name>", "<cluster-name>")


def found(local, project, *jobs):
    """Return code, severity and place of every error and warning of the jobs, by job."""
    named = [word for job in jobs for word in ("-j", job)]
    report = project / "report.json"
    local.kedro("azureml", "check", *named, "--format", "json", "-o", str(report), cwd=project)
    checked = json.loads(report.read_text(encoding="utf-8"))["jobs"]
    report.unlink()
    return {
        job["job"]: [
            (finding["code"], finding["severity"], finding["where"])
            for finding in job["findings"]
            if finding["severity"] != "info"
        ]
        for job in checked
    }


def run(local, project):
    done = local.kedro("run", cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_starter_with_a_workspace_has_no_error_and_no_warning(penguins, local):
    settings = penguins / "conf/base/azureml.yml"
    text = settings.read_text(encoding="utf-8")
    assert all(placeholder in text for placeholder in PLACEHOLDERS)
    for placeholder in PLACEHOLDERS:
        text = text.replace(placeholder, placeholder.strip("<>"))
    settings.write_text(text, encoding="utf-8")
    assert found(local, penguins) == {"training": [], "nightly": []}
    run(local, penguins)  # what a local run leaves is no reason for a finding either
    assert found(local, penguins) == {"training": [], "nightly": []}


def test_the_second_project_has_no_error_and_no_warning_once_its_data_is_there(shuttles, local):
    assert found(local, shuttles, "everything", "tagged") == {"everything": [], "tagged": []}
    run(local, shuttles)
    assert found(local, shuttles) == {
        "everything": [],
        "science": [],
        "tagged": [],
        "one_namespace": [],
    }
