"""A second application in the account, unlike the EC2 Manager: an HTTP API, many functions, tables with indexes, two
clients, neither content nor CDN nor alarms. It lives in a region of its own, so that nothing of it can be mistaken for
the EC2 Manager's, and shares with it the clock, the seed and the façade.

Its minutes are pure in (seed, what, minute) like those of the world, and much cheaper: hundreds of functions can be
asked for.
"""
