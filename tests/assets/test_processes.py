"""Processes that are killed and processes that compete: the store is whole or empty.

`nox -s stress` does the same many times more.
"""

import hashlib
import os
import random
import shutil
import time

import pytest
from azure_loopback.processes import until
from stress import FACTOR

PINNED = {"azureml_version": "1"}
KILLS = round(5 * FACTOR)
CONTENT = {f"{number % 3}/{number}.bin": os.urandom(20_000) for number in range(30)}
CONTENT |= {"p.txt": b"p", "large.bin": os.urandom(3_000_000)}


def digests(folder) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


WHOLE = {name: hashlib.sha256(content).hexdigest() for name, content in CONTENT.items()}


@pytest.fixture
def slow(azure):
    """An asset that takes a good second to come."""
    azure.register("penguins", "1", CONTENT)
    azure.proxy.delay_s = 0.003
    return azure


def whole_or_empty(version) -> bool:
    there = version.exists()
    if there:
        assert digests(version) == WHOLE
    return there


def test_whenever_processes_are_killed_the_version_is_whole_or_not_there_and_the_next_heals_it(
    slow, shop, record_property
):
    chance = random.Random(KILLS)
    version = shop.folder / "data/penguins/1"
    counts = {"killed before it was whole": 0, "killed after": 0, "left something half": 0}
    assert shop.load(**PINNED).returncode == 0
    shutil.rmtree(version)
    started = time.monotonic()
    assert shop.load(**PINNED).returncode == 0
    once_s = time.monotonic() - started
    for kill in range(KILLS):
        shutil.rmtree(version)
        competing = [shop.start_load(**PINNED) for _ in range(2)]
        time.sleep(chance.uniform(0, once_s))
        both = chance.random() < 0.7
        for running in competing if both else competing[:1]:
            running.kill()
        ends = [running.wait() for running in competing]
        if not both:
            assert ends[1].returncode == 0, ends[1].output
        there = whole_or_empty(version)
        counts["killed after" if there else "killed before it was whole"] += 1
        counts["left something half"] += (version.parent / ".1.part/data").exists()
        healed = shop.load(**PINNED)
        assert healed.returncode == 0, (kill, healed.output)
        assert whole_or_empty(version)
        assert not (version.parent / ".1.part").exists() or there
    record_property("kills", counts)
    print(KILLS, "kills:", counts, f"(one download: {once_s:.1f} s)")


def test_eight_processes_that_load_one_asset_together_download_it_once(slow, shop):
    running = [shop.start_load(**PINNED) for _ in range(8)]
    ends = [one.wait() for one in running]
    assert [end.output.splitlines()[-1] for end in ends] == ["loaded p"] * 8
    assert digests(shop.folder / "data/penguins/1") == WHOLE
    assert (
        sum("downloading" in end.output for end in ends)
        - sum("Another process is downloading" in end.output for end in ends)
        == 1
    )
    small = [name for name in slow.azurite.blob_reads() if slow.container_name in name]
    assert sorted({*small}) == sorted(
        f"/{slow.container_name}/penguins/1/{name}" for name in CONTENT
    )
    assert len([name for name in small if not name.endswith("large.bin")]) == len(CONTENT) - 1


def test_eight_threads_that_load_one_asset_together_download_it_once(slow, shop):
    output = shop.with_catalog("""
        from concurrent.futures import ThreadPoolExecutor
        dataset = catalog["penguins"]
        with ThreadPoolExecutor(8) as pool:
            print(list(pool.map(lambda _: dataset.load(), range(8))))
        """)
    assert str(["p"] * 8) in output
    assert output.count("INFO Data asset 'penguins', version '1': downloading") == 1


def test_a_process_that_waits_for_another_one_that_is_killed_goes_on_in_its_place(slow, shop):
    slow.proxy.stalls["*.blob.core.windows.net"] = 400_000  # the first never gets large.bin
    first = shop.start_load(**PINNED)
    until(lambda: list(shop.folder.glob("data/penguins/.1.part/*.tmp")))
    second = shop.start_load(**PINNED)
    until(lambda: "Another process is downloading" in second.said())
    slow.proxy.stalls.clear()
    first.kill()
    assert first.wait().returncode < 0
    end = second.wait()
    assert end.output.splitlines()[-1] == "loaded p"
    assert digests(shop.folder / "data/penguins/1") == WHOLE
