"""Promises that tests all over the tree keep, each with the files and the tests that prove it.

The tests of `tests/faults` have a mark with their promise; those that prove one among much else are
named here. `nox -s faults` runs them and counts them beside the promise.
"""

from __future__ import annotations

PROMISES: dict[str, dict[str, tuple[str, ...]]] = {
    "a disk that is full is one message, and no file is half-written": {
        "tests/assets/test_interrupted_downloads.py": (
            "test_a_disk_without_room_is_reported_before_anything_comes",
            "test_a_disk_that_gets_full_is_reported_and_what_came_is_given_back",
            "test_a_disk_that_is_really_full_is_reported_and_the_next_run_heals_it",
        ),
        "packages/kedro-azureml-compiler/tests/test_odd_files.py": (
            "test_a_full_disk_is_named_with_what_helps",
        ),
        "packages/kedro-azureml-compiler/tests/test_fixing.py": (
            "test_files_that_were_replaced_come_back_if_a_later_one_cannot_be",
        ),
        "packages/kedro-azureml-cli/tests/test_result_stream.py": (
            "test_a_result_that_cannot_be_written_is_one_message",
        ),
    },
    "a project that cannot be written is one message": {
        "tests/assets/test_interrupted_downloads.py": (
            "test_a_place_that_cannot_be_written_is_named",
        ),
        "tests/bundles/test_messages.py": ("test_a_bundle_folder_that_cannot_be_written_is_named",),
        "packages/kedro-azureml-cli/tests/test_environment_images.py": (
            "test_where_one_file_cannot_be_written_none_is",
        ),
        "packages/kedro-azureml-cli/tests/test_run_pages.py": (
            "test_a_page_that_cannot_be_written_is_a_note",
        ),
    },
    "a killed command leaves nothing half-written, and a rerun works": {
        "tests/assets/test_processes.py": (
            (
                "test_whenever_processes_are_killed_the_version_is_whole_or_not_there_and_the_next_"
                "heals_it"
            ),
        ),
        "tests/jobs/test_replay_faults.py": (
            "test_a_kill_in_the_middle_of_the_download_leaves_nothing_half_and_the_rest_is_resumed",
        ),
        "tests/jobs/test_resuming_jobs.py": (
            "test_ctrl_c_and_kills_send_nothing_and_leave_nothing_in_the_way",
        ),
    },
    "a killed simulation leaves no step at work, and a rerun gives whole data": {
        "packages/kedro-azureml-simulator/tests/test_ending.py": (
            "test_a_simulator_that_is_killed_leaves_no_child_and_a_truthful_record",
            "test_a_keeper_that_is_killed_leaves_nothing_and_fails_the_run",
        ),
    },
    "two commands at once are each whole or one message, and the files are whole": {
        "tests/assets/test_processes.py": (
            "test_eight_processes_that_load_one_asset_together_download_it_once",
            "test_eight_threads_that_load_one_asset_together_download_it_once",
        ),
        "packages/kedro-azureml-cli/tests/test_known_components.py": (
            "test_two_processes_keep_what_each_has_learned",
        ),
        "packages/kedro-azureml-compiler/tests/test_fixing.py": (
            "test_nothing_is_written_if_a_file_has_changed_meanwhile",
        ),
    },
    "a bundle that was edited by hand is read, or refused in words": {
        "packages/kedro-azureml-compiler/tests/test_plan_reading.py": (
            "test_a_plan_that_was_changed_by_hand_has_a_page_or_is_none",
            "test_what_is_no_plan_is_none",
        ),
        "packages/kedro-azureml-simulator/tests/test_any_yaml.py": (
            "test_any_structure_is_a_plan_or_problems_in_words",
        ),
        "tests/jobs/test_replaying.py": (
            "test_code_that_no_bundle_here_has_is_downloaded_and_can_be_edited",
        ),
    },
    "a file that a command keeps for later, cut in half, costs time or is named": {
        "packages/kedro-azureml-cli/tests/test_known_components.py": (
            "test_a_record_that_cannot_be_read_is_empty_and_is_written_anew",
            "test_a_record_of_anything_else_is_empty_and_is_written_anew",
        ),
        "tests/assets/test_interrupted_downloads.py": (
            "test_what_an_earlier_attempt_left_is_not_taken_for_what_is_there_now",
        ),
    },
    "whatever a blob is called, its file is below the version's folder, or all is refused": {
        "tests/assets/test_download.py": (
            "test_a_name_that_cannot_be_a_file_below_the_version_is_refused_whole",
            "test_property_of_a_blobs_name_it_is_below_the_folder_or_refused",
        ),
    },
    "hostile names and values arrive as they are, and no shell, page or terminal obeys them": {
        "packages/kedro-azureml-runner/tests/test_invocation.py": (
            "test_every_invocation_survives_a_real_bash",
            "test_azure_finds_nothing_to_replace_in_a_quoted_text",
        ),
        "packages/kedro-azureml-runner/tests/test_promoted.py": (
            "test_hostile_values_arrive_exactly_in_each_shell",
            "test_a_value_that_ends_the_document_runs_nothing",
        ),
        "packages/kedro-azureml-runner/tests/test_sent_messages.py": (
            "test_hostile_names_and_causes_travel_as_text",
        ),
        "packages/kedro-azureml-compiler/tests/test_run_page.py": ("test_hostile_names_stay_text",),
    },
    "nothing in a log or a name changes a terminal": {
        "packages/kedro-azureml-simulator/tests/test_plain_text.py": (
            "test_what_a_terminal_would_obey_is_taken_out",
            "test_no_control_character_is_left_and_nothing_else_is_lost",
        ),
        "packages/kedro-azureml-cli/tests/test_tables.py": (
            "test_neither_markup_nor_control_characters_change_the_table",
        ),
    },
    "any YAML and any settings are read, or refused in words": {
        "packages/kedro-azureml-simulator/tests/test_any_yaml.py": (
            "test_a_file_that_yaml_itself_refuses_is_said_so",
            "test_bytes_that_are_not_utf_8_are_reported",
        ),
        "packages/kedro-azureml-compiler/tests/test_any_settings.py": (
            "test_any_change_is_a_message_in_words_or_a_job_that_is_examined",
            "test_any_change_of_the_file_itself_too",
            "test_a_file_that_does_not_hold_settings_is_reported_in_words",
        ),
    },
    "names that differ in case alone, or in a dot, stay apart in Azure ML": {
        "packages/kedro-azureml-compiler/tests/test_names.py": (
            "test_twins_stay_apart",
            "test_two_names_never_become_one",
        ),
    },
    "2,000 steps are submitted, followed and downloaded": {
        "tests/jobs/test_large_jobs.py": (
            "test_two_thousand_steps_are_submitted_followed_and_downloaded",
        ),
    },
    "10,000 partitions and 2 GiB arrive, and memory does not grow with them": {
        "tests/assets/test_large_downloads.py": (
            "test_two_gibibytes_take_the_memory_of_a_tenth",
            "test_ten_thousand_small_files_arrive",
        ),
    },
}
"""Promise to file to the names of tests in it."""
