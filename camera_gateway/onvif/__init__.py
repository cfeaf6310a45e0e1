"""ONVIF: finding devices, asking them what they are and encode, and telling where their streams are."""
