"""Live pictures by WebRTC (WHEP): one UDP port for all viewers, packets made once a camera."""
