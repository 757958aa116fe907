"""What fails in a module of cases is shown as in a test: with the values of the assertion."""

import pytest

pytest.register_assert_rewrite("error_cases")
