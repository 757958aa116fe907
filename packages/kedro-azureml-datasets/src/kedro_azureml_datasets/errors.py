"""The root of the errors of all `kedro-azureml-*` packages."""

from typing import ClassVar, Literal

from kedro.io import DatasetError

Blame = Literal["user", "machine"]
"""Who must act on an error: the user, who has to change something; or the machine, which is this
computer, the network or Azure, where the same command may succeed later."""


class KedroAzureMLError(Exception):
    """The root of the errors that a user meets; each class of them states its `blame`.

    Args:
        message: What is wrong, and where.
        hint: What to write or to run instead; empty where the message says it all.

    Example:
        >>> error = KedroAzureMLError("Job 'train' not found.", hint="Did you mean 'training'?")
        >>> print(error)
        Job 'train' not found.
        Did you mean 'training'?
    """

    blame: ClassVar[Blame] = "user"
    """Who must act. The command line makes its exit code of it."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        self.message = message
        self.hint = hint
        super().__init__(message, hint)

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message

    def __reduce__(self) -> tuple[object, ...]:
        # Errors cross processes with ParallelRunner; a keyword-only argument does not by itself.
        return (_rebuild, (type(self), self.message, self.hint, vars(self)))


def _rebuild(
    kind: type[KedroAzureMLError], message: str, hint: str, facts: dict[str, object]
) -> KedroAzureMLError:
    error = kind.__new__(kind)
    Exception.__init__(error, message, hint)
    vars(error).update(facts)
    return error


class AzureMLDatasetError(KedroAzureMLError, DatasetError):
    """A catalog entry that is wrong, or data that is not where it should be.

    It is Kedro's `DatasetError` too, so that code which handles that one handles this one.
    """

    blame: ClassVar[Blame] = "user"
