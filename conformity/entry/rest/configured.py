"""Read a file in which whoever runs the server says how: YAML or JSON, checked field by field."""

from __future__ import annotations

from pathlib import Path
from typing import Final, TypeVar

from conformity.errors import InputError, PathError
from conformity.model.base import Value

_MAX_BYTES: Final = 1_000_000
_Shape = TypeVar("_Shape", bound=Value)


def read_configured(file: Path, shape: type[_Shape]) -> _Shape:
    """Return what a file says.

    Args:
        file: YAML without anchors and tags, or JSON.
        shape: what it must hold.

    Raises:
        PathError: it is not there or cannot be read.
        InputError: it does not hold that; the message names the field and repeats nothing of the file.
    """
    from pydantic import ValidationError

    from conformity.intake.yaml_text import YamlProblemError, dotted, parse

    try:
        with file.open("rb") as stream:
            content = stream.read(_MAX_BYTES)
    except OSError as error:
        raise PathError(f"{file} could not be read ({error.strerror}); correct its path or owner.") from error
    try:
        return shape.model_validate(parse(content.decode()).data)
    except UnicodeDecodeError as error:
        raise InputError(f"{file} is not UTF-8; save it as such.") from error
    except YamlProblemError as error:
        raise InputError(f"{file}, line {error.line}: {error.text}.") from error
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = dotted(tuple(first["loc"])) or "the file"
        raise InputError(f"{file}: {where}: {first['msg'].removeprefix('Value error, ')}.") from error
