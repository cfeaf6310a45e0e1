"""Cameras: what they are, how they do, who may look."""
