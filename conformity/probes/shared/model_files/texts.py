"""Examine text inside and beside models: settings, chat templates, Python code, XML."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING, BinaryIO

from conformity.probes.shared.model_files.allowlist import words
from conformity.probes.shared.model_files.findings import Findings, shown, size_of
from conformity.probes.shared.model_files.keras import KERAS_KEYS, examine_keras, looks_like_keras
from conformity.probes.shared.model_files.templates import computed_part, forbidden_part

if TYPE_CHECKING:
    from pydantic_core import SchemaValidator

TEXTS = tuple(
    words(
        """
        .bpe .cfg .csv .gitattributes .gitignore .ini .jinja .jinja2 .json .jsonl .log .md .merges .pbtxt .rst
        .sha256 .sig .template .toml .tsv .txt .vocab .yaml .yml license readme
        """
    )
)
"""How the names of files end that hold text."""

_LONGEST = 32 * 1024**2
_ESCAPES = re.compile(
    r"__(?:class|mro|subclasses|globals|builtins|init|import|bases?|dict|getattribute|code|self|reduce)\w*__"
    r"|\|\s*attr\s*\(|\[\s*['\"]_{2}|\b(?:lipsum|cycler|joiner)\b\s*[.\[|]|\bpopen\b|\bos\s*\.\s*\w+\s*\("
    r"|\bsubprocess\b|\b(?:eval|exec|getattr|setattr|compile|open)\s*\(|\bgetattr\b"
    r"|\\x5f|\\u005f|\bconfig\s*\.\s*items\b|\brequest\s*\.\s*application\b|\bself\s*\.\s*_",
    re.IGNORECASE,
)
_FETCHES = re.compile(r"\{%-?\s*(?:include|import|from|extends)\b")
_YAML_OBJECTS = re.compile(
    r"!!python/|tag:yaml\.org,2002:python|!python/|![^\s'\"]*%[0-9A-Fa-f]{2}|^%TAG\b", re.MULTILINE
)
_GRAPH_RUNS = re.compile(
    r"\bop\s*:\s*[\"'](?:EagerPyFunc|LoadLibrary|PyFunc|PyFuncStateless|ReadFile|ShellExecute|WriteFile)[\"']"
)
_SERVES_PYTHON = re.compile(r"\bbackend\s*:\s*[\"']python[\"']")
_YAML_TARGETS = re.compile(r"^\s*[\"']?_target_[\"']?\s*:", re.MULTILINE)
_QUOTED = re.compile(r'"([^"]*)"')
_CODE = ("auto_map", "custom_pipelines")
_LOOKED_AT = frozenset((*_CODE, "trust_remote_code", "_target_", "chat_template", *KERAS_KEYS))
"""Keys whose values are looked at, wherever they stand."""
_DECLARED = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def examine_text(file: BinaryIO, name: str, into: Findings) -> None:
    """Look at a text: JSON by its values, everything else by its words."""
    if size_of(file) > _LONGEST:
        into.problem(f"{name} is a text of more than {_LONGEST} bytes")
        return
    content = file.read()
    if b"\0" in content:
        into.problem(f"{name} is called a text but holds bytes that no text has")
        return
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        into.problem(f"{name} is called a text but is not UTF-8")
        return
    if name.rstrip("'").endswith((".jinja", ".jinja2", ".template")):
        examine_template(text, name, into)
    elif text.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
        _json(text, name, into)
    elif _YAML_OBJECTS.search(text):
        into.flag("dangerous", f"{name} makes Python objects when it is read")
    elif _GRAPH_RUNS.search(text):
        into.flag("dangerous", f"{name} has an operator that reaches files or runs code")
    elif _SERVES_PYTHON.search(text):
        into.flag("review", f"{name} has its model served by code in Python")
    elif _YAML_TARGETS.search(text):
        into.flag("review", f"{name} names code to be called, in `_target_`")


def _json(text: str, name: str, into: Findings) -> None:
    """Look at settings in JSON: at every key and value of every object, also where a key stands twice."""
    pairs: list[tuple[str, object]] = []

    def taken(found: list[tuple[str, object]]) -> dict[str, object]:
        """Keep the keys and values of one object; lists of numbers are never gone through."""
        pairs.extend(found)
        return dict(found)

    text = text.lstrip("\ufeff")
    if holds_no_settings(text):
        return
    try:
        data = json.loads(text, object_pairs_hook=taken)
    except (ValueError, RecursionError):
        if not name.rstrip("'").endswith(".jsonl"):
            into.problem(f"{name} cannot be read as JSON")
        return
    if looks_like_keras(data):
        examine_keras(data, name, into)
    for key, value in pairs:
        _setting(key, value, name, into)


def _setting(key: str, value: object, name: str, into: Findings) -> None:
    """Look at one setting: whether it makes a reader run code."""
    if key in _CODE and value:
        into.flag("review", f"{name} names code to be loaded with the model, in `{key}`")
    elif key == "trust_remote_code" and value:
        into.flag("review", f"{name} asks its reader to run code from elsewhere, in `{key}`")
    elif key == "_target_":
        into.flag("review", f"{name} names code to be called, in `_target_`")
    elif key == "chat_template":
        _templates(value, name, into)


def holds_no_settings(text: str) -> bool:
    """Tell whether a text is sound JSON without any text in it that stands for settings that are looked at.

    A reader that makes no values of it is several times as fast. Where it is in doubt it says no.

    Args:
        text: an object in JSON.
    """
    # Without escapes a text in JSON is what stands between two quotes.
    if "\\" in text or not _LOOKED_AT.isdisjoint(_QUOTED.findall(text)):
        return False
    try:
        _sound().validate_json(text)
    except ValueError:
        return False
    return True


@cache
def _sound() -> SchemaValidator:
    """Return a reader that takes any object and keeps nothing of it."""
    from pydantic_core import SchemaValidator, core_schema

    return SchemaValidator(core_schema.typed_dict_schema({}, extra_behavior="ignore"))


def _templates(value: object, name: str, into: Findings) -> None:
    """Look at one chat template, or at several in a list."""
    for one in value if isinstance(value, list) else [value]:
        text = one.get("template") if isinstance(one, dict) else one
        if isinstance(text, str):
            examine_template(text, name, into)


def examine_template(text: str, name: str, into: Findings) -> None:
    """Look for ways out of a template: what reaches Python's insides, or other files."""
    found = _ESCAPES.search(text)
    way_out = shown(found.group()) if found else forbidden_part(text)
    if way_out:
        into.flag("dangerous", f"{name} has a template that reaches out of its bounds: {way_out}")
    elif _FETCHES.search(text):
        into.flag("review", f"{name} has a template that takes in other files")
    elif computed := computed_part(text):
        into.flag("review", f"{name} has a template that {computed}")


def examine_xml(file: BinaryIO, name: str, into: Findings) -> None:
    """Look at a model in XML: what it declares can make its reader fetch files; PMML alone is known."""
    if size_of(file) > _LONGEST:
        into.problem(f"{name} is a text of more than {_LONGEST} bytes")
        return
    content = file.read().replace(b"\0", b"")
    if _DECLARED.search(content):
        into.flag("dangerous", f"{name} declares a document type, by which its reader may fetch files")
    elif b"<PMML" not in content[:10_000]:
        into.problem(f"{name} is XML of a kind that is not examined")
