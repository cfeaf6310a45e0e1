"""The doctor: why a camera comes or does not, one verdict a check, each with what was found and what to do."""
