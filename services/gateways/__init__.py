"""The outside world: payment gateway, mail, SMS, each behind a small port."""
