"""The words of the runbook, an entry for each alarm row, by the families of `alarms/rows/`."""
