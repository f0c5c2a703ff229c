"""The SOP bot: knows who holds which case of an office, and since when."""
