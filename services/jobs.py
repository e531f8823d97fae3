"""Periodic work: one table of what runs how often. Each job is safe to run twice and is started in one process."""

from collections.abc import Callable
from dataclasses import dataclass

from apscheduler.schedulers.background import BackgroundScheduler

from services import rate_limits
from services.accounts import billing_run, books, debt_blocks, planned_tariffs, termination_runs
from services.audit import anchors
from services.clock import MINSK
from services.files import attachments
from services.identity import guessing, passkey_questions, recovery, spent_tokens
from services.offers import price_letters
from services.payments import (
    autopay_runs,
    erip_claims,
    erip_endings,
    payment_polling,
    reconciliation,
    refund_polling,
)
from services.privacy import exports, retention
from services.rehearsal import copies
from services.runner import with_connection


@dataclass(frozen=True)
class Job:
    """What to run every so many seconds. What is rehearsed works on the database alone and decides about money: the
    billing clock runs it on a copy (services/rehearsal/)."""

    name: str
    work: Callable[[], object]
    seconds: int
    is_rehearsed: bool = False


def timetable() -> tuple[Job, ...]:
    """Return all periodic work."""
    return (
        Job('forget old attempts', rate_limits.sweep, 3600),
        Job('forget spent tokens', spent_tokens.sweep, 3600),
        Job('forget failed sign-ins', guessing.sweep, 3600),
        Job('delete pictures nobody sent', attachments.sweep, 6 * 3600),
        Job('forget questions for passkeys', passkey_questions.sweep, 3600),
        # Every ten minutes, so that the 1st is charged soon after midnight and a missed night is made good at once.
        Job('charge what is due', billing_run.run_due, 600, is_rehearsed=True),
        # Ordered on the operator's page, or left behind by a process that died.
        Job('go on charging', billing_run.carry_on, 5, is_rehearsed=True),
        Job('change tariffs that are due', planned_tariffs.run_due, 600, is_rehearsed=True),
        Job('end contracts that are due', termination_runs.run_due, 600, is_rehearsed=True),
        Job('review debts', debt_blocks.review_due, 600, is_rehearsed=True),
        # Looks at each once a day; after the charges, so that it sees what they left.
        Job('look at autopays', autopay_runs.run_due, 600, is_rehearsed=True),
        Job('charge for autopay', autopay_runs.send_due, 30),
        # Does its work once a day; asked hourly, so that a night without a running process is made good.
        Job('check the audit log', anchors.check_due, 3600),
        Job('check the books', books.check, 3600),
        # At its own pace, so that neither an answer nor the next page tells whether a letter was written.
        Job('write recovery letters', recovery.write_due, 3),
        # Announced and withdrawn on the administrator's page; a batch at a time.
        Job('write letters about prices', price_letters.write_due, 5, is_rehearsed=True),
        Job('ask about payments', payment_polling.poll_due, 30),
        Job('ask about refunds', refund_polling.poll_due, 30),
        # Once a day; asked hourly, so that a night without a running process or without the bank is made good.
        Job('compare with the bank', reconciliation.run_due, 3600),
        Job('open claims in ERIP', erip_claims.make_due, 60),
        Job('take claims back from ERIP', erip_endings.close_due, 3600),
        # Four times a day, so that a process restarted every night does it too.
        Job('forget what is past its term', retention.run, 6 * 3600),
        Job('delete copies of broken rehearsals', copies.sweep, 600),
        Job('make copies of own data', exports.build_waiting, 5),
    )


def install(
    on_startup: Callable[[Callable[[], None]], object], on_shutdown: Callable[[Callable[[], None]], object]
) -> None:
    """Run the timetable while the application runs."""
    scheduler = BackgroundScheduler(timezone=MINSK)
    for job in timetable():
        scheduler.add_job(
            with_connection(job.work), 'interval', seconds=job.seconds, name=job.name, coalesce=True, max_instances=1
        )
    on_startup(scheduler.start)
    on_shutdown(lambda: scheduler.shutdown(wait=False))
