"""`/offer` and `/privacy`: what one agrees to, with version and date."""

from fastapi import FastAPI, Request
from starlette.responses import Response

from components.cookie_words import COOKIES
from components.i18n import _, language
from components.public_page import PublicPage, plain_page
from services.messages.legal_texts import LegalKind, legal_text


def register(app: FastAPI) -> None:
    """Add the two pages."""
    app.add_api_route('/offer', offer, methods=['GET', 'HEAD'], include_in_schema=False)
    app.add_api_route('/privacy', privacy, methods=['GET', 'HEAD'], include_in_schema=False)


async def offer(request: Request) -> Response:
    """Show the public offer."""
    return await plain_page(request, lambda _slug: _build('/offer', LegalKind.OFFER))


async def privacy(request: Request) -> Response:
    """Show what happens to personal data; the texts of the consents stand below it."""
    kinds = (LegalKind.PRIVACY, LegalKind.CONSENT_APPLICATION, LegalKind.CONSENT_MARKETING, LegalKind.CONSENT_WAITING)
    return await plain_page(request, lambda _slug: _build('/privacy', *kinds))


def _build(path: str, kind: LegalKind, *appendices: LegalKind) -> PublicPage:
    text = legal_text(kind, language())
    return PublicPage(
        template='legal.html',
        path=path,
        title=_(text.title),
        description=_('Редакция {version} от {day}').format(version=text.version, day=f'{text.day:%d.%m.%Y}'),
        facts={
            'text': text,
            'appendices': [legal_text(appendix, language()) for appendix in appendices],
            'cookies': COOKIES if kind == LegalKind.PRIVACY else (),
        },
    )
