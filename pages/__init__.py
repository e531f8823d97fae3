"""One module per place a person can be; the only modules that register routes."""
