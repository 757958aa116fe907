"""Code that runs a command on a machine that fails: a full disk, files of others, another time."""

from pathlib import Path

FULL_DISK = """
import ctypes, os, sys

libc = ctypes.CDLL(None, use_errno=True)
NEW_NAMES, NEW_USERS, PAGE = 0x20000, 0x10000000, 4096

def must(result):
    if result:
        sys.exit("This kernel lets nobody mount: " + os.strerror(ctypes.get_errno()))

def read_all(folder):
    for above, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(above, name), "rb") as stream:
                yield stream.name, stream.read()

# Disks that this process alone sees, in a namespace where it may mount.
for folder in {folders!r}:
    os.makedirs(folder, exist_ok=True)
held = {{folder: dict(read_all(folder)) for folder in {folders!r}}}
user, group = os.getuid(), os.getgid()
must(libc.unshare(NEW_NAMES | NEW_USERS))
lines = {{"uid_map": f"0 {{user}} 1", "setgroups": "deny", "gid_map": f"0 {{group}} 1"}}
for file, line in lines.items():
    with open(f"/proc/self/{{file}}", "w") as stream:
        stream.write(line)
for folder, files in held.items():
    size = sum(-(-len(data) // PAGE) * PAGE for data in files.values()) + {room}
    must(libc.mount(b"none", folder.encode(), b"tmpfs", 0, b"size=%d" % size))
    for path, data in files.items():
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as stream:
            stream.write(data)
"""
"""Mounts disks over folders, with what these hold; `format` it with `folders` and `room`, bytes."""

SHOWING_WHAT_IS_LEFT = """
import json, os

def show_what_is_left():
    for folder in {folders!r}:
        for above, _, names in os.walk(folder):
            for name in names:
                path = os.path.join(above, name)
                print("LEFT", json.dumps([path, os.path.getsize(path)]), flush=True)

try:
    exec({code!r})
finally:
    show_what_is_left()
"""
"""Runs code, and then prints each file below folders, with its size."""

WITHOUT_PRIVILEGES = """
from without_privileges import without_privileges

ordinary = without_privileges()
ordinary.__enter__()
"""
"""Lets permissions count for the rest of the process, though it is root's."""

JUMPING_CLOCK = """
import os
import sys

code = '''
import os, select, time

time.sleep = lambda seconds: select.select([], [], [], seconds) and None
del os.environ["LD_PRELOAD"]
{code}'''
os.environ |= {{
    "LD_PRELOAD": {library!r},
    "FAKETIME_TIMESTAMP_FILE": {clock!r},
    "FAKETIME_NO_CACHE": "1",
    "DONT_FAKE_MONOTONIC": "1",
}}
os.execv(sys.executable, [sys.executable, "-c", code, *sys.argv[1:]])
"""
"""Runs code with a clock that a file sets; `format` it with `library`, `clock` and `code`.

With a monotonic clock that does not jump, as none does, faketime 0.9.10 refuses how Python sleeps:
the command's own process sleeps in another way, and those that it starts have the real clock.
"""


def find_clock_library() -> str:
    """Return the library of Debian's package `faketime`."""
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    assert found, "the tests of clocks need faketime: apt-get install faketime"
    return str(found[0])
