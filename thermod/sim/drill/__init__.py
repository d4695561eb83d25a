"""Faults on real processes, and how soon heat goes off: ../DRILL.md."""
