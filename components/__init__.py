"""Reusable pieces of screen: they draw what they are given and report by callback."""
