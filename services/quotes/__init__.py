"""The one calculator: pure functions from plain facts to dated lines. No database, no clock."""
