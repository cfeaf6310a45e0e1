"""设备事件: what cameras report by themselves."""
