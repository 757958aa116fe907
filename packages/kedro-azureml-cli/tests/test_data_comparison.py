"""Files and folders, byte by byte."""

from pathlib import Path

from kedro_azureml_cli.verification.data_comparison import have_same_bytes


def folder(root: Path, **files: bytes) -> Path:
    for name, content in files.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


def test_folders_are_the_same_where_all_their_files_are(tmp_path: Path):
    one = folder(tmp_path / "one", a=b"1", deep__b=b"2")
    assert have_same_bytes(one, folder(tmp_path / "same", deep__b=b"2", a=b"1"))
    assert not have_same_bytes(one, folder(tmp_path / "less", a=b"1"))
    assert not have_same_bytes(one, folder(tmp_path / "more", a=b"1", deep__b=b"2", c=b""))
    assert not have_same_bytes(one, folder(tmp_path / "moved", a=b"1", b=b"2"))
    assert not have_same_bytes(one, folder(tmp_path / "other", a=b"1", deep__b=b"3"))


def test_the_last_byte_of_a_large_file_counts(tmp_path: Path):
    content = bytes(3 * 1024 * 1024)
    one = folder(tmp_path / "one", x=content, y=content[:-1] + b"1", z=content + b"1")
    assert have_same_bytes(one / "x", folder(tmp_path / "other", x=content) / "x")
    assert not have_same_bytes(one / "x", one / "y")
    assert not have_same_bytes(one / "x", one / "z")


def test_what_is_not_there_is_never_the_same(tmp_path: Path):
    file = folder(tmp_path, x=b"1") / "x"
    assert not have_same_bytes(file, tmp_path / "gone")
    assert not have_same_bytes(tmp_path / "gone", tmp_path / "gone")
    assert not have_same_bytes(file, tmp_path)
