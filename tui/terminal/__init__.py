"""The terminal as it is: it stalls, it goes away, it sends signals, and it must be left clean."""
