"""From raw probe samples to what may be believed about the body: pure, standard library only.

Start at `sensors.picture.read`; the page that explains it is `sensors/README.md`.
"""
