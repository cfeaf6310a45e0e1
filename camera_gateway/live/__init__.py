"""Live pictures to browsers: passed through, never decoded."""
