"""The door: sign in, recovery, first sign-in, role switch."""
