"""Code that runs before a command, in its process: a disk that is full, files of somebody else."""

FULL_DISK = """
import ctypes, os, sys

libc = ctypes.CDLL(None, use_errno=True)
NEW_NAMES, NEW_USERS = 0x20000, 0x10000000

def must(result):
    if result:
        sys.exit("This kernel lets nobody mount: " + os.strerror(ctypes.get_errno()))

# Disks that this process alone sees, in a namespace where it may mount.
for folder in {folders!r}:
    os.makedirs(folder, exist_ok=True)
user, group = os.getuid(), os.getgid()
must(libc.unshare(NEW_NAMES | NEW_USERS))
lines = {{"uid_map": f"0 {{user}} 1", "setgroups": "deny", "gid_map": f"0 {{group}} 1"}}
for file, line in lines.items():
    with open(f"/proc/self/{{file}}", "w") as stream:
        stream.write(line)
for folder in {folders!r}:
    must(libc.mount(b"none", folder.encode(), b"tmpfs", 0, b"size={size}"))
"""
"""Mounts small disks over folders; `format` it with `folders` and `size`."""

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
