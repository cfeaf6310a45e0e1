"""How this machine and the hub's processes are doing now, for those who look after it."""
