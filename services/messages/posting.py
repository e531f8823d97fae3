"""Which post office this installation uses: the settings' one, or in the demo one of its own."""

from collections.abc import Callable

from services.demo.mail_catcher import MailboxSms, MailCatcher
from services.gateways.mail import MailSender, SmtpSender
from services.gateways.sms import HttpSms, LogSms, SmsSender
from services.messages import outbox_worker
from services.settings import get_settings

Hook = Callable[[Callable[[], None]], object]


def install(on_startup: Hook, on_shutdown: Hook) -> None:
    """Run the outbox worker, and in a demo without AMIGO_SMTP_URL the mail catcher, while the application runs.

    Raises:
        ValueError: AMIGO_SMTP_URL cannot be read.
    """
    settings = get_settings()
    smtp_url = settings.smtp_url.get_secret_value()
    if settings.demo and not smtp_url:
        catcher = MailCatcher()
        on_startup(catcher.start)
        on_shutdown(catcher.stop)
        smtp_url = catcher.url
    mail: MailSender | None = SmtpSender.from_url(smtp_url, settings.mail_from) if smtp_url else None
    outbox_worker.install(on_startup, on_shutdown, mail=mail, sms=_sms_sender())


def _sms_sender() -> SmsSender:
    settings = get_settings()
    if url := settings.sms_url.get_secret_value():
        return HttpSms(url)
    return MailboxSms() if settings.demo else LogSms()
