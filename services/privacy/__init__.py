"""Personal data: what we hold, how it is sealed, how long it stays, and how a person gets or erases it."""
