"""A green check means a right job: where `check` has no error and no warning, `verify` is the same.

The projects are random. Their data lies in files, folders, databases and memory, behind classes of
their own, caches, appending entries and credentials; parts of their configuration stay behind. What
`check` says is not predicted, only held to.
"""

from collections import Counter

from hypothesis import HealthCheck, given, note
from random_storage import stored_projects
from small_projects import Bench
from stored_projects import IN_IMAGE, USED_BY_VERIFY, judge
from stress import FACTOR, examples, record_counts

CURE = "grouping: memory"
"""What a step names that is to pickle an object which reads its data later from a mount."""


def test_property_what_check_finds_green_gives_the_data_of_a_local_run(tmp_path):
    counts: Counter[str] = Counter()
    refused_for: Counter[str] = Counter()
    green_with: Counter[str] = Counter()

    with Bench(user=USED_BY_VERIFY, image=IN_IMAGE) as bench:
        # What is tried with every change is always the same; `nox -s stress` tries others.
        @examples(6, derandomize=FACTOR <= 1, suppress_health_check=list(HealthCheck))
        @given(stored_projects())
        def property_(project):
            folder = tmp_path / str(len(list(tmp_path.iterdir())))
            judgement = judge(bench, project, folder)
            note(f"{folder}\n{judgement.findings}\n{judgement.verification}")
            counts["projects"] += 1
            if judgement.reasons:
                refused_for.update(judgement.reasons)
                return
            counts["green"] += 1
            green_with.update(project.features)
            if project.hands_on and CURE in judgement.logs:
                counts["stopped"] += 1  # only the step can see what a node returns
                return
            assert judgement.same
            counts["same"] += 1

        property_()
    assert 2 * counts["green"] >= counts["projects"]
    assert counts["same"] + counts["stopped"] == counts["green"]
    record_counts(
        "greens",
        {"counts": counts, "refused for": refused_for, "green with": green_with},
    )
