"""云台: turning a camera's head."""
