"""Pages of each role hold nothing that docs/authz.yml hides from it (ASVS 8.2.3, 15.3.1).

Not the screen is looked at but the whole answer, HTML and tree of elements: what is hidden there can be read too.
"""

import re

import pytest
from fastapi.routing import APIRoute
from nicegui import core

from models.application import Application, ApplicationStatus
from models.user import Session, User
from services.applications.applying import tracker_hash
from services.clock import now
from services.messages import chat
from services.runner import with_connection
from services.visits.visit_cards import Step
from tests import factories, field
from tests.authz import rules, world

BLANKS = re.compile(r'[\s\u00a0\u202f()–-]|&nbsp;')
LINK = 'a-link-nobody-can-guess'
HOME = {
    world.OWNER: '/my/profile',
    world.OPERATOR: '/operator/subscribers/{number}',
    world.ADMINISTRATOR: '/operator/applications/{application}',
    world.TECHNICIAN: '/field/',
}
"""Where those who may know it do read it: without this the test would prove nothing."""
NOT_PAGES = ('/_nicegui', '/demo', '/captcha', '/files')


@pytest.fixture
def built(committed_db):
    """The world of the authority tests with a talk, a known link, and a second visit whose papers can still be changed."""
    return _built()


@with_connection
def _built():
    made = world.build()
    chat.send('Здравствуйте, это канарейка', factories.key(), actor=made.owner)
    field.ready(made.technician, suffix='0505', papers=world.PAPERS, **world.PERSON)
    Application.update(tracker_hash=tracker_hash(LINK)).where(Application.id == made.application.id).execute()
    return made


@with_connection
def hashes():
    """Return every hash there is: they stand on no page at all."""
    rows = (*Session.select(Session.token_hash).tuples(), *User.select(User.password_hash).tuples())
    return [text for (text,) in rows if text]


def addresses(made):
    """Return every page of the house, the owner's things in the address."""
    paths = {route.path for route in core.app.routes if isinstance(route, APIRoute) and 'GET' in route.methods}
    found = [filled(path, made) for path in sorted(paths) if not path.startswith(NOT_PAGES)]
    return [*found, *(f'/field/visits/{made.visit.id + 1}?step={step}' for step in Step)]


def filled(path, made):
    number = made.application.number if path.startswith('/operator/applications') else made.contract.number
    known = {
        'region': 'minsk',
        'number': number,
        'visit_id': made.visit.id,
        'token': LINK,
        'kind': 'json',
        'user_id': 1,
        'name': 'down_fee',
        'code': 'I-100',
        'registry_id': 1,
    }
    return path.format(**known, application=made.application.number)


def may_know(person):
    return person in rules.load()['data']['address note, phone, e-mail, name']


async def test_pages_hold_nothing_a_person_may_not_know(someone, built):
    for person, actor in built.people.items():
        browser = someone(actor).http_client
        pages = {place: await browser.get(place) for place in addresses(built)}

        hidden = [*world.SECRETS, *hashes(), *(() if may_know(person) else world.MARKS)]
        assert leaks(pages, hidden) == [], person
        assert len(pages) > 40
        if may_know(person):
            own = filled(HOME[person], built)
            assert {mark for _, mark in leaks({own: pages[own]}, world.MARKS)} >= {'Канарейкина', '7654321'}, person


def leaks(pages, hidden):
    """Return (address, mark) of what stands in a page, however it is written: blanks and hyphens do not count."""
    texts = {place: BLANKS.sub('', answer.text) for place, answer in pages.items()}
    return [(place, mark) for place, text in texts.items() for mark in hidden if BLANKS.sub('', mark) in text]


@pytest.mark.parametrize('is_over', [False, True])
async def test_a_button_pressed_past_the_guard_asks_the_service(someone, olga, is_over):
    """The page is still open; whether the session is over is found out by the service itself (ASVS 8.3.1)."""
    number = _waiting()
    page = someone(olga)
    await page.open(f'/operator/applications/{number}')
    if is_over:
        _end_sessions(olga)

    page.find('Взять в работу').click()
    await page.should_not_see('Взять в работу')

    assert _status(number) == (ApplicationStatus.NEW if is_over else ApplicationStatus.IN_REVIEW)


@with_connection
def _waiting():
    return factories.make_application().number


@with_connection
def _end_sessions(actor):
    Session.update(revoked_at=now()).where(Session.user == actor.user_id).execute()


@with_connection
def _status(number):
    return Application.get(Application.number == number).status
