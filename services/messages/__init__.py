"""What is said to people: chat, the outbox of letters and SMS, legal texts."""
