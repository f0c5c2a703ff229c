"""The domain: pure rules of SOPs, cases, working time and reminders. No I/O, no clock."""
