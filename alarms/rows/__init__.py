"""The alarm rows, by what they watch: the core, skin and air, times, heater and dome, ourselves."""
