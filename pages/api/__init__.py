"""Addresses for machines: health, webhooks, files."""
