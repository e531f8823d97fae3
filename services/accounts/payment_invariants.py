"""Invariants of the books that compare them with the gateway's register and with the outbox (see invariants.py)."""

from collections.abc import Iterator
from datetime import timedelta

from models.base import raw_rows
from services.clock import now
from services.gateways.bepaid import BePaid
from services.gateways.webpay import WebPay

LATE = timedelta(days=1)
"""A letter that is due for so long will not leave by itself: nobody sends."""
FROM_GATEWAYS = (f'pay:{BePaid.name}:%', f'pay:{WebPay.name}:%', 'pay:erip:%')
"""What keys of operations are like that a payment of the gateway's register is behind."""
PAID = "('succeeded', 'partially_refunded', 'refunded')"
UNCREDITED = "EXISTS (SELECT 1 FROM refund u WHERE u.payment_id = p.id AND u.is_uncredited AND u.state = 'done')"
"""Money that went back out of quarantine never was on a wallet."""


def payments() -> Iterator[str]:
    """I5: a payment has succeeded if and only if an operation booked it; nobody gets back more than he paid."""
    unbooked = f"""SELECT p.id, p.amount, o.id FROM payment p
        LEFT JOIN operation o ON o.key = 'pay:' || p.gateway || ':' || p.gateway_uid AND o.contract_id = p.contract_id
        WHERE p.state IN {PAID} AND NOT {UNCREDITED} AND (o.id IS NULL OR p.amount <>
            (SELECT MAX(e.amount) FROM entry e WHERE e.operation_id = o.id)) ORDER BY p.id"""  # noqa: S608 - our own words
    for payment_id, amount, operation_id in raw_rows(unbooked):
        why = f'operation {operation_id} booked another sum' if operation_id else 'no operation booked it'
        yield f'payment {payment_id} of {amount} has succeeded, but {why}'
    # A page may be paid twice, by two cards: then the second operation has the payment's sum, but a uid of its own.
    unpaid = f"""SELECT o.id FROM operation o WHERE (o.key LIKE ? OR o.key LIKE ? OR o.key LIKE ?)
        AND NOT EXISTS (SELECT 1 FROM payment p
        WHERE p.contract_id = o.contract_id AND (p.state IN {PAID} OR p.state = 'quarantined')
        AND p.amount = (SELECT MAX(e.amount) FROM entry e WHERE e.operation_id = o.id)) ORDER BY o.id"""  # noqa: S608 - our own words
    for (operation_id,) in raw_rows(unpaid, *FROM_GATEWAYS):
        yield f'operation {operation_id} books a payment nobody made'
    refunds = """SELECT contract_id, paid, back FROM (SELECT o.contract_id,
        SUM(CASE WHEN o.kind <> 'refund' AND o.reverses_id IS NULL AND e.amount > 0 THEN e.amount ELSE 0 END) AS paid,
        SUM(CASE WHEN o.kind = 'refund' OR o.reverses_id IS NOT NULL THEN -e.amount ELSE 0 END) AS back
        FROM operation o JOIN entry e ON e.operation_id = o.id JOIN account a ON a.id = e.account_id
        WHERE o.kind IN ('payment', 'refund', 'opening') AND a.kind = 'wallet' GROUP BY o.contract_id) AS s
        WHERE back > paid AND back > 0 ORDER BY contract_id"""
    for contract_id, paid, back in raw_rows(refunds):
        yield f'contract {contract_id} got {back} back and had paid {paid}'


def refunds() -> Iterator[str]:
    """I5: a refund is done if and only if an operation booked it; a payment's state says how much of it went back."""
    unbooked = """SELECT r.id, r.amount, o.id FROM refund r JOIN payment p ON p.id = r.payment_id
        LEFT JOIN operation o ON o.id = r.operation_id AND o.key = 'refund:' || p.gateway || ':' || r.gateway_uid
        WHERE r.state = 'done' AND NOT r.is_uncredited AND (o.id IS NULL OR r.amount <>
            (SELECT MAX(e.amount) FROM entry e WHERE e.operation_id = o.id)) ORDER BY r.id"""
    for refund_id, amount, operation_id in raw_rows(unbooked):
        why = f'operation {operation_id} booked another sum' if operation_id else 'no operation booked it'
        yield f'refund {refund_id} of {amount} is done, but {why}'
    unasked = """SELECT o.id FROM operation o WHERE o.key LIKE ? AND NOT EXISTS (SELECT 1 FROM refund r
        WHERE r.operation_id = o.id AND r.state = 'done') ORDER BY o.id"""
    for (operation_id,) in raw_rows(unasked, f'refund:{BePaid.name}:%'):
        yield f'operation {operation_id} books a refund nobody made'
    states = """SELECT id, state, amount, back FROM (SELECT p.id, p.state, p.amount, COALESCE((SELECT SUM(r.amount)
        FROM refund r WHERE r.payment_id = p.id AND r.parent_uid = p.gateway_uid AND r.state = 'done'
        AND NOT r.is_uncredited), 0) AS back FROM payment p) AS s
        WHERE back > amount OR (back > 0 AND back < amount AND state <> 'partially_refunded')
        OR (back = amount AND state <> 'refunded') OR (back = 0 AND state = 'partially_refunded') ORDER BY id"""
    for payment_id, state, amount, back in raw_rows(states):
        yield f'payment {payment_id} of {amount} is {state}, and {back} went back'


def clearing() -> Iterator[str]:
    """I9: what the payments of the gateway's register moved on the clearing account is what the register sums to."""
    booked = f"""SELECT COALESCE(-SUM(e.amount), 0) FROM payment p
        JOIN operation o ON o.key = 'pay:' || p.gateway || ':' || p.gateway_uid JOIN entry e ON e.operation_id = o.id
        JOIN account a ON a.id = e.account_id WHERE p.state IN {PAID} AND a.kind = 'gateway'"""  # noqa: S608 - our own words
    registered = f"""SELECT COALESCE(SUM(p.amount), 0) FROM payment p
        WHERE p.state IN {PAID} AND p.gateway NOT IN ('cash', 'bank') AND NOT {UNCREDITED}"""  # noqa: S608 - our own words
    ((ours,),), ((theirs,),) = raw_rows(booked), raw_rows(registered)
    if ours != theirs:
        yield f"the gateway's register sums to {theirs}, its payments on the clearing account to {ours}"
    strange = """SELECT o.id, o.kind FROM entry e JOIN account a ON a.id = e.account_id
        JOIN operation o ON o.id = e.operation_id
        WHERE a.kind = 'gateway' AND o.kind NOT IN ('payment', 'refund') ORDER BY o.id"""
    for operation_id, kind in raw_rows(strange):
        yield f'operation {operation_id} of kind {kind} stands on the clearing account'


def missing_letters() -> Iterator[str]:
    """I10: a card payment promises a letter to whoever had an address then; a later address has a letter of its own."""
    unwritten = """SELECT o.id FROM operation o JOIN contract c ON c.id = o.contract_id
        JOIN subscriber s ON s.id = c.subscriber_id JOIN "user" u ON u.id = s.user_id
        LEFT JOIN outgoing_message m ON m.key = o.key
        WHERE (o.key LIKE ? OR o.key LIKE ? OR o.key LIKE ?) AND m.id IS NULL AND COALESCE(u.email, '') <> ''
            AND NOT EXISTS (SELECT 1 FROM outgoing_message b
            WHERE b.key LIKE 'email:' || u.id || ':' || ? AND b.created_at >= o.booked_at)
        ORDER BY o.id"""
    for (operation_id,) in raw_rows(unwritten, *FROM_GATEWAYS, '%'):
        yield f'operation {operation_id} promises a letter that was never written'


def late_letters() -> Iterator[str]:
    """I10: nothing in the outbox waits much longer than it should."""
    late = "SELECT id, key FROM outgoing_message WHERE state = 'waiting' AND next_at < ? ORDER BY id"
    for message_id, key in raw_rows(late, (now() - LATE).replace(tzinfo=None)):
        yield f'letter {message_id} ({key}) is due for more than a day'
