"""Many cameras from a file, and into one."""
