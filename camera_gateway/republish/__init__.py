"""Pictures to partner units by RTSP: a named subset of cameras, with a login of the unit's own."""
