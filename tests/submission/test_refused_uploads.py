"""What becomes of a folder of which one file does not go up, or goes up unnoticed."""

import pytest
from sent_project import SentProject


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("run", "-j", "all"), "The job 'all' was not submitted."),
        (("assets", "push", "penguins", "--yes"), "Error: "),
    ],
    ids=["run", "assets push"],
)
@pytest.mark.parametrize("kind", [401, 403])
def test_a_file_that_the_storage_refuses_is_one_message_and_nothing_is_sent(
    shop, azure, kind, words, told
):
    farm = SentProject(shop, azure)
    for name in ("p.txt", "q.txt", "r.txt"):
        farm.shop.write(f"data/penguins/local/{name}", name)
    before = set(azure.control.resources)
    with azure.storage_gate() as gate:
        gate.faults.add(kind, "PUT .*", number=2)
        done = farm.start(*words).wait()
        assert done.returncode == 1, done.output
        assert told in done.output
        assert "Traceback" not in done.output
        assert "Uploading" not in done.output
        assert farm.jobs.bodies == {}
        assert not [p for p in set(azure.control.resources) - before if "/data/" in p]
        again = farm.start(*words).wait()
    assert again.returncode == 0, again.output
    assert "Uploading" not in again.output


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("words", [("run", "-j", "all"), ("assets", "push", "penguins", "--yes")])
def test_a_file_whose_answer_is_lost_goes_up_all_the_same(shop, azure, words, number):
    farm = SentProject(shop, azure)
    for name in ("p.txt", "q.txt", "r.txt"):
        farm.shop.write(f"data/penguins/local/{name}", name)
    with azure.storage_gate() as gate:
        gate.faults.add("lost", "PUT .*", number=number)
        done = farm.start(*words).wait()
    assert done.returncode == 0, done.output


def test_what_a_push_that_broke_off_has_left_does_not_stop_the_next(shop, azure):
    farm = SentProject(shop, azure)
    for name in ("p.txt", "q.txt", "r.txt"):
        farm.shop.write(f"data/penguins/local/{name}", name)
    words = ("assets", "push", "penguins", "--yes")
    with azure.storage_gate() as gate:  # the file that the SDK looks for does not go up
        gate.faults.add(403, "PUT .*/p.txt")
        assert farm.start(*words).wait().returncode == 1
    done = farm.start(*words).wait()
    assert done.returncode == 0, done.output
    assert "Registered version 8" in done.output
