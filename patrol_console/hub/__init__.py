"""What the page must know of this hub before it draws anything."""
