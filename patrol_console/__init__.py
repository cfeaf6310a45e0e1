"""The only owner of the database and of the picture store: API, page, events."""
