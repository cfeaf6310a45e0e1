"""What changed, told to browsers at once by one connection each."""
