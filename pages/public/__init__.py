"""What anybody may see: home, tariffs, constructor, application, tracker, contacts, legal."""
