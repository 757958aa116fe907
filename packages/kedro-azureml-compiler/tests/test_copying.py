"""A copy has the bytes and the mode of its original, and no more blocks."""

import os
import stat

import pytest
from kedro_azureml_compiler.bundle.copying import copy_file, measure_on_disk

HOLE = 64 << 20


@pytest.mark.parametrize(
    ("before", "after"),
    [(b"", b""), (b"start", b""), (b"", b"end"), (b"start", b"end")],
    ids=["a hole alone", "data first", "data last", "data on both sides"],
)
def test_a_hole_stays_a_hole(tmp_path, before, after):
    source, copy = tmp_path / "source", tmp_path / "copy"
    with source.open("wb") as file:
        file.write(before)
        file.truncate(HOLE)
        file.seek(HOLE)
        file.write(after)
    source.chmod(0o750)
    copy_file(source, copy)
    assert copy.read_bytes() == source.read_bytes()
    assert copy.stat().st_blocks * 512 < HOLE / 8
    assert stat.S_IMODE(copy.stat().st_mode) == 0o750
    assert measure_on_disk(source) < HOLE / 8


def test_a_file_without_holes_is_copied_as_it_is(tmp_path):
    (tmp_path / "a").write_bytes(os.urandom(1 << 20))
    copy_file(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == (tmp_path / "a").read_bytes()
    assert measure_on_disk(tmp_path / "a") == 1 << 20


def test_what_a_link_leads_to_is_copied(tmp_path):
    (tmp_path / "a").write_text("x")
    (tmp_path / "link").symlink_to("a")
    copy_file(tmp_path / "link", tmp_path / "b")
    assert not (tmp_path / "b").is_symlink()
    assert (tmp_path / "b").read_text() == "x"
