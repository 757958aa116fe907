"""A file of a folder that the storage refuses while the folder goes up ends the command."""

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
