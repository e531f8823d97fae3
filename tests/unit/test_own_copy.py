"""A person's copy of his data: all of it, only his, no secrets, sealed until he fetches it, gone after a day."""

import json
import time
from datetime import timedelta

import pytest

from models.access import AccessGrant
from models.chat import ChatMessage, ChatThread
from models.outbox import Channel, OutgoingMessage
from models.privacy import ExportState, OwnExport
from models.second_factor import Passkey, RecoveryCode
from models.user import AuditEvent, Session, User
from services import audit
from services.accounts import return_announcements
from services.clock import now
from services.errors import NotAllowed, NotFound, SignInRequired, TooManyRequests
from services.events import OwnDataChanged
from services.identity import vault
from services.identity.step_up import StepUpRequired
from services.privacy import exports, own_copy, own_facts, own_words
from tests import counter, factories, person
from tests.cast import contract_of
from tests.factors import SECRET, make_fresh, make_stale


def made(actor):
    exports.order(actor=actor)
    exports.build_waiting()
    return json.loads(exports.open_file('json', actor=actor).content)


def test_everything_we_hold_on_him_is_in_it_papers_in_full(db):
    actor = person.live()

    text = json.dumps(made(actor), ensure_ascii=False)

    assert [word for word in person.PERSONAL + person.SEALED if word not in text] == []
    assert person.ADDRESS in text


def test_its_sections_are_those_of_the_law(db, olga):
    actor = person.live()
    audit.note_reading('contract:200777', actor=olga)

    facts = made(actor)

    assert list(facts) == [
        'made_at', 'login', 'person', 'contracts', 'applications', 'consents', 'sessions', 'factors',
        'grants_given', 'grants_received', 'letters', 'requests', 'log',
    ]  # fmt: skip
    contract = facts['contracts'][0]
    assert contract['operations'][0]['amount'] == '30.00'
    assert contract['payments'][0]['card_last4'] == '7391'
    assert contract['chat'] == [{'at': contract['chat'][0]['at'], 'by': 'you', 'text': person.TALK}]
    assert [file['name'] for file in contract['files']] == [person.PICTURE]
    assert [file['name'] for file in facts['applications'][0]['photos']] == [person.PHOTO]
    assert {'at', 'action', 'subject', 'by', 'address'} == set(facts['log'][0])
    assert ('read', 'operator') in {(line['action'], line['by']) for line in facts['log']}
    assert 'Ольга' not in json.dumps(facts, ensure_ascii=False)


def test_no_secret_is_in_it(db):
    actor = person.live()
    user = User.get_by_id(actor.user_id)

    text = json.dumps(made(actor), ensure_ascii=False)

    secrets = [user.password_hash, *(session.token_hash for session in Session.select())]
    secrets += [grant.token_hash for grant in AccessGrant.select()]
    assert [secret for secret in secrets if secret in text] == []


def test_his_factors_stand_in_it_by_name_and_nothing_that_opens_a_door(db):
    actor = person.live()
    person.secure(actor)

    facts = own_facts.facts_of(actor.user_id)['factors']

    assert ([len(facts['apps']), facts['passkeys'][0]['name'], facts['codes_left']]) == [1, person.DEVICE, 10]
    assert facts['resets'][0]['reason'] == person.RESET
    text = str(own_facts.facts_of(actor.user_id))
    codes = [code.code_hash for code in RecoveryCode.select()]
    assert [secret for secret in (SECRET, Passkey.get().credential_id, *codes) if secret in text] == []


def test_accesses_stand_in_it_on_both_sides_and_a_relative_is_called_one(db, anna, olga):
    actor = person.live()
    factories.open_access(contract_of(actor), anna, 'manage')
    relative = factories.working_with(anna, contract_of(actor))
    audit.note('contract.suspend', 'contract:200777', actor=relative)
    audit.note_reading('chat:200777', actor=olga)

    given, received = (own_facts.facts_of(who.user_id) for who in (actor, anna))

    assert [(grant['number'], grant['name']) for grant in given['grants_given']] == [
        ('200777', person.RELATIVE),
        ('200777', anna.name),
    ]
    assert [(grant['number'], grant['level']) for grant in received['grants_received']] == [('200777', 'manage')]
    by = {(line['action'], line['by']) for line in given['log']}
    assert {('access.give', 'you'), ('contract.suspend', 'relative'), ('read', 'operator')} <= by


def test_nothing_of_anybody_else_is_in_it(db, anna):
    actor = person.live()

    text = json.dumps(made(anna), ensure_ascii=False)

    assert [word for word in person.PERSONAL + person.SEALED if word in text] == []
    with pytest.raises(NotFound):
        exports.open_file('json', actor=actor)


@pytest.mark.parametrize('claimed', [{'email': person.EMAIL}, {'email': person.EMAIL.title()}, {'phone': person.PHONE}])
def test_whoever_writes_somebody_elses_address_into_his_profile_gets_none_of_his_letters(db, anna, claimed):
    actor = person.live()
    OutgoingMessage.create(
        channel=Channel.SMS, key='sms', recipient=person.PHONE, subject=person.FIRST, text='', next_at=now(),
        created_at=now(), message_id='',
    )  # fmt: skip
    assert [letter['subject'] for letter in own_facts.facts_of(actor.user_id)['letters']].count(person.FIRST) == 2

    User.update(**claimed).where(User.id == anna.user_id).execute()

    assert person.FIRST not in json.dumps(made(anna), ensure_ascii=False)


def test_an_address_somebody_was_invited_at_is_not_only_ones_own(db, anna):
    person.live()
    User.update(email=person.RELATIVE_EMAIL).where(User.id == anna.user_id).execute()

    assert [letter['recipient'] for letter in own_facts.facts_of(anna.user_id)['letters']] == []


def test_as_a_page_it_is_in_russian_words_and_harmless(db):
    actor = person.live()
    thread = ChatThread.get(ChatThread.contract == contract_of(actor))
    ChatMessage.create(
        thread=thread, author=actor.user_id, by_operator=False, text='<script>alert(1)</script>',
        client_message_id='2', sent_at=now(),
    )  # fmt: skip
    exports.order(actor=actor)
    exports.build_waiting()

    page = exports.open_file('html', actor=actor)

    html = page.content.decode()
    assert page.name == 'Мои данные.html'
    assert '<script' not in html
    assert '&lt;script&gt;alert(1)' in html
    assert [word for word in (*person.PERSONAL, person.NOTE, person.PASSPORT, '15.02.1985') if word not in html] == []


def test_every_fact_has_russian_words(db):
    actor = person.live()
    contract = contract_of(actor)
    unit = factories.make_unit(contract)
    factories.connect_add_on(contract)
    counter.order(actor)
    return_announcements.announce(unit.id, factories.make_office().id, factories.key(), actor=actor)
    person.secure(actor)

    keys = set(names(own_facts.facts_of(actor.user_id)))

    assert keys - set(own_words.LABELS) - INSIDE == set()


INSIDE = {'addons', 'monthly', 'once'}
"""Keys of snapshots of the constructor, which stand in the copy as they are."""


def names(value):
    """Return every key of every mapping inside."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield key
            yield from names(one)
    elif isinstance(value, list):
        for one in value:
            yield from names(one)


def test_it_is_sealed_while_it_waits_for_him(db):
    actor = person.live()
    made(actor)

    export = OwnExport.get()
    content = bytes(export.content)
    assert person.NAME.encode() not in content
    assert person.NAME in vault.unseal(content, aad=vault.aad_of('own_export', export.id, 'content'))


def test_after_a_day_it_is_gone(db):
    actor = person.live()
    made(actor)
    assert OwnExport.get().expires_at - OwnExport.get().made_at == timedelta(days=1)
    OwnExport.update(expires_at=now()).execute()

    assert exports.current(actor=actor) is None
    with pytest.raises(NotFound):
        exports.open_file('json', actor=actor)


def test_ordering_twice_makes_one_and_a_sixth_a_day_is_refused(db, anna):
    exports.order(actor=anna)
    exports.order(actor=anna)
    assert OwnExport.select().count() == 1

    for _ in range(4):
        exports.build_waiting()
        exports.order(actor=anna)
    exports.build_waiting()
    with pytest.raises(TooManyRequests):
        exports.order(actor=anna)


def test_two_workers_do_not_make_the_same_one(db, anna):
    exports.order(actor=anna)

    assert exports._claim() is not None
    assert exports._claim() is None
    OwnExport.update(leased_until=now() - timedelta(seconds=1)).execute()
    assert exports.build_waiting() == 1


def test_one_that_cannot_be_made_is_said_to_have_failed(db, anna, monkeypatch, caplog):
    def stumble(_user_id):
        raise ValueError('no')

    exports.order(actor=anna)
    monkeypatch.setattr(own_facts, 'facts_of', stumble)
    exports.build_waiting()

    assert exports.current(actor=anna).state == ExportState.FAILED
    assert 'could not be made' in caplog.text


def test_the_page_is_told_and_the_log_knows(db, anna):
    made(anna)

    assert OwnDataChanged(anna.user_id) in db.events
    actions = [event.action for event in AuditEvent.select().where(AuditEvent.action.startswith('export'))]
    assert actions == ['export.order', 'export.open']


@pytest.mark.parametrize('ask', [exports.order, exports.current, lambda actor: exports.open_file('json', actor=actor)])
def test_only_a_subscriber_has_a_copy(db, olga, ask):
    with pytest.raises(NotAllowed):
        ask(actor=olga)
    with pytest.raises(SignInRequired):
        ask(actor=None)


@pytest.mark.parametrize('kind', ['json', 'html'])
def test_a_stale_session_neither_orders_nor_opens_it(db, anna, kind):
    make_stale(anna)
    with pytest.raises(StepUpRequired):
        exports.order(actor=anna)
    assert OwnExport.select().count() == 0

    make_fresh(anna)
    made(anna)
    make_stale(anna)
    with pytest.raises(StepUpRequired):
        exports.open_file(kind, actor=anna)
    assert exports.current(actor=anna).state == ExportState.READY

    make_fresh(anna)
    assert exports.open_file(kind, actor=anna).content


def test_five_years_of_a_talkative_person_take_less_than_a_minute(db):
    actor = person.live()
    thread = ChatThread.get(ChatThread.contract == contract_of(actor))
    rows = [
        {'thread': thread, 'author': actor.user_id, 'by_operator': False, 'text': 'слово ' * 30, 'client_message_id': f'm{n}', 'sent_at': now()}
        for n in range(5000)
    ]  # fmt: skip
    for start in range(0, len(rows), 500):
        ChatMessage.insert_many(rows[start : start + 500]).execute()
    begun = time.perf_counter()

    exports.order(actor=actor)
    exports.build_waiting()
    own_copy.as_html(json.loads(exports.open_file('json', actor=actor).content))

    took = time.perf_counter() - begun
    print(f'{db.name}: {took:.2f} s')
    assert took < 60
