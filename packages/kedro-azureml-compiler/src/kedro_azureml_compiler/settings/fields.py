"""The types of values in `azureml.yml`, shared by its models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    GetJsonSchemaHandler,
    Tag,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticKnownError

if TYPE_CHECKING:
    from pydantic_core import CoreSchema

LARGEST_COUNT = 2**31 - 1
"""Azure ML counts with 32 bits."""


class Section(BaseModel):
    """A section of `azureml.yml`: unknown keys are refused, and it is immutable."""

    # The validator of the whole file is built when it is read, and no section needs one of its own:
    # so defaults are made by `model_construct`, which builds none.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class SectionWithType(Section):
    """A section that can be written as just its `type`."""

    @model_validator(mode="before")
    @classmethod
    def _type_alone(cls, value: Any) -> Any:
        return {"type": value} if isinstance(value, str) else value

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Add the short form, which pydantic cannot see in the validator."""
        section = handler.resolve_ref_schema(handler(core_schema))
        return {"anyOf": [dict(section["properties"]["type"]), section]}


def _kind(value: Any) -> str | None:
    if isinstance(value, str):
        return "text"
    if isinstance(value, (Mapping, BaseModel)):
        return "section"
    return "list" if isinstance(value, (list, tuple)) else None


# If a value may be of several kinds, its kind decides which of them is checked: the mistakes are
# then those of the kind that was meant, not of every possible one.
BY_KIND = Discriminator(_kind)
TEXT = Tag("text")
SECTION = Tag("section")
LIST = Tag("list")


def _nothing_if_null(value: Any) -> Any:
    return () if value is None else value


def _nothing_if_null_section(value: Any) -> Any:
    return {} if value is None else value


def _number_as_text(value: Any) -> Any:
    # YAML reads `OMP_NUM_THREADS: 4` as a number, but a variable is a string.
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return str(value) if is_number else value


def _no_boolean(value: Any) -> Any:
    if isinstance(value, bool):
        raise PydanticKnownError("int_type")
    return value


Name = Annotated[str, Field(min_length=1)]
"""A string that is not empty."""

Whole = Annotated[int, BeforeValidator(_no_boolean)]
"""An integer; not `true`, which pydantic takes for 1."""

# The limits stand first: pydantic leaves them out of the schema behind a validator.
Count = Annotated[int, Field(ge=1, le=LARGEST_COUNT), BeforeValidator(_no_boolean)]
"""A number of things, or of seconds."""

CountOrZero = Annotated[int, Field(ge=0, le=LARGEST_COUNT), BeforeValidator(_no_boolean)]
"""The same, or 0."""

_LIST_OR_NULL = [{"type": "array", "items": {"type": "string"}}, {"type": "null"}]

Texts = Annotated[
    tuple[str, ...],
    BeforeValidator(_nothing_if_null),
    WithJsonSchema({"anyOf": _LIST_OR_NULL}),
]
"""A list of strings; null is an empty one."""

_NUMBERS_OR_NULL = [{"type": "array", "items": {"type": "integer"}}, {"type": "null"}]

Numbers = Annotated[
    tuple[Whole, ...],
    BeforeValidator(_nothing_if_null),
    WithJsonSchema({"anyOf": _NUMBERS_OR_NULL}),
]
"""A list of integers; null is an empty one."""

AnySection = Annotated[
    dict[str, Any],
    BeforeValidator(_nothing_if_null_section),
    WithJsonSchema({"anyOf": [{"type": "object"}, {"type": "null"}]}),
]
"""A mapping with any content; null is an empty one."""

TextOrNumber = Annotated[
    str, BeforeValidator(_number_as_text), WithJsonSchema({"type": ["string", "number"]})
]
"""A string, for which a number may be written."""
