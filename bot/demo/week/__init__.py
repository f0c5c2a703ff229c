"""``demo --auto --skenario pekan``: a scripted week of one office, told once for each person."""
