"""一机一档: a camera's record."""
