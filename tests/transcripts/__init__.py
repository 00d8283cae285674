"""Stories as conversations, in both languages, which an officer can read and approve."""
