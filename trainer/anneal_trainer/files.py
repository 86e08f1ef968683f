"""Files that are whole or not there, and JSON Lines."""

import json
import math
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse


def path_of(uri: str) -> Path:
    """The path behind a ``file://`` URI; a plain path stands for itself."""
    return Path(unquote(urlparse(uri).path)) if uri.startswith("file:") else Path(uri)


def write_whole(path: Path, text: str) -> None:
    """Write under another name, sync and rename, so that a reader or a kill never sees half a file."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    with partial.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    partial.replace(path)


def write_json(path: Path, value: Any) -> None:
    """Write one JSON document, whole; NaN is an error, as no reader of ours takes it."""
    write_whole(path, json.dumps(value, ensure_ascii=False, allow_nan=False) + "\n")


def read_json(path: Path) -> Any:
    """Read one JSON document.

    Raises ``OSError`` or ``ValueError``.
    """
    return json.loads(path.read_text(encoding="utf-8"))


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """The line numbers and texts of the lines that hold something."""
    with path.open(encoding="utf-8") as stream:
        for number, line in enumerate(stream, 1):
            if line.strip():
                yield number, line


def read_objects(path: Path, fields: Mapping[str, type | tuple[type, ...]]) -> Iterator[dict[str, Any]]:
    """The JSON objects of a file of lines, of those that have these fields, of these types; numbers must be finite.

    Any other line is passed over: a full disk or a power cut left it, and what it was can't be told any more.
    """
    with path.open(encoding="utf-8-sig", errors="replace") as stream:
        for line in stream:
            try:
                value = json.loads(line)
            except ValueError:
                continue
            if isinstance(value, dict) and all(_is(value.get(name), kind) for name, kind in fields.items()):
                yield value


def _is(value: Any, kind: type | tuple[type, ...]) -> bool:
    return isinstance(value, kind) and not (isinstance(value, float) and not math.isfinite(value))


def trim_last_line(path: Path) -> bool:
    """Cut off a last line that a kill left half-written; true when there was one."""
    if not path.exists():
        return False
    with path.open("r+b") as stream:
        content = stream.read()
        end = content.rfind(b"\n") + 1
        if end == len(content):
            return False
        stream.truncate(end)
        os.fsync(stream.fileno())
    return True
