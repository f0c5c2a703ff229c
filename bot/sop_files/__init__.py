"""SOP definitions and calendars on disk: the one seam between Indonesian keys and English code."""
