"""The wall (视频墙): layouts that people saved, screens that they fill from the desk."""
