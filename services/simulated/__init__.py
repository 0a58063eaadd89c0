"""An EC2 Manager account on loopback: moto's server, a façade in front of it, and a world that lives on a clock.

Spoken to over AWS's own protocols only. Nothing imports it but the command that starts it and the tests.
"""
