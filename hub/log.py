"""Structured lines on standard error: one an event, JSON or text, with nothing secret in them.

`configure` is called once a process, before anything is logged; `get` may be called at import time. The standard
library's logging (aiohttp, uvicorn, redis …) goes the same way. Never writes to a file and never rotates: the
supervisor or systemd does. Any thread.
"""

from __future__ import annotations

import logging
import re
import sys
from collections import OrderedDict
from collections.abc import Mapping, MutableMapping
from typing import TextIO

# structlog takes in `rich` for pictures of traces that nobody here draws: a tenth of a second of every start.
_HAD_RICH = sys.modules.setdefault("rich", None) is not None  # type: ignore[arg-type]

import structlog  # noqa: E402

if not _HAD_RICH:
    del sys.modules["rich"]

from hub.clock import Clock  # noqa: E402
from hub.plain import plain  # noqa: E402
from hub.settings import LogSettings  # noqa: E402

_HIDDEN = "***"
_SECRET_KEY = re.compile(
    r"(pass(word|wd|phrase)?|secret|token|ticket|authorization|cookie|credential|sealed|master.?key|csrf)", re.I
)
_PLAIN_KEY = re.compile(r"(ticket|token)_(id|s)$|_(code|count)$", re.I)  # named so, yet no secret
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    # up to the last @ before white space or a quote: a password may hold @, : and /
    (re.compile(r"(?P<head>\b[a-z][a-z0-9+.-]*://)[^\s'\"<>]*@(?=[^\s@'\"<>])", re.I), r"\g<head>***@"),
    (
        re.compile(
            r"(?P<head>\b(?:www-authenticate|(?:proxy-)?authorization|(?:set-)?cookie)['\"]?\s*[:=]\s*).*", re.I
        ),
        r"\g<head>***",
    ),
    (re.compile(r"(?P<head>\b(?:bearer|basic)\s+)[\w.~+/=-]{6,}", re.I), r"\g<head>***"),
    (re.compile(r"(?P<head>\bdigest\s+\w+=).*", re.I), r"\g<head>***"),
    (
        re.compile(
            r"(?P<head>(?:ticket|passwd|password|pwd|passphrase|secret|token|csrf_token|auth)['\"]?\s*[=:]\s*)"
            r"(?P<value>\"[^\"]*\"|'[^']*'|[^\s&,;'\"}\]]+)",
            re.I,
        ),
        r"\g<head>***",
    ),
)
_DEEPEST = 6


def redact(text: str) -> str:
    """`text` without credentials in URLs, tickets, Authorization headers and `password=` values."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def redact_value(value: object, key: str = "", depth: int = 0) -> object:
    """The same for anything that is logged, however deep; what is unknown is shown by its redacted `str`."""
    if key and _SECRET_KEY.search(key) and not _PLAIN_KEY.search(key) and value is not None:
        return _HIDDEN
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return plain(redact(value))
    if isinstance(value, bytes | bytearray | memoryview):
        return f"<{len(value)} bytes>"
    if depth >= _DEEPEST:
        return "…"
    if isinstance(value, Mapping):
        return {plain(redact(str(k))): redact_value(v, str(k), depth + 1) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redact_value(item, key, depth + 1) for item in value]
    return plain(redact(str(value)))


def _redactor(_: object, __: str, event: MutableMapping[str, object]) -> MutableMapping[str, object]:
    for key in list(event):
        if not key.startswith("_"):
            event[key] = redact_value(event[key], key)
    return event


def configure(settings: LogSettings, service: str, stream: TextIO | None = None) -> None:
    """From now on this process logs as `service`, to `stream` (standard error). May be called again."""

    def named(_: object, __: str, event: MutableMapping[str, object]) -> MutableMapping[str, object]:
        event.setdefault("service", service)
        return event

    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        named,
    ]
    last: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if settings.format == "json"
        else structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0)
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.StackInfoRenderer(),
            structlog.processors.format_exc_info,
            _redactor,
            last,
        ],
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.level.upper())
    for noisy in ("asyncio", "aiohttp.access", "httpx", "httpcore", "uvicorn", "alembic"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def get(name: str) -> structlog.stdlib.BoundLogger:
    """The logger of one part, e.g. `camera_gateway.camera`; `logger.info("camera.opened", camera_id=…)`."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


class RepeatedErrors:
    """The same error over and over: the first at once, then a line each `every_s` at most, with its count.

    Errors are the same when event and `key` are. Knows `most` of them; the one longest unseen is forgotten.
    """

    def __init__(
        self, logger: structlog.stdlib.BoundLogger, clock: Clock, every_s: float = 1.0, most: int = 1000
    ) -> None:
        self._logger = logger
        self._clock = clock
        self._every_s = every_s
        self._most = most
        self._seen: OrderedDict[tuple[str, str], _Repeated] = OrderedDict()

    def error(self, event: str, key: str = "", **fields: object) -> None:
        """Log it, or count it."""
        now = self._clock.monotonic()
        seen = self._seen.get((event, key))
        if seen is None:
            self._seen[event, key] = _Repeated(now, fields)
            if len(self._seen) > self._most:
                self._write(*self._seen.popitem(last=False))
            self._logger.error(event, **fields)
            return
        self._seen.move_to_end((event, key))
        seen.count += 1
        seen.fields = fields
        if now - seen.logged_at >= self._every_s:
            self._write((event, key), seen)
            seen.logged_at = now

    def flush(self) -> None:
        """Write what was only counted so far."""
        for key, seen in self._seen.items():
            self._write(key, seen)

    def _write(self, key: tuple[str, str], seen: _Repeated) -> None:
        if seen.count:
            self._logger.error(key[0], **{**seen.fields, "repeated": seen.count})
            seen.count = 0


class _Repeated:
    __slots__ = ("count", "fields", "logged_at")

    def __init__(self, logged_at: float, fields: dict[str, object]) -> None:
        self.logged_at = logged_at
        self.fields = fields
        self.count = 0


# Until `configure` is called: warnings and worse, redacted, on standard error (standard output may be a program's).
structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        structlog.processors.format_exc_info,
        _redactor,
        structlog.processors.KeyValueRenderer(key_order=["event"]),
    ],
    wrapper_class=structlog.stdlib.BoundLogger,
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=False,
)
