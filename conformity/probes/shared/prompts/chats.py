"""Read an exchange from a JSON object: plain fields, chat messages of several makers, or a GenAI span."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from conformity.probes.shared.prompts.records import Exchange, month, text_or_none

Json = Mapping[str, object]
"""A JSON object."""

ANSWERS = ("answer", "response", "completion", "output", "reply")
"""The fields in which an answer is looked for."""
TIMES = ("timestamp", "created_at", "time", "date", "created", "startTimeUnixNano", "start_time")
"""The fields in which the moment is looked for."""
SYSTEMS = ("system", "system_prompt")
"""The fields in which the operator's instructions are looked for."""

_ASKING = frozenset({"user", "human", "tool", "function"})
_ANSWERING = frozenset({"assistant", "gpt", "model", "ai", "bot"})
_RULING = frozenset({"system", "developer"})


def exchanges(row: Json, field: str) -> list[Exchange] | None:
    """Return the exchanges in a JSON object; None if it has none of the known forms.

    Args:
        row: the object.
        field: the key that holds the prompt, where it has plain fields.
    """
    if "resourceSpans" in row:
        return [one for span in _spans(row) for one in exchanges(span, field) or ()]
    attributes = row.get("attributes")
    if isinstance(attributes, Mapping | list):
        return [_from_span(row, _flat(attributes))]
    messages = row.get("messages", row.get("conversations"))
    if field not in row and isinstance(messages, list):
        return [_from_messages(row, messages)]
    if field not in row:
        return None
    if isinstance(row[field], list):
        return [_from_messages(row, cast("list[object]", row[field]))]
    return [
        Exchange(
            prompt=text_or_none(row[field]),
            answer=_answer(row),
            system=_first(row, SYSTEMS),
            period=_period(row),
        )
    ]


def _from_messages(row: Json, messages: Sequence[object]) -> Exchange:
    """Return the last question with all material that was handed in, and the answer to it."""
    said = [(_role(one), _content(one)) for one in messages if isinstance(one, Mapping)]
    asked = [text for role, text in said if role in _ASKING and text]
    ruled = [text for role, text in said if role in _RULING and text]
    answered = [text for role, text in said if role in _ANSWERING and text]
    ends = bool(said) and said[-1][0] in _ANSWERING
    return Exchange(
        prompt=text_or_none("\n\n".join(asked)),
        answer=_answer(row) or (answered[-1] if answered and ends else None),
        system=_first(row, SYSTEMS) or ("\n".join(ruled) or None),
        period=_period(row),
    )


def _role(message: Json) -> str:
    """Return who speaks."""
    return str(message.get("role", message.get("from", ""))).lower()


def _content(message: Json) -> str:
    """Return what is said: a text, or parts of which some are text, or results of tools."""
    return _text_of(message.get("content", message.get("value", message.get("parts"))))


def _text_of(content: object) -> str:
    """Return the text in a message's content; nested at most as deep as tool results are."""
    if isinstance(content, str):
        return content
    parts = []
    for part in content if isinstance(content, list) else ():
        if isinstance(part, str):
            parts.append(part)
        elif isinstance(part, Mapping):
            inner = part.get("text", part.get("content", part.get("response")))
            inner = (
                [x.get("text") for x in inner if isinstance(x, Mapping)]
                if isinstance(inner, list)
                else [inner]
            )
            parts += [text for text in inner if isinstance(text, str)]
    return "\n".join(parts)


def _answer(row: Json) -> str | None:
    """Return the answer where it is a field, or an object as interfaces return it."""
    for name in ANSWERS:
        value = row.get(name)
        if text := text_or_none(value):
            return text
        if isinstance(value, Mapping):
            return _of_object(value)
    return _of_object(row)


def _of_object(value: Json) -> str | None:
    """Return the answer in an object with ``choices`` or ``content``."""
    choices = value.get("choices")
    if isinstance(choices, list) and choices and isinstance(choices[0], Mapping):
        message = choices[0].get("message")
        return text_or_none(_content(message)) if isinstance(message, Mapping) else None
    return text_or_none(_text_of(value.get("content"))) if "content" in value else None


def _first(row: Json, names: Sequence[str]) -> str | None:
    """Return the first of some fields that holds text."""
    for name in names:
        value = row.get(name)
        if text := text_or_none(_text_of(value)):
            return text
    return None


def _period(row: Json) -> str | None:
    """Return the month in which it happened."""
    return next((found for name in TIMES if (found := month(row.get(name)))), None)


def _spans(row: Json) -> Iterator[Json]:
    """Yield the spans of an OTLP object."""
    for resource in _objects(row.get("resourceSpans")):
        for scope in _objects(resource.get("scopeSpans")):
            yield from _objects(scope.get("spans"))


def _objects(value: object) -> list[Json]:
    """Return the objects of a list; none if it is no list."""
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _flat(attributes: Json | list[object]) -> Json:
    """Return a span's attributes by name, as OTLP lists them or as exporters flatten them."""
    if isinstance(attributes, Mapping):
        return attributes
    found: dict[str, object] = {}
    for one in _objects(attributes):
        value = one.get("value")
        found[str(one.get("key"))] = next(iter(value.values()), None) if isinstance(value, Mapping) else value
    return found


def _from_span(span: Json, attributes: Json) -> Exchange:
    """Return the exchange of a GenAI span, by any of the conventions' versions.

    Source:
        OpenTelemetry semantic conventions for generative AI: ``gen_ai.input.messages``,
        ``gen_ai.output.messages``, ``gen_ai.system_instructions``; earlier ``gen_ai.prompt.N.content``.
    """
    asked = _listed(attributes.get("gen_ai.input.messages"))
    said = _listed(attributes.get("gen_ai.output.messages"))
    if not asked:
        asked, said = _numbered(attributes, "gen_ai.prompt"), _numbered(attributes, "gen_ai.completion")
    rules = _text_of(_listed(attributes.get("gen_ai.system_instructions")))
    found = _from_messages({}, [*asked, *said])
    return Exchange(found.prompt, found.answer, found.system or rules or None, _period(span))


def _listed(value: object) -> list[object]:
    """Return a list of messages, which may be JSON in a text."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return []
    return list(value) if isinstance(value, list) else []


def _numbered(attributes: Json, prefix: str) -> list[object]:
    """Return the messages that are spread over numbered attributes."""
    messages: list[object] = []
    while (content := attributes.get(f"{prefix}.{len(messages)}.content")) is not None:
        role = attributes.get(f"{prefix}.{len(messages)}.role", "user")
        messages.append({"role": role, "content": content})
    return messages
