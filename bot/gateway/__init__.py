"""Telegram I/O: intake of updates and delivery of the outbox."""
