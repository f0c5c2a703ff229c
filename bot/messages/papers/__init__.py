"""What pictures and documents show: from the store, or a definition, to the JSON of a paper."""
