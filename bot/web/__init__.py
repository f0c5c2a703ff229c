"""What the program serves over HTTP at LISTEN: the webhook's route, its health and its figures."""
