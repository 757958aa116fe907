"""A database with a password is read wherever a node runs, and the password is written nowhere."""

import re

import pytest
from azure_loopback.key_vault import VAULT
from database_project import REPORT, SECRET, VARIABLE, DatabaseProject, files_with
from postgres import Postgres

PASSWORD = "corr3ct-h0rse-battery"


@pytest.fixture(scope="module")
def server():
    started = Postgres(PASSWORD)
    yield started
    started.stop()


@pytest.fixture
def database(shop, server, bench):
    return DatabaseProject(shop, server, bench.image.path)


@pytest.fixture
def vault(azure):
    azure.control.vaults.secrets[VAULT, SECRET] = PASSWORD
    return azure.control.vaults


@pytest.fixture
def env_file(tmp_path):
    file = tmp_path / "shop.env"
    file.write_text(f'# of the shop\n\nexport {VARIABLE}="{PASSWORD}"\n')
    return file


def reports(folder):
    return {path.read_text() for path in folder.rglob("report.txt")}


@pytest.mark.parametrize("by", ["variable", "file"])
def test_two_steps_of_a_simulation_read_it_with_a_variable_of_this_machine(
    by, database, vault, env_file
):
    options = {
        "variable": ["--env-var", VARIABLE],
        "file": ["--env-file", str(env_file)],
    }[by]
    if by == "variable":
        database.shop.environ[VARIABLE] = PASSWORD
    done = database.command("simulate", "-j", "all", *options)
    assert done.returncode == 0, done.output
    runs = database.folder / "build/azureml-runs/all"
    assert reports(runs) == {REPORT}
    assert files_with(PASSWORD, database.folder) == []
    assert PASSWORD not in done.output
    assert database.asked() == []


def test_a_wrong_password_is_refused_by_the_server_and_the_rerun_line_does_not_show_it(database):
    wrong = "wr0ng-password"
    done = database.command("simulate", "-j", "all", "--env-var", f"{VARIABLE}={wrong}")
    assert done.returncode == 1
    assert "password authentication failed" in done.output
    (again,) = re.findall("kedro azureml simulate .*--only add", done.output)
    assert f"--env-var {VARIABLE} " in again
    assert wrong not in done.output
    assert files_with(wrong, database.folder) == []


@pytest.mark.parametrize("command", ["simulate", "verify"])
def test_without_the_variable_nothing_runs_and_the_variable_is_named(command, database, vault):
    done = database.command(command, "-j", "all")
    assert done.returncode == 1
    assert f"'{SECRET}' by 'add', 'tell'" in done.output
    assert f"--env-var {VARIABLE}" in done.output
    assert "Traceback" not in done.output
    assert not (database.folder / "build/azureml-runs").exists()
    assert database.asked() == []


def test_both_runs_of_verify_read_it_with_the_file_and_ask_no_vault(database, vault, env_file):
    done = database.command("verify", "-j", "all", "--strict", "--env-file", str(env_file))
    assert done.returncode == 0, done.output
    assert reports(database.folder / "build/azureml-runs/all") == {REPORT}
    assert files_with(PASSWORD, database.folder) == []
    assert database.asked() == []


def test_kedro_run_reads_it_with_the_key_vault_of_the_workspace(database, vault):
    database.shop.run()
    assert database.shop.read("data/report.txt") == REPORT
    # The secret of the entry that no node uses is not asked for.
    assert vault.reads == [f"{VAULT}/{SECRET}"]
    assert files_with(PASSWORD, database.folder) == []


def test_steps_read_it_with_the_key_vault_of_the_workspace(database, vault, azure, tmp_path):
    assert database.command("compile", "-j", "all").returncode == 0
    assert database.asked() == []
    steps = database.run_steps(tmp_path / "work", "add", "tell", **azure.environ)
    assert [step.returncode for step in steps] == [0, 0], steps
    assert reports(tmp_path / "work/mounts") == {REPORT}
    assert vault.reads == [f"{VAULT}/{SECRET}"] * 2
    assert files_with(PASSWORD, database.folder, tmp_path / "work") == []


def test_steps_and_kedro_run_ask_the_vault_of_the_settings_and_not_the_workspace(
    database, vault, azure, tmp_path
):
    vault.secrets["own-vault", SECRET] = PASSWORD
    del vault.secrets[VAULT, SECRET]
    database.settings(key_vault="own-vault")
    database.shop.run()
    assert database.command("compile", "-j", "all").returncode == 0
    (step,) = database.run_steps(tmp_path / "work", "add", **azure.environ)
    assert step.returncode == 0, step.stderr
    assert vault.reads == [f"own-vault/{SECRET}"] * 2
    assert azure.control.requests == []


def test_the_variable_wins_over_the_vault_everywhere(database, vault, azure, tmp_path):
    vault.secrets[VAULT, SECRET] = "another"
    database.shop.environ[VARIABLE] = PASSWORD
    database.shop.run()
    assert database.command("compile", "-j", "all").returncode == 0
    variables = {**azure.environ, VARIABLE: PASSWORD}
    (step,) = database.run_steps(tmp_path / "work", "add", **variables)
    assert step.returncode == 0, step.stderr
    assert database.asked() == []
    assert files_with(PASSWORD, database.folder, tmp_path / "work") == []
