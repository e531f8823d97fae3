"""The billing clock: the coming days lived through on a copy of the data, by the very jobs that will do it for real."""
