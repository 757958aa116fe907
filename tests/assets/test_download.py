"""An asset comes onto this machine whole or not at all, and what goes wrong has its own error."""

import json
import os
import pty
import signal
import tempfile
from pathlib import Path

import pytest
from asset_loading import FILE, PINNED, loaded, nothing_left, refused
from azure_loopback.processes import until
from azure_loopback.project import LOAD
from hypothesis import example, given
from hypothesis import strategies as st
from kedro_azureml_datasets.azure_ml.downloading.blob_names import make_path_below
from kedro_azureml_datasets.azure_ml.errors import UnsafeBlobNameError
from stress import examples

BLOBS = "*.blob.core.windows.net"


def test_a_folder_comes_whole(azure, shop):
    files = {"p.txt": "p", "deep/er/q r.txt": "q", "ä/ü.txt": "ä", "p.txt.bak": "b", "+%20": "c"}
    azure.register("penguins", "1", {name: text.encode() for name, text in files.items()})
    assert loaded(shop.load(**PINNED)) == "p"
    assert shop.files() == {f"1/{name}": text for name, text in files.items()}


def test_another_asset_whose_name_begins_alike_does_not_come_with_it(azure, shop):
    azure.register("penguins", "1", {"p.txt": b"one"})
    azure.register("penguins", "10", {"p.txt": b"ten"})
    shop.load(**PINNED)
    assert shop.files() == {"1/p.txt": "one"}


def test_the_markers_of_a_data_lakes_folders_are_not_files(azure, shop):
    azure.register(
        "penguins", "1", {"p.txt": b"p", "sub": b""}, metadata={"sub": {"hdi_isfolder": "true"}}
    )
    azure.put_blob("penguins/1/other/", b"")
    assert loaded(shop.load(**PINNED)) == "p"
    assert shop.files() == {"1/p.txt": "p"}


def test_a_file_comes_under_the_name_in_filepath(azure, shop):
    azure.register("penguins", "1", {"blob-0815.bin": b"p"}, kind="uri_file")
    assert loaded(shop.load(**FILE)) == "p"
    assert shop.files() == {"1/p.txt": "p"}


def test_a_second_entry_may_give_the_same_file_another_name(azure, shop):
    azure.register("penguins", "1", {"blob-0815.bin": b"p"}, kind="uri_file")
    loaded(shop.load(**FILE))
    nested = {"type": "text.TextDataset", "filepath": "deep/q.txt"}
    assert loaded(shop.load(**FILE, dataset=nested)) == "p"
    assert shop.files() == {"1/p.txt": "p", "1/deep/q.txt": "p"}


def test_a_partitioned_asset_comes_with_all_its_parts(azure, shop):
    azure.register("penguins", "1", {"parts/a": b"a", "parts/b": b"b"})
    kind = "partitions.PartitionedDataset"
    nested = {"type": kind, "path": "parts", "dataset": "text.TextDataset"}
    assert loaded(shop.load(**PINNED, dataset=nested)) == "['a', 'b']"


@pytest.mark.parametrize(
    ("kind", "credentials"),
    [
        ("AzureBlob", "Sas"),
        ("AzureBlob", "AccountKey"),
        ("AzureBlob", "None"),
        ("AzureDataLakeGen2", "None"),
        ("AzureDataLakeGen2", "ServicePrincipal"),
    ],
)
def test_datastores_of_these_kinds_are_read(kind, credentials, azure, shop):
    azure.add_datastore("lake", credentials, kind)
    azure.register("penguins", "1", {"p.txt": b"p"}, datastore="lake")
    assert loaded(shop.load(**PINNED)) == "p"


@pytest.mark.parametrize(
    "uri",
    [
        "https://loopbackstore.blob.core.windows.net/{container}/penguins/1",
        "https://loopbackstore.dfs.core.windows.net/{container}/penguins/1/",
        "wasbs://{container}@loopbackstore.blob.core.windows.net/penguins/1",
        "abfss://{container}@loopbackstore.dfs.core.windows.net/penguins/1/",
        "azureml://datastores/workspaceblobstore/paths/penguins/1/",
    ],
)
def test_an_asset_may_be_registered_by_any_of_these_addresses(uri, azure, shop):
    uri = uri.format(container=azure.container_name)
    azure.register("penguins", "1", {"p.txt": b"p"}, uri=uri)
    assert loaded(shop.load(**PINNED)) == "p"


@pytest.mark.parametrize(
    ("uri", "told"),
    [
        ("http://example.com/penguins.csv", "which cannot be downloaded"),
        ("azureml://datastores/files/paths/penguins", "kind 'AzureFileDatastore'"),
        # Some releases of the SDK can say no more of these than the name of a class.
        ("azureml://datastores/certified/paths/penguins", "'Certificate"),
    ],
)
def test_storage_that_cannot_be_read_is_named(uri, told, azure, shop):
    azure.add_datastore("files", "AccountKey", "AzureFile")
    azure.add_datastore("certified", "Certificate", "AzureDataLakeGen2")
    azure.register("penguins", "1", None, uri=uri)
    assert told in refused(shop.load(**PINNED), "AssetStorageError")
    nothing_left(shop)


@pytest.mark.parametrize(
    ("registered", "asked", "told"),
    [
        ("uri_file", PINNED, "Write 'azureml_type: uri_file'"),
        ("uri_folder", FILE, "Write 'azureml_type: uri_folder'"),
        ("mltable", PINNED, "Register the data as 'uri_folder'"),
    ],
)
def test_another_type_than_the_catalogs_is_named(registered, asked, told, azure, shop):
    azure.register("penguins", "1", {"p.txt": b"p"}, kind=registered)
    assert told in refused(shop.load(**asked), "AssetTypeError")
    nothing_left(shop)


def test_an_asset_whose_data_is_gone_is_named(azure, shop):
    azure.register("penguins", "gone", None)
    told = refused(shop.load(azureml_version="gone"), "NoDataError")
    assert "its data does not exist" in told
    nothing_left(shop, "gone")


def test_a_file_whose_blob_is_gone_is_named(azure, shop):
    azure.register("penguins", "1", None, kind="uri_file")
    assert "does not exist" in refused(shop.load(**FILE), "NoDataError")
    nothing_left(shop)


def test_a_key_that_storage_refuses_is_named(azure, shop):
    azure.register("penguins", "1", {"p.txt": b"p"})
    for secret in azure.control.secrets.values():
        secret["sasToken"] = "sv=2021-08-06&sig=wrong"
    told = refused(shop.load(**PINNED), "ForbiddenError")
    assert "Reading the data of the asset failed" in told
    assert "Storage Blob Data Reader" in told
    nothing_left(shop)


# Names of blobs


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("%2e%2e/evil", "climbs"),
        ("a/../../../evil", "climbs"),
        ("/etc/evil", "not the relative path of a file"),
        ("a//evil", "not the relative path of a file"),
        ("%0Aevil", "control character"),
        ("n" * 300, "longer than a file's name"),
        ("p.txt/evil", "is both a file and a folder"),
    ],
)
def test_a_name_that_cannot_be_a_file_below_the_version_is_refused_whole(name, told, azure, shop):
    azure.register("penguins", "hostile", {"p.txt": b"p"})
    azure.put_blob(f"penguins/hostile/{name}")
    assert told in refused(shop.load(azureml_version="hostile"), "UnsafeBlobNameError")
    nothing_left(shop, "hostile")
    assert not list(shop.folder.rglob("*evil*"))


letters = st.sampled_from(
    ["a", "B", ".", "..", "/", "\\", "\0", "\n", "ä", "\ud83d", " ", "C:", "~"]
)
names = st.lists(letters, max_size=8).map("".join) | st.text(max_size=400)


@examples(300)
@given(names)
@example("..")
@example("/etc/passwd")
@example("a\\..\\b")
@example("ä" * 200)
def test_property_of_a_blobs_name_it_is_below_the_folder_or_refused(name):
    try:
        path = make_path_below(name)
    except UnsafeBlobNameError:
        return
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "version")
        target = root / path
        target.parent.mkdir(parents=True)
        target.write_bytes(b"x")
        assert target.resolve().is_relative_to(root.resolve())
        assert target.resolve() != root.resolve()
        assert list(Path(folder).iterdir()) == [root]
        assert path.as_posix() == name


# Transfers that break


def test_a_transfer_that_breaks_is_tried_again(azure, shop):
    content = os.urandom(3_000_000).hex()
    azure.register("penguins", "1", {"p.txt": content.encode()})
    azure.proxy.cuts += [(BLOBS, 500_000), (BLOBS, 2_000_000)]
    assert loaded(shop.load(**PINNED)) == content
    assert azure.proxy.cuts == []


def test_a_transfer_that_always_breaks_leaves_no_version_and_the_next_goes_on_from_there(
    azure, shop
):
    azure.register("penguins", "1", {"p.txt": b"p", "z.bin": os.urandom(2_000_000)})
    azure.proxy.cuts += [(BLOBS, 300_000)] * 60
    told = refused(shop.load(**PINNED), "AzureFailedError")
    assert "broke off" in told
    nothing_left(shop)
    azure.proxy.cuts.clear()
    before = len(azure.azurite.blob_reads())
    assert loaded(shop.load(**PINNED)) == "p"
    again = {name.rpartition("/")[2] for name in azure.azurite.blob_reads()[before:]}
    assert again == {"z.bin"}
    assert sorted(path.name for path in (shop.folder / "data/penguins").iterdir()) == [
        ".1.lock",
        ".1.origin.json",
        "1",
    ]


def test_what_an_earlier_attempt_left_is_not_taken_for_what_is_there_now(azure, shop):
    azure.register("penguins", "1", {"p.txt": b"new"})
    shop.write("data/penguins/.1.part/data/p.txt", "old")
    shop.write("data/penguins/.1.part/data/deep/stranger.txt", "old")
    shop.write("data/penguins/.1.part/0.tmp", "half")
    assert loaded(shop.load(**PINNED)) == "new"
    assert shop.files() == {"1/p.txt": "new"}


def test_a_disk_without_room_is_reported_before_anything_comes(azure, shop):
    azure.register("penguins", "1", {"p.txt": b"p"})
    eight_tebibytes = azure.container().get_blob_client("penguins/1/sparse.bin")
    eight_tebibytes.create_page_blob(8 * 1024**4)
    told = refused(shop.load(**PINNED), "DiskFullError")
    assert "needs 8,796,093,022,209 bytes" in told
    assert "Free some space" in told
    nothing_left(shop)


def test_a_disk_that_gets_full_is_reported_and_what_came_is_given_back(azure, shop):
    azure.register("penguins", "1", {"p.txt": b"p", "z.bin": os.urandom(2_000_000)})
    limit = """
        import resource, signal
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
        """
    told = refused(shop.load(limit, **PINNED), "DiskFullError")
    assert "got full while the data asset was downloaded" in told
    assert "Free some space" in told
    assert not list((shop.folder / "data/penguins").glob(".1.part"))
    nothing_left(shop)


SMALL_DISK = """
import ctypes, os, sys

libc = ctypes.CDLL(None, use_errno=True)
NEW_NAMES, NEW_USERS, REMOUNT = 0x20000, 0x10000000, 0x20

def must(result):
    if result:
        sys.exit("This kernel lets nobody mount: " + os.strerror(ctypes.get_errno()))

def disk(flags, size):
    must(libc.mount(b"none", b"data", b"tmpfs", flags, size))

# A disk that this process alone sees, in a namespace where it may mount.
os.makedirs("data")
user, group = os.getuid(), os.getgid()
must(libc.unshare(NEW_NAMES | NEW_USERS))
for file, line in ("uid_map", f"0 {user} 1"), ("setgroups", "deny"), ("gid_map", f"0 {group} 1"):
    with open(f"/proc/self/{file}", "w") as stream:
        stream.write(line)
disk(0, b"size=512k")
"""

TWICE = """
try:
    exec(LOAD, {})
except SystemExit:
    print("left", [name for name in os.listdir("data/penguins") if name != ".1.lock"])
disk(REMOUNT, b"size=8m")
exec(LOAD, {})
"""


def test_a_disk_that_is_really_full_is_reported_and_the_next_run_heals_it(azure, shop):
    # Few bytes, so that all looks well before; but each of these files takes a page of the disk.
    files = {f"{number}.txt": b"x" for number in range(200)}
    azure.register("penguins", "1", {"p.txt": b"p", **files})
    nested = {"type": "text.TextDataset", "filepath": "p.txt"}
    arguments = {"azureml_dataset": "penguins", "dataset": nested, **PINNED}
    code = f"{SMALL_DISK}\nLOAD = {LOAD!r}\n{TWICE}"
    finished = shop.start(code, json.dumps(arguments)).wait()
    assert loaded(finished) == "p"
    told = finished.output
    assert "DiskFullError: " in told
    assert "got full while the data asset was downloaded" in told
    assert "Free some space" in told
    assert "left []" in told


WATCHED_DISK = """
import os, sys

real, flushed = os.fsync, set()

def fsync(descriptor):
    real(descriptor)
    flushed.add(os.fstat(descriptor).st_ino)

def renamed(event, arguments):
    if event == "os.rename" and os.path.basename(arguments[1]) == "1":
        for folder, _, names in os.walk(arguments[0]):
            for path in (folder, *(os.path.join(folder, name) for name in names)):
                print("flushed" if os.stat(path).st_ino in flushed else "LOST", path)

os.fsync = fsync
sys.addaudithook(renamed)
"""


def test_all_of_a_version_is_on_the_disk_before_it_has_its_name(azure, shop):
    azure.register("penguins", "1", {"p.txt": b"p", "deep/er/q.txt": b"q"})
    finished = shop.load(WATCHED_DISK, **PINNED)
    assert loaded(finished) == "p"
    lines = [line.split() for line in finished.output.splitlines() if "penguins/.1.part" in line]
    data = shop.folder / "data/penguins/.1.part/data"
    expected = {data, data / "p.txt", data / "deep", data / "deep/er", data / "deep/er/q.txt"}
    assert {(word, Path(path)) for word, path in lines} == {("flushed", path) for path in expected}


def test_a_place_that_cannot_be_written_is_named(azure, shop):
    azure.register("penguins", "1", {"p.txt": b"p"})
    shop.write("data", "a file")
    told = refused(shop.load(**PINNED), "AssetDownloadError")
    assert "cannot be written" in told
    assert "root_dir" in told


def test_an_interrupted_download_ends_promptly_and_leaves_no_version(azure, shop):
    azure.register("penguins", "1", {f"{n}.bin": os.urandom(3_000_000) for n in range(4)})
    azure.proxy.delay_s = 0.2
    prelude = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    running = shop.start_load(prelude, **PINNED)
    until(lambda: list(shop.folder.glob("data/penguins/.1.part/*.tmp")))
    os.kill(running.pid, signal.SIGINT)
    finished = running.wait()
    assert "KeyboardInterrupt" in finished.output
    nothing_left(shop)


# What is shown


def test_a_log_has_a_line_for_the_files(azure, shop):
    azure.register("penguins", "1", {"p.txt": b"12345", "q.txt": b"6"})
    lines = shop.load(**PINNED).output.splitlines()
    assert "INFO Data asset 'penguins', version '1': downloading 2 files, 6 bytes." in lines
    assert "INFO Data asset 'penguins', version '1': 2 of 2 files." in lines


def test_a_terminal_has_a_bar_with_bytes_and_files_and_the_time_left(azure, shop):
    azure.register("penguins", "1", {"p.txt": b"12345", "q.txt": b"6"})
    master, slave = pty.openpty()
    running = shop.start_load(
        "import os; os.environ.update(TERM='xterm', COLUMNS='120')\n",
        terminal=os.ttyname(slave),
        **PINNED,
    )
    finished = running.wait()
    os.close(slave)
    shown = os.read(master, 65536).decode()
    os.close(master)
    assert loaded(finished) == "12345", shown
    assert "2/2 files" in shown
    assert "6/6 bytes" in shown
    assert "0:00:00" in shown


# Who signs in


@pytest.fixture
def nobody_signed_in(shop):
    """A machine with the SDK and no identity; its managed identity, if any, is behind the proxy."""
    for name in [name for name in shop.environ if name.startswith("AZURE_")]:
        del shop.environ[name]
    shop.environ |= {"HOME": str(shop.folder), "PATH": "/nowhere"}
    return shop


def test_on_a_compute_instance_a_person_signs_in_with_a_device_code(azure, nobody_signed_in):
    shop = nobody_signed_in
    azure.register("penguins", "1", {"p.txt": b"p"})
    shop.environ["MSI_ENDPOINT"] = "http://127.0.0.1:1/token"  # what marks a compute instance
    master, slave = pty.openpty()
    finished = shop.start_load(terminal=os.ttyname(slave), **PINNED).wait()
    os.close(slave)
    os.close(master)
    assert "To sign in, enter the code LOOPBACK1." in finished.output, finished.output
    assert loaded(finished) == "p"


def test_without_a_terminal_nobody_is_waited_for(azure, nobody_signed_in):
    azure.register("penguins", "1", {"p.txt": b"p"})
    told = refused(nobody_signed_in.load(**PINNED), "AzureMLDatasetError")
    assert "Azure refused the sign-in" in told
    assert "az login" in told
    assert "To sign in" not in told
