"""Frames in, alerts out: detect (stateless, any number) finds; judge (one, cheap) applies zones and rules."""
