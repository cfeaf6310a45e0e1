"""Detectors: pictures in, detections out; a file a way of finding, a file a family of networks."""
