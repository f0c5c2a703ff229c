"""What the bot says: from a notice (kind and ids) to a finished message."""
