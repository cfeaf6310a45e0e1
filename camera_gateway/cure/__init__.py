"""The cure: a camera's substream and its clock are set by ONVIF, checked, and put back where that did not do."""
