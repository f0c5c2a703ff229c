"""The local demo: a Bot API server on this machine and what is needed to play every official."""
