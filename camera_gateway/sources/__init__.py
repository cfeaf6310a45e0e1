"""Where pictures come from: a folder or a file a protocol, each a Source that runs until it fails."""
