"""RTSP 1.0 (RFC 2326) over one TCP connection with interleaved RTP, in our own words: no libav, no thread."""
