"""A house connected to the real sandbox, its clock stopped."""

from tests.bank import bank, clock, erip, one_tls_context, shop, signing_key, site, stopped_clock, world  # noqa: F401
