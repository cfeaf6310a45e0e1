"""What text from outside may hold: PostgreSQL refuses NUL, and no name needs a control character."""

NO_CONTROL = r"^[^\x00-\x08\x0b-\x1f\x7f]*$"
"""A pattern for pydantic: tabs and line ends pass, other control characters do not."""
