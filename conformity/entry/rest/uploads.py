"""Uploads: a multipart body that is written to disk while it arrives, and never leaves its folder."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import anyio.to_thread
from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from conformity.entry.rest.bodies import check_length, too_large
from conformity.entry.rest.parts import Parts, Upload, UploadLimits, broken

_BATCH = 256 * 1024


async def receive(request: Request, folder: Path, limits: UploadLimits, fixed: dict[str, str]) -> Upload:
    """Return what a multipart body holds, its files written below a folder as it arrives.

    Args:
        request: the request.
        folder: an empty folder.
        limits: how much is taken.
        fixed: what files of some fields are called, whatever name they came with.

    Raises:
        ProblemError: it is broken (400), too large (413), names a file in a way that is not allowed or
            twice (422), or the disk is full (507).
        ClientDisconnect: the client went away.
    """
    check_length(request, limits.total)
    parts = Parts(Upload(folder), limits, fixed)
    parser = _parser(request, parts)
    waiting, size = bytearray(), 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > limits.total:
                raise too_large(limits.total)
            waiting += chunk
            if len(waiting) >= _BATCH:
                await anyio.to_thread.run_sync(partial(_feed, parser, bytes(waiting)))
                waiting.clear()
        await anyio.to_thread.run_sync(partial(_feed, parser, bytes(waiting)))
    finally:
        parts.close()
    if not parts.ended:
        raise broken("it ends before its closing boundary")
    return parts.upload


def _parser(request: Request, parts: Parts) -> MultipartParser:
    """Return a parser that hands the parts of a body on.

    Raises:
        ProblemError: the header names no boundary (400).
    """
    _, options = parse_options_header(request.headers.get("content-type"))
    boundary = options.get(b"boundary", b"")
    if not 1 <= len(boundary) <= 70:
        raise broken("its Content-Type names no boundary of 1 to 70 characters")
    return MultipartParser(
        boundary,
        {
            "on_part_begin": parts.on_part_begin,
            "on_header_field": parts.on_header_field,
            "on_header_value": parts.on_header_value,
            "on_header_end": parts.on_header_end,
            "on_headers_finished": parts.on_headers_finished,
            "on_part_data": parts.on_part_data,
            "on_part_end": parts.on_part_end,
            "on_end": parts.on_end,
        },
    )


def _feed(parser: MultipartParser, data: bytes) -> None:
    """Give a parser more of a body.

    Raises:
        ProblemError: it is broken (400), or what a part raises.
    """
    try:
        if data:
            parser.write(data)
    except FormParserError as error:
        raise broken("it is not what its boundary says") from error
