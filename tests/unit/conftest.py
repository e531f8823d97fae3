"""Fixtures of the unit tests that more than one module uses."""

from tests.authz.built import built, world  # noqa: F401 - fixtures
