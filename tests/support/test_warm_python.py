"""The Python that starts immediately: its caller cannot tell it from a fresh one."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from warm_python import WarmPython

LOOK = "import json, os, sys; print(json.dumps([sys.argv, os.getcwd(), dict(os.environ)]))"


@pytest.fixture(scope="module")
def warm(tmp_path_factory):
    with WarmPython(tmp_path_factory.mktemp("w"), ["json", "decimal"]) as warm:
        yield warm


def run(python, *args, **more):
    return subprocess.run([python, *args], capture_output=True, text=True, check=False, **more)


@pytest.mark.parametrize(
    "code",
    ["print('x')", "import sys; sys.exit('no')", "1 / 0", "import os; os._exit(7)",
     "print(input())",
     "import os; os.kill(os.getpid(), 9)", "import sys; sys.exit(300)"],
)  # fmt: skip
def test_it_ends_and_prints_as_a_fresh_one_does(code, warm):
    fresh = run(
        "/bin/sh", "-c", f'"{sys.executable}" -c "$1"; echo "code $?"', "", code, input="é\n"
    )
    told = run("/bin/sh", "-c", f'"{warm.path}" -c "$1"; echo "code $?"', "", code, input="é\n")
    assert told.stdout == fresh.stdout
    assert told.stderr.splitlines()[-1:] == fresh.stderr.splitlines()[-1:]


def test_it_has_what_it_is_given_and_nothing_else(warm, tmp_path):
    given = {"PATH": "/bin", "ONLY": "é'\n"}
    told = json.loads(run(warm.path, "-c", LOOK, "a b", "--x", cwd=tmp_path, env=given).stdout)
    fresh = json.loads(
        run(sys.executable, "-c", LOOK, "a b", "--x", cwd=tmp_path, env=given).stdout
    )
    assert [told[0], told[1]] == [fresh[0], fresh[1]]
    assert given.items() <= told[2].items()
    assert not set(told[2]) & (set(os.environ) - set(given) - {"PWD", "OLDPWD", "SHLVL", "_"})


def test_it_runs_files_folders_and_modules(warm, tmp_path):
    (tmp_path / "beside.py").write_text("NAME = 'beside'")
    (tmp_path / "__main__.py").write_text("import beside, sys; print(beside.NAME, sys.argv[1:])")
    for args in (["__main__.py", "1"], [".", "1"], [str(tmp_path), "1"], ["-m", "beside"]):
        told, fresh = run(warm.path, *args, cwd=tmp_path), run(sys.executable, *args, cwd=tmp_path)
        assert (told.returncode, told.stdout) == (fresh.returncode, fresh.stdout), told.stderr


def test_what_is_imported_before_is_there_and_one_run_does_not_see_another(warm):
    code = "import sys, json; print('decimal' in sys.modules, hasattr(json, 'x')); json.x = 1"
    for _ in range(2):
        assert run(warm.path, "-c", code).stdout == "True False\n"


def test_what_it_has_started_ends_with_it(warm, tmp_path):
    code = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
    program = subprocess.Popen([warm.path, "-c", code], stdout=subprocess.PIPE, text=True)
    started = int(program.stdout.readline())
    program.send_signal(signal.SIGKILL)
    program.communicate()
    place = Path(f"/proc/{started}")
    for _ in range(6000):
        if not place.exists():
            break
        time.sleep(0.01)
    assert not place.exists()
