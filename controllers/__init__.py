"""Session phases, set-point, regulator, limiter and lease: pure functions of explicit inputs, time
included.
"""
