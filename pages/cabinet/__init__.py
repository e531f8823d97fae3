"""The subscriber's cabinet."""
