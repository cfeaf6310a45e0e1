"""The TLS of `rtsps://`: what we demand of a camera's certificate. Made once for all cameras of a gateway.

Cameras make their certificates themselves, for a name of their own, and seldom anew: one that no authority signed is
the rule, so by default the line is encrypted and the camera not proven. `gateway.rtsps_verify` demands the proof.
"""

from __future__ import annotations

import ssl


def context(*, verify: bool) -> ssl.SSLContext:
    """For clients; with `verify` the certificate must be valid for the camera's host name and known to this machine."""
    made = ssl.create_default_context()
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    if not verify:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
        made.set_ciphers("DEFAULT:@SECLEVEL=1")  # keys of 1,024 bits and SHA-1 are what old cameras have
    return made
