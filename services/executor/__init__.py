"""The hands: a process of its own, the only one that changes anything in an account.

It takes a confirmed plan from the journal, reads the world again, writes down what it is about to do, does it once,
finds out what came of it by reading, and judges a fresh window. It needs no terminal, no screen and no parent.
"""
