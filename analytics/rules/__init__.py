"""Rules: conditions over looks, a file a kind. Pure: given a state and a look, they give a state and hits."""
