"""What is on the network and not yet ours."""
