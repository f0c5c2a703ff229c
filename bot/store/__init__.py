"""The store: tables, the mapping to the domain, and the thread that transactions run on."""
