"""Partner access: which unit pulls which cameras by RTSP."""
