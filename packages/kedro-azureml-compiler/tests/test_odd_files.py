"""Files that cannot be read, full disks, killed processes: a message, and no trace."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from kedro_azureml_compiler import FindingsError, compile_job
from kedro_azureml_compiler.bundle.drafts import open_draft, remove_abandoned
from kedro_azureml_compiler.bundle.writing import BundleError, SourceError, write_bundle
from kedro_azureml_datasets import KedroAzureMLError
from without_privileges import without_privileges

pytestmark = pytest.mark.once

CODE = "unreadable-file"


def link(project, name, target):
    path = project.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)


def refused(project) -> FindingsError:
    with pytest.raises(FindingsError) as caught:
        compile_job(project.root, "j")
    assert not (project.root / "build").exists()
    return caught.value


@pytest.mark.parametrize("name", ["loop", "data/loop", "conf/base/loop", "src/loop", "notes/a b"])
def test_a_link_that_leads_back_to_itself_is_one_message(small_project, name):
    link(small_project, name, Path(name).name)
    (finding,) = [f for f in refused(small_project).findings if f.code == CODE]
    assert (finding.where, finding.file) == (name, name)
    assert "cannot be read: Too many levels of symbolic links" in finding.message
    assert ".amlignore" in finding.hint


@pytest.mark.parametrize(
    "make",
    [
        lambda path: path.symlink_to(path.name),
        lambda path: path.symlink_to("/proc/gone"),
        lambda path: path.touch(),
        os.mkfifo,
    ],
    ids=["loop", "broken link", "file", "pipe"],
)
@pytest.mark.parametrize("name", ["build", "build/azureml"])  # a loop in the root is a finding
def test_what_stands_where_bundles_are_kept_is_one_message(small_project, name, make):
    path = small_project.root / name
    path.parent.mkdir(exist_ok=True)
    make(path)
    with pytest.raises((BundleError, FindingsError)) as caught:
        compile_job(small_project.root, "j")
    if isinstance(caught.value, FindingsError):
        assert [f.where for f in caught.value.findings if f.code == CODE] == ["build"]
        return
    assert "build" in caught.value.message or "/proc/gone" in caught.value.message
    assert "Remove or rename what is there instead of a folder" in caught.value.hint


def test_a_project_folder_that_is_a_loop_of_links_is_one_message(tmp_path):
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(KedroAzureMLError, match="loop"):
        compile_job(tmp_path / "loop", "j")


@pytest.mark.parametrize("folder", ["conf/local", None])
def test_a_project_without_a_catalog_that_travels_is_refused_as_a_step_refuses_it(
    small_project, folder
):
    catalog = small_project.root / "conf/base/catalog.yml"
    if folder:
        (small_project.root / folder).mkdir(exist_ok=True)
        catalog.rename(small_project.root / folder / "catalog.yml")
    else:
        catalog.unlink()
    finding = small_project.only("project-error")
    assert "No catalog file of the project travels" in finding.message
    assert "touch conf/base/catalog.yml" in finding.hint
    catalog.touch()
    assert small_project.found("project-error") == []


def test_two_links_that_lead_to_each_other_are_two_findings(small_project):
    link(small_project, "one", "two")
    link(small_project, "two", "one")
    assert [f.where for f in refused(small_project).findings if f.code == CODE] == ["one", "two"]


@pytest.mark.parametrize("pattern", ["data", "data/", "/data/", "data/*", "data/**", "loop", "*"])
def test_an_ignored_link_does_not_matter(small_project, pattern):
    link(small_project, "data/loop", "loop")
    more = "\n!/src/\n!/conf/\n!/pyproject.toml\n" if pattern == "*" else "\n"
    small_project.write(".amlignore", f"{pattern}{more}")
    assert small_project.found(CODE) == []
    assert compile_job(small_project.root, "j").bundle.is_dir()


@pytest.mark.parametrize("name", [".git/loop", "build/azureml/loop", "conf/local/loop"])
def test_what_never_travels_may_hold_any_link(small_project, name):
    link(small_project, name, "loop")
    assert small_project.found(CODE) == []


@pytest.mark.parametrize("mode", [0o000, 0o444], ids=["no permission", "may not be entered"])
def test_a_folder_that_cannot_be_read_is_one_message_unless_it_is_ignored(small_project, mode):
    small_project.write("private/notes/a.txt", "x")
    folder = small_project.root / "private"
    folder.chmod(mode)
    try:
        with without_privileges():
            (finding,) = [f for f in refused(small_project).findings if f.code == CODE]
            assert finding.where.startswith("private")
            assert "Permission denied" in finding.message
            for pattern in ("private", "private/", "/private/*", "private/**"):
                (small_project.root / ".amlignore").write_text(f"{pattern}\n")
                assert small_project.found(CODE) == []
    finally:
        folder.chmod(0o755)


def test_a_file_that_cannot_be_read_is_named_and_the_bundle_is_not_blamed(small_project):
    small_project.write("reference/a.csv", "x")
    file = small_project.root / "reference/a.csv"
    file.chmod(0)
    with without_privileges():
        (finding,) = [f for f in refused(small_project).findings if f.code == CODE]
        assert str(finding).startswith("error unreadable-file: reference/a.csv: cannot be read")
        (small_project.root / ".amlignore").write_text("/reference/\n")
        assert compile_job(small_project.root, "j").bundle.is_dir()


def test_a_file_that_is_gone_after_the_check_is_named_too(small_project):
    small_project.write("slow.py", "x")
    examined = compile_job(small_project.root, "j")
    assert (examined.bundle / "code/slow.py").exists()
    with pytest.raises(SourceError) as caught:
        write_bundle(
            examined.bundle,
            pipeline_yml="",
            plan=examined.plan,
            project=small_project.root,
            code=["slow.py", "gone.txt"],
        )
    assert caught.value.message == "'gone.txt' cannot be read: No such file or directory."
    assert (examined.bundle / "code/slow.py").exists()  # what was there is still there


def test_a_local_input_that_cannot_be_read_is_named(small_project):
    small_project.catalog(
        "x: {type: kedro_azureml_datasets.AzureMLPipelineDataset, root_dir: data,"
        " dataset: {type: pandas.CSVDataset, filepath: x.csv}}"
    )
    small_project.nodes(("a", "x", None))
    small_project.write("data/x.csv", "a\n1\n")
    (small_project.root / "data/x.csv").chmod(0)
    with without_privileges():
        assert "uploaded as the input 'x'" in small_project.only(CODE).message


def test_a_full_disk_is_named_with_what_helps(small_project, tmp_path):
    small_project.write("large.bin", "x" * 3_000_000)
    disk = tmp_path / "disk"
    disk.mkdir()
    code = (
        "import sys; from pathlib import Path\n"
        "from kedro_azureml_compiler import compile_job\n"
        "try: compile_job(Path(sys.argv[1]), 'j', output=Path(sys.argv[2]) / 'b')\n"
        "except Exception as error: print(type(error).__name__, error)\n"
        "print(sorted(p.name for p in Path(sys.argv[2]).iterdir()))\n"
    )
    mount = 'mount -t tmpfs -o size=1m tmpfs "$1" && exec "$2" -c "$3" "$4" "$1"'
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", mount, "sh", disk, sys.executable, code, small_project.root],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "BundleError The bundle cannot be written" in done.stdout
    assert "No space left on device" in done.stdout
    assert "Free some space on that disk, or name another folder with --output" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"  # nothing half-written


def test_what_a_killed_process_has_left_is_removed_and_what_a_living_one_writes_is_not(tmp_path):
    code = (
        "import sys, time; from pathlib import Path\n"
        "from kedro_azureml_compiler.bundle.drafts import open_draft\n"
        "with open_draft(Path(sys.argv[1])) as draft:\n"
        "    (draft / 'code').mkdir()\n"
        "    print(draft.parent, flush=True); time.sleep(3600)\n"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, tmp_path / "bundles" / name], stdout=subprocess.PIPE
        )
        for name in ("j", "other")
    ]
    killed, living = (Path(p.stdout.readline().decode().strip()) for p in processes)
    processes[0].send_signal(signal.SIGKILL)
    processes[0].wait()
    (tmp_path / "bundles" / ".notes-abcdefgh").mkdir()
    (tmp_path / "bundles" / ".notes-abcdefgh" / "mine.txt").touch()
    assert killed.is_dir()
    with open_draft(tmp_path / "bundles" / "j"):
        assert not killed.exists()
        assert (living / "bundle/code").is_dir()
    processes[1].kill()
    for process in processes:
        process.communicate()
    remove_abandoned(tmp_path / "bundles")
    assert [path.name for path in (tmp_path / "bundles").iterdir()] == [".notes-abcdefgh"]


def test_many_that_begin_and_end_at_once_leave_each_others_folders_alone(tmp_path):
    def write(number: int) -> None:
        for attempt in range(25):
            target = tmp_path / "build/azureml" / f"job{number}"
            with open_draft(target) as draft:
                (draft / "code").mkdir()
                (draft / "code/n.txt").write_text(str(attempt))
                assert [path.name for path in draft.iterdir()] == ["code"]

    with ThreadPoolExecutor(8) as pool:
        for result in [pool.submit(write, number) for number in range(8)]:
            result.result()
    assert list(tmp_path.rglob("*.txt")) == []


@pytest.mark.parametrize("name", ["catalog.yml", "parameters.yml", "globals.yml", "catalog_x.yml"])
def test_a_file_in_another_encoding_is_named_with_its_line(small_project, name):
    path = small_project.root / "conf/base" / name
    path.write_bytes("# first\n# Größe\nx: 1\n".encode("latin-1"))
    finding = small_project.only("project-error")
    assert (finding.file, finding.line) == (f"conf/base/{name}", 2)
    assert "byte 0xf6 is not UTF-8" in finding.message
    assert finding.hint == "Save the file as UTF-8."
