"""What an auditor relies on: checking the logs of cases, and handing one out as a file."""
