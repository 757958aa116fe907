"""A mount namespace for one step, made by system calls; the standard library alone.

In it the project and the folders of other steps are covered, and inputs are mounted read-only,
as the mounts of a container are. The calls are those of unshare(2) and mount(2); neither root
nor a program is needed where the kernel lets a user make a user namespace.
"""

# Loaded by every run in a separate process, whose start pathlib would double.
# ruff: noqa: PTH102, PTH103, PTH118, PTH120, SIM105

from __future__ import annotations

import ctypes
import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_CLONE_NEWNS = 0x00020000
_CLONE_NEWUSER = 0x10000000
_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC = 1, 2, 4, 8
_MS_REMOUNT, _MS_NOATIME, _MS_NODIRATIME = 32, 1024, 2048
_MS_BIND, _MS_REC, _MS_PRIVATE, _MS_RELATIME = 4096, 16384, 1 << 18, 1 << 21
_LIBRARY: list[ctypes.CDLL] = []
# What a mount already forbids must be repeated when it is made read-only: a user namespace may
# not take it away.
_KEPT = {
    getattr(os, "ST_NOSUID", 0): _MS_NOSUID,
    getattr(os, "ST_NODEV", 0): _MS_NODEV,
    getattr(os, "ST_NOEXEC", 0): _MS_NOEXEC,
    getattr(os, "ST_NOATIME", 0): _MS_NOATIME,
    getattr(os, "ST_NODIRATIME", 0): _MS_NODIRATIME,
    getattr(os, "ST_RELATIME", 0): _MS_RELATIME,
}


def enter(view: dict[str, Any]) -> None:
    """Move this process into a new mount namespace.

    Args:
        view: `hide`, folders that are covered; `binds`, triples of source, place and whether
            the place is read-only. Sources may lie in what is hidden; places are made there.

    Raises:
        OSError: The kernel does not allow it.
    """
    _unshare()
    _mount(None, "/", None, _MS_REC | _MS_PRIVATE)
    # Held open, because what covers a folder covers the sources in it too.
    sources = [os.open(source, os.O_PATH | os.O_CLOEXEC) for source, _, _ in view["binds"]]
    for folder in view["hide"]:
        _mount("tmpfs", folder, "tmpfs", _MS_NOSUID | _MS_NODEV, "mode=755")
    for source, (_, place, read_only) in zip(sources, view["binds"], strict=True):
        _make_place(source, place)
        _mount(f"/proc/self/fd/{source}", place, None, _MS_BIND | _MS_REC)
        if read_only:
            flags = os.statvfs(place).f_flag
            kept = sum(mount_flag for flag, mount_flag in _KEPT.items() if flags & flag)
            _mount(None, place, None, _MS_BIND | _MS_REMOUNT | _MS_RDONLY | kept)
        os.close(source)


def find_refusal(scratch: str) -> str:
    """Try a namespace in a child process.

    Args:
        scratch: A folder for the trial, which exists.

    Returns:
        Why the kernel does not allow it, empty where it does.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        text = ""
        try:
            seen = os.path.join(scratch, "seen")
            enter({"hide": [scratch], "binds": [[scratch, seen, True]]})
            try:
                os.mkdir(os.path.join(seen, "x"))
                text = "a read-only mount can be written to"
            except OSError:
                pass
        except BaseException as error:
            text = str(error) or type(error).__name__
        os.write(writer, text.encode(errors="replace")[:4096])
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as answer:
        text = answer.read().decode(errors="replace")
    _, status = os.waitpid(child, 0)
    return text if status == 0 else f"the trial ended with {status}"


def _unshare() -> None:
    """Root needs no user namespace, and keeps its rights over other users' files without one."""
    try:
        _call("unshare", _CLONE_NEWNS)
    except OSError:
        user, group = os.geteuid(), os.getegid()
        _call("unshare", _CLONE_NEWUSER | _CLONE_NEWNS)
        try:
            _write("/proc/self/setgroups", "deny")
        except FileNotFoundError:
            pass  # an old kernel asks for nothing
        _write("/proc/self/uid_map", f"{user} {user} 1")
        _write("/proc/self/gid_map", f"{group} {group} 1")


def _make_place(source: int, place: str) -> None:
    if os.path.lexists(place):
        return
    is_folder = stat.S_ISDIR(os.fstat(source).st_mode)
    os.makedirs(place if is_folder else os.path.dirname(place), exist_ok=True)
    if not is_folder:
        os.close(os.open(place, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600))


def _mount(
    source: str | None, target: str, kind: str | None, flags: int, options: str | None = None
) -> None:
    def raw(text: str | None) -> bytes | None:
        return None if text is None else os.fsencode(text)

    _call("mount", raw(source), raw(target), raw(kind), ctypes.c_ulong(flags), raw(options))


def find_function(name: str) -> Any:
    """Return a function of the C library, None where it has none of that name."""
    if not _LIBRARY:  # loading it takes longer than most calls, and Windows has none
        _LIBRARY.append(ctypes.CDLL(None, use_errno=True))
    return getattr(_LIBRARY[0], name, None)


def _call(name: str, *arguments: Any) -> None:
    function = find_function(name)
    if function is None:
        raise OSError(38, f"{name}: not on this system")
    if function(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)
