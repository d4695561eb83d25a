"""Alarms as rows with one small engine, limits as data, thermal dose: pure functions of explicit
inputs, time included.
"""
