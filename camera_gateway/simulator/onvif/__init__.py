"""The ONVIF face of simulated cameras: device, Media, Media2, PTZ, events, WS-Discovery; written from the standard."""
