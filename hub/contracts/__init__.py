"""What crosses a border between processes: frozen, versioned models, a file a noun. Nothing else may cross."""
