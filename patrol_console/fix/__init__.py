"""The cure of cameras that are joined: ordered here, done by the gateway, kept in the camera's record."""
