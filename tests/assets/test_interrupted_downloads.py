"""A download that breaks off, or that the disk has no room for, leaves no version behind."""

import json
import os
import signal
from pathlib import Path

from asset_loading import PINNED, loaded, nothing_left, refused
from azure_loopback.processes import until
from azure_loopback.project import LOAD

BLOBS = "*.blob.core.windows.net"


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
