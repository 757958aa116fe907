"""What `nox -s audit` makes of the answers of pip-audit."""

import importlib.util
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SKIPPED = {"name": "rich", "skip_reason": "Dependency not found on PyPI"}
OWN = {"name": "kedro-azureml-cli", "skip_reason": "Dependency not found on PyPI"}
SOUND = {"name": "click", "version": "8.1", "vulns": []}
WEAK = {"name": "old", "version": "1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2"]}]}


@pytest.fixture
def judge(capsys):
    spec = importlib.util.spec_from_file_location("audit", ROOT / "tools/audit.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def judge(*dependencies, said=""):
        answer = json.dumps({"dependencies": dependencies}) if dependencies else "nothing"
        return module.judge(answer, said), capsys.readouterr().out

    return judge


def test_what_was_looked_up_and_is_sound_passes(judge):
    assert judge(SOUND, OWN) == (0, "1 of 1 distributions audited, 0 with a weakness\n")


def test_a_weakness_is_named_with_the_version_that_mends_it(judge):
    code, text = judge(SOUND, WEAK, SKIPPED)
    assert code == 1
    assert "old 1: PYSEC-1, mended in 2\n" in text
    assert "rich: not audited" in text
    assert "2 of 3 distributions audited, 1 with a weakness" in text


def test_where_nothing_could_be_looked_up_one_line_says_so(judge):
    text = "Nothing was audited: the list of weaknesses cannot be reached.\n"
    assert judge(SKIPPED, OWN) == (2, text)


def test_where_pip_audit_gives_no_answer_its_last_line_is_shown(judge):
    said = "Traceback\nConnectionError: no route to host\n"
    assert judge(said=said) == (2, "Nothing was audited: ConnectionError: no route to host\n")
