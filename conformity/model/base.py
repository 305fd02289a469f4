"""What every value here has in common: frozen, exact, and the same bytes every time."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, NewType

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, StringConstraints

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler
    from pydantic_core import CoreSchema


class Value(BaseModel):
    """An immutable record: no extra fields, no NaN or infinity, times in UTC."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        validate_default=True,
    )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Return the JSON schema, in which the text below a field is its description.

        The library could read these texts when it makes the class: that takes a third of the time that every
        process needs to start, and only schemas need them.
        """
        from conformity.model.field_texts import field_texts

        schema = handler(core_schema)
        properties, texts = handler.resolve_ref_schema(schema).get("properties", {}), field_texts(cls)
        for name, field in cls.model_fields.items():
            shown = properties.get(field.alias or name)
            if shown is not None and field.description is None and name in texts:
                shown["description"] = texts[name]
        return schema


def _to_utc(moment: datetime) -> datetime:
    """Return ``moment`` in UTC, without fractions of a second."""
    return moment.astimezone(UTC).replace(microsecond=0)


Instant = Annotated[AwareDatetime, AfterValidator(_to_utc)]
"""A point in time, always with a zone; kept in UTC to the second."""

Depth = Literal["standard", "full"]
"""How much is measured: what takes seconds, or everything."""

Slug = StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")
"""The form of names given by people: lower case letters, digits, dot, dash, underscore."""

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
"""A non-empty sentence or title."""

Prose = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]
"""A non-empty text of any number of paragraphs."""

Sha256 = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
"""A SHA-256 digest, written with its algorithm."""

SubjectId = NewType("SubjectId", str)
ExhibitId = NewType("ExhibitId", str)
CriterionId = NewType("CriterionId", str)
SignOffId = NewType("SignOffId", str)
RequirementId = NewType("RequirementId", str)
ConditionId = NewType("ConditionId", str)
QuestionId = NewType("QuestionId", str)
ProbeId = NewType("ProbeId", str)
MetricId = NewType("MetricId", str)
StepId = NewType("StepId", str)
EvidenceId = NewType("EvidenceId", str)
NonConformityId = NewType("NonConformityId", str)


def canonical_json(value: BaseModel | Any) -> bytes:
    """Return the one JSON encoding of ``value`` that RFC 8785 allows, as UTF-8 bytes.

    Args:
        value: a model, or plain data made of dicts, lists, strings, numbers, booleans and None.

    Raises:
        rfc8785.CanonicalizationError: an integer beyond 2**53 or a float that is not finite.

    Source:
        RFC 8785, JSON Canonicalization Scheme.
    """
    import rfc8785

    plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    return rfc8785.dumps(plain)


def sha256_of(content: bytes) -> str:
    """Return the SHA-256 digest of ``content`` in the form ``sha256:<64 hex digits>``."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def digest_of(value: BaseModel | Any) -> str:
    """Return the SHA-256 digest of the canonical JSON of ``value``."""
    return sha256_of(canonical_json(value))
