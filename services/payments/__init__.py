"""Paying by card: intents, the gateway, webhooks, the poller."""
