"""What stood in cameras before a run of `probe camera fix` changed them: one file a run, to put it back by.

Lines of JSON, readable by its owner alone, without any password; each line is on the disk before its change is made, so
that a run that is killed anywhere leaves enough behind. Never overwrites a file. One thread.
"""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from hub.contracts.cure import UndoStep
from hub.errors import ErrorKind, HubError

_FORMAT: Final = "probe camera fix"
_LARGEST_BYTES: Final = 64_000_000


class _Head(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")
    undo_of: str
    version: int
    at: str


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")
    address: str
    step: UndoStep


class UndoFile:
    """Made with its first line: a run that changes nothing leaves none."""

    def __init__(self, path: Path, begun: datetime) -> None:
        self.path = path
        self._begun = begun
        self._file: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._file is not None:
            os.close(self._file)

    @property
    def written(self) -> bool:
        """Whether there is anything to undo."""
        return self._file is not None

    def append(self, address: str, step: UndoStep) -> None:
        """On the disk when it returns. Raises HubError INVALID `cure.undo_cannot_write`, `cure.undo_exists`."""
        try:
            if self._file is None:
                self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
                self._write(_Head(undo_of=_FORMAT, version=1, at=self._begun.isoformat()))
                _sync_folder(self.path.parent)
            self._write(_Line(address=address, step=step))
        except FileExistsError as error:
            raise HubError(ErrorKind.INVALID, "cure.undo_exists", file=str(self.path)) from error
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise HubError(ErrorKind.INVALID, "cure.undo_cannot_write", file=str(self.path), why=why) from error

    def _write(self, line: BaseModel) -> None:
        if self._file is None:
            return
        left = line.model_dump_json().encode() + b"\n"
        while left:
            left = left[os.write(self._file, left) :]
        os.fsync(self._file)


def usual_path(now: datetime) -> Path:
    """In the folder where the command runs."""
    return Path(f"probe-fix-{now.astimezone():%Y%m%d-%H%M%S}.undo.jsonl")


def read(path: Path) -> dict[str, list[UndoStep]]:
    """The steps of each address, in the order in which they were made.

    A last line without its end was cut off before its change was made, and counts for nothing. Raises HubError INVALID
    `cure.undo_unreadable`, `cure.undo_empty`.
    """
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise HubError(ErrorKind.INVALID, "cure.undo_unreadable", file=str(path), why="size")
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise HubError(ErrorKind.INVALID, "cure.undo_unreadable", file=str(path), why=why) from error
    found: dict[str, list[UndoStep]] = {}
    for number, text in enumerate(lines[:-1], 1):
        try:
            if number == 1:
                if _Head.model_validate(json.loads(text)).undo_of != _FORMAT:
                    raise ValueError("another program's")
                continue
            line = _Line.model_validate(json.loads(text))
        except (ValueError, ValidationError, RecursionError) as error:
            code = "cure.undo_not_ours" if number == 1 else "cure.undo_damaged"
            raise HubError(ErrorKind.INVALID, code, file=str(path), line=number) from error
        found.setdefault(line.address, []).append(line.step)
    if not found:
        raise HubError(ErrorKind.INVALID, "cure.undo_empty", file=str(path))
    return found


def _sync_folder(folder: Path) -> None:
    """The name is on the disk too; Windows has no such and needs none."""
    if os.name == "nt":
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
