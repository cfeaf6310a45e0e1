"""What text from outside may hold. PostgreSQL refuses NUL; a line break forges a line of a list, a protocol or a log;
a character that turns the direction of writing makes a name read as another (Unicode UTS 55, "Trojan Source").
"""

_TURNING = r"\u{202a}-\u{202e}\u{2066}-\u{2069}"

ONE_LINE = rf"^[^\x00-\x1f\x7f-\x9f\u{{2028}}\u{{2029}}{_TURNING}]*$"
"""A pattern for pydantic (Rust's syntax): a name, a place, a reference."""

SEVERAL_LINES = rf"^[^\x00-\x08\x0b-\x1f\x7f-\x9f{_TURNING}]*$"
"""The same, but tabs and line ends pass: a reason that somebody wrote."""

TAG = rf"^[^\x00-\x1f\x7f-\x9f\u{{2028}}\u{{2029}}{_TURNING},;|\"'\\\\，、；]+$"
"""A word that people give a camera: what parts a list of them stands in none, nor what JSON would write otherwise."""

ID = r"^[\w-]{1,64}$"
"""What an id may look like; whether it is one is the database's question."""
