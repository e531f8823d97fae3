"""How many live pages one may open, and what waits for a browser that does not read: the counting, without a server."""

from types import SimpleNamespace

import pytest
from nicegui import Client

from components.guard import crowd as crowds
from components.guard import frames, slow, watch
from components.guard.crowd import Crowd
from services.settings import Settings


@pytest.fixture
def clock(monkeypatch):
    moment = [1000.0]
    monkeypatch.setattr(frames.time, 'monotonic', lambda: moment[0])
    return moment


@pytest.fixture(autouse=True)
def _limits_as_they_are(monkeypatch):
    monkeypatch.setattr(crowds, 'get_settings', lambda: Settings(demo=True))


@pytest.fixture
def pages(monkeypatch):
    found = {}
    monkeypatch.setattr(Client, 'instances', found)
    return found


def page(address='10.0.0.1', session='', *, is_here=False, created=0.0):
    actor = SimpleNamespace(session_hash=session) if session else None
    request = SimpleNamespace(state=SimpleNamespace(actor=actor))
    return SimpleNamespace(
        _request=request,
        request=request,
        ip=address,
        has_socket_connection=is_here,
        _delete_tasks={},
        created=created,
        outbox=SimpleNamespace(messages=[], message_history=[1]),
    )


@pytest.mark.parametrize(
    ('path', 'is_live'),
    [
        ('/my/live', True),
        ('/minsk/choose/', True),
        ('/operator/cards/100001', True),
        ('/operator/cards/a/b', False),
        ('/minsk/', False),
        ('/my/live/', False),
        ('/my/live\n', False),
        ('', False),
    ],
)
def test_only_pages_of_nicegui_are_counted(monkeypatch, path, is_live):
    routes = ('/my/live', '/{region}/choose/', '/operator/cards/{number}')
    monkeypatch.setattr(Client, 'page_routes', dict(enumerate(routes)))

    assert crowds.is_live(path) is is_live


def test_an_address_has_a_burst_and_then_a_rate(clock):
    crowd = Crowd()
    burst = [crowd.admits_address('10.0.0.1') for _ in range(int(crowds.ADDRESS_AT_ONCE) + 1)]

    assert (all(burst[:-1]), burst[-1]) == (True, False)
    assert crowd.admits_address('10.0.0.2')
    clock[0] += 1
    assert [crowd.admits_address('10.0.0.1') for _ in range(11)] == [True] * 10 + [False]


def test_an_address_gets_so_many_captchas_and_then_a_rate(clock):
    crowd = Crowd()
    burst = [crowd.admits_captcha('10.0.0.1') for _ in range(int(crowds.CAPTCHAS_AT_ONCE) + 1)]

    assert (all(burst[:-1]), burst[-1]) == (True, False)
    assert crowd.admits_captcha('10.0.0.2')
    clock[0] += 1
    assert [crowd.admits_captcha('10.0.0.1') for _ in range(3)] == [True, True, False]
    clock[0] += crowds.CAPTCHAS_AT_ONCE
    crowd.count()
    assert crowd.captchas == {}


def test_an_address_looks_for_so_many_houses_and_then_a_rate(clock):
    crowd = Crowd()
    burst = [crowd.admits_search('10.0.0.1') for _ in range(int(crowds.SEARCHES_AT_ONCE) + 1)]

    assert (all(burst[:-1]), burst[-1]) == (True, False)
    assert crowd.admits_search('10.0.0.2')
    clock[0] += 1
    assert [crowd.admits_search('10.0.0.1') for _ in range(21)] == [True] * 20 + [False]
    clock[0] += crowds.SEARCHES_AT_ONCE
    crowd.count()
    assert crowd.searches == {}


def test_whoever_holds_a_network_of_ipv6_is_one_address(clock):
    crowd = Crowd()
    for n in range(int(crowds.ADDRESS_AT_ONCE)):
        assert crowd.admits_address(f'2001:db8:1:2::{n:x}')

    assert not crowd.admits_address('2001:db8:1:2:ffff::1')
    assert crowd.admits_address('2001:db8:1:3::1')


def test_a_session_is_held_whatever_its_addresses(clock):
    crowd = Crowd()
    burst = [crowd.admits_session('anna') for _ in range(int(crowds.SESSION_AT_ONCE) + 1)]

    assert (all(burst[:-1]), burst[-1]) == (True, False)
    assert crowd.admits_session('boris')
    assert crowd.admits_session(None)


def test_open_pages_count_until_they_are_gone(clock, pages):
    crowd = Crowd()
    for n in range(crowds.PAGES_OF_ADDRESS):
        pages[n] = page(is_here=True)
    crowd.count()

    assert not crowd.admits_address('10.0.0.1')
    assert crowd.admits_address('10.0.0.2')
    pages.popitem()
    crowd.count()
    assert crowd.admits_address('10.0.0.1')


def test_strangers_wait_outside_when_too_many_wait_inside(clock, pages):
    crowd = Crowd()
    for n in range(crowds.WAITING_IN_ALL):
        pages[n] = page(f'10.1.{n // 250}.{n % 250}')
    crowd.count()

    assert not crowd.admits_session(None)
    assert crowd.admits_session('anna')


def test_who_has_not_come_for_a_while_is_forgotten(clock, pages):
    crowd = Crowd()
    crowd.admits_address('10.0.0.1')
    crowd.admits_session('anna')
    clock[0] += 60
    crowd.count()

    assert (crowd.addresses, crowd.sessions) == ({}, {})


def test_the_limits_are_lifted_in_a_demo_only(monkeypatch, clock):
    monkeypatch.setattr(crowds, 'get_settings', lambda: Settings(demo=True, demo_no_page_limits=True))
    crowd = Crowd()

    assert all(crowd.admits_address('10.0.0.1') and crowd.admits_session('anna') for _ in range(1000))
    with pytest.raises(ValueError, match='AMIGO_DEMO_NO_PAGE_LIMITS'):
        Settings(demo=False, demo_no_page_limits=True, secret_key='s' * 48, pepper='p' * 48, field_keys='f' * 48)


def test_pages_nobody_came_for_go_sooner_when_many_wait(monkeypatch, pages):
    gone = []
    monkeypatch.setattr(watch, 'take_down', gone.append)
    monkeypatch.setattr(watch.time, 'time', lambda: 1000.0)
    pages['old'] = page(created=1000.0 - watch.WAITING - 1)
    pages['new'] = page(created=1000.0 - watch.WAITING_IN_A_CROWD - 1)

    watch.prune()
    assert gone == [pages['old']]
    pages.update({n: page(created=1000.0) for n in range(watch.CROWD)})
    watch.prune()
    assert gone[1:] == [pages['old'], pages['new']]


def test_a_page_for_which_too_much_waits_goes(monkeypatch, pages):
    gone = []
    monkeypatch.setattr(watch, 'take_down', gone.append)
    away = page(created=10**12)
    away._delete_tasks = {'document': None}
    away.outbox.messages = [None] * (slow.MOST_MESSAGES + 1)
    pages['away'] = away

    watch.prune()

    assert gone == [away]


class Wire:
    """A transport whose other side may stop reading."""

    buffered, is_cut = 0, False

    def get_write_buffer_size(self):
        return self.buffered

    def get_extra_info(self, _name):
        return None

    def abort(self):
        self.is_cut = True


def test_what_waits_is_bounded():
    line = slow.Line(Wire())

    assert line.add(slow.MOST_WAITING)
    assert not line.add(1)
    assert line.transport.is_cut


def test_sent_messages_are_remembered_up_to_the_same_bound():
    line = slow.Line(Wire())
    line.page = page()
    for _ in range(3):
        line.add(slow.MOST_WAITING // 2)
        line.queued = 0

    assert line.page.outbox.message_history == []
    assert not line.transport.is_cut


def test_a_line_that_moves_is_not_stuck(clock):
    line = slow.Line(Wire())
    line.add(1000)
    for _ in range(100):
        clock[0] += 10
        line.sent += 1
        assert not line.is_stuck(clock[0])

    line.transport.buffered = 500
    for _ in range(100):
        clock[0] += 10
        line.transport.buffered -= 1
        assert not line.is_stuck(clock[0])


def test_a_line_that_stands_still_is_stuck_after_half_a_minute(clock):
    line = slow.Line(Wire())
    assert not line.is_stuck(clock[0] + 1000)  # nothing waits
    clock[0] += 1000
    line.transport.buffered = 10

    assert not line.is_stuck(clock[0] + slow.PATIENCE)
    assert line.is_stuck(clock[0] + slow.PATIENCE + 1)


def test_notes_on_tabs_go_with_their_pages(monkeypatch, pages):
    pages['page'] = SimpleNamespace(_pinned_tab_id='shown')
    tabs = {'shown': {}, 'gone': {}}
    monkeypatch.setattr(watch.core.app.storage, '_tabs', tabs)

    watch.forget_tabs()

    assert tabs == {'shown': {}}


@pytest.mark.parametrize(
    ('facts', 'complaint'),
    [
        ({'staff_host': 'staff.by'}, 'AMIGO_PUBLIC_URL'),
        ({'staff_host': 'amigo.by', 'public_url': 'https://amigo.by'}, 'AMIGO_STAFF_HOST'),
        ({'staff_host': 'https://staff.by', 'public_url': 'https://amigo.by'}, 'staff_host'),
    ],
)
def test_a_staff_host_that_cannot_be_is_refused(facts, complaint):
    with pytest.raises(ValueError, match=complaint):
        Settings(demo=True, **facts)
