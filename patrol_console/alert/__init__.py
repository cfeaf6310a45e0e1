"""Alerts: the queue, the verbs, the timeline."""
