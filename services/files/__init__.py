"""Uploaded pictures: what may come in, how it is made anew, where it lies, and who may see it."""
