"""Cameras in, packets out: pulls each once, keeps its last GOP, serves live pictures; obeys tickets."""
