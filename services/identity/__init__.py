"""Who somebody is: sign-in, sessions, passwords, recovery, sealed fields."""
