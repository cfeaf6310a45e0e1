"""Cameras that are not there: a real RTSP server playing a looped clip or a drawn scene, with faults on request."""
