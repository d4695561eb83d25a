"""The deterministic campaign: random faults on the shipped code, judged by ground truth.

Read CAMPAIGN.md beside this folder first.
"""
