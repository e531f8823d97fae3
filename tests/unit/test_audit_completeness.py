"""Whatever an employee reads or changes of somebody's data stands in the audit log; no secret ever does."""

import pytest

from models.contract import Document
from models.outbox import OutgoingMessage
from models.user import AuditEvent, Role, Session, User
from services.applications import applications, waiting_desk
from services.contracts import (
    credentials,
    documents,
    own_documents,
    profile,
    subscriber_sessions,
    subscribers,
)
from services.identity import employee_passwords, employees, own_password, sessions, sign_in, staff
from services.identity.employees import NewEmployee
from services.messages import chat
from services.payments import payment_register
from services.visits import visit_cards, visit_slots, visit_week
from tests import factories, field
from tests.factories import key

STAFF_READINGS = {
    'list:applications': lambda on: applications.list_open(actor=on.olga),
    'application:{application}': lambda on: applications.get_card(on.application, actor=on.olga),
    'list:subscribers': lambda on: subscribers.list_subscribers('Анна', actor=on.olga),
    'contract:{contract}': lambda on: subscribers.get_card(on.contract, actor=on.olga),
    'list:waiting': lambda on: waiting_desk.list_waiting(actor=on.olga),
    'list:visits': lambda on: visit_week.list_week(actor=on.olga),
    'list:chats': lambda on: chat.list_threads(actor=on.olga),
    'chat:{contract}': lambda on: chat.get_conversation(on.contract, actor=on.olga),
    'list:payments': lambda on: payment_register.list_payments(actor=on.olga),
    'payments:{contract}': lambda on: payment_register.list_payments(None, on.contract, actor=on.olga),
    'document:{document}': lambda on: documents.open_document(on.document, actor=on.olga),
    'visit:{visit}': lambda on: visit_cards.get_visit(on.visit, actor=on.taras),
    'list:visits ': lambda on: visit_cards.list_day(field.today(), actor=on.taras),
    'list:staff': lambda on: staff.list_staff(actor=on.ada),
    'user:{employee}': lambda on: staff.get_card(on.olga.user_id, actor=on.ada),
}
"""What each reading is called in the log."""
STAFF_ACTIONS = {
    'application.note': lambda on: applications.add_note(on.application, 'Перезвонить', key(), actor=on.olga),
    'chat.send': lambda on: chat.send('Добрый день', key(), contract_number=on.contract, actor=on.olga),
    'contract.print': lambda on: documents.print_contract(on.contract, actor=on.olga),
    'credentials.issue': lambda on: credentials.issue(on.contract, actor=on.olga),
    'session.end_all': lambda on: subscriber_sessions.end_all(on.contract, 'Потерял телефон', actor=on.olga),
    'user.create': lambda on: employees.create(
        NewEmployee('petr', 'Пётр', 'petr@example.by', ('operator',)), actor=on.ada
    ),
    'user.roles': lambda on: staff.set_roles(on.olga.user_id, ['technician'], actor=on.ada),
    'user.password': lambda on: employee_passwords.reissue(on.olga.user_id, 'Забыла', 'form-key-1', actor=on.ada),
    'user.block': lambda on: staff.block(on.olga.user_id, 'Уволился', actor=on.ada),
    'session.end': lambda on: staff.end_session(
        on.olga.user_id, Session.get(Session.user == on.olga.user_id).id, actor=on.ada
    ),
}


class Scene:
    """A signed contract with everything that hangs on it, and the staff around."""

    def __init__(self, olga, taras, ada):
        self.olga, self.taras, self.ada = olga, taras, ada
        visit, self.contract = field.signed(taras)
        self.visit, self.application = visit.id, visit.application.number
        self.document = Document.get().id
        self.employee = olga.user_id
        self.before = AuditEvent.select().count()

    def new_lines(self):
        return list(AuditEvent.select().order_by(AuditEvent.id).offset(self.before))


@pytest.fixture
def scene(db, olga, taras, ada):
    return Scene(olga, taras, ada)


@pytest.mark.parametrize('subject', STAFF_READINGS)
def test_a_reading_stands_in_the_log(scene, subject):
    STAFF_READINGS[subject](scene)
    STAFF_READINGS[subject](scene)

    (line,) = scene.new_lines()
    assert (line.action, line.subject) == ('read', subject.strip().format(**vars(scene)))
    assert (line.role, line.address) == (line.actor.roles.get().role, '127.0.0.1')


@pytest.mark.parametrize('action', STAFF_ACTIONS)
def test_an_action_stands_in_the_log(scene, action):
    STAFF_ACTIONS[action](scene)

    assert [line.action for line in scene.new_lines()].count(action) == 1


def test_what_a_subscriber_reads_of_his_own_is_nobodys_reading(db, anna):
    chat.get_conversation(actor=anna)
    own_documents.list_own(actor=anna)
    profile.get_profile(actor=anna)

    assert AuditEvent.select().count() == 0


def test_free_slots_name_nobody_and_leave_no_line(scene):
    visit_slots.free_slots(actor=scene.olga)

    assert scene.new_lines() == []


def test_no_secret_gets_into_the_log(scene):
    secrets = [field.PAPERS.passport.replace('МР', 'MP'), field.PAPERS.personal_number, '23.07.1990', '1990-07-23']
    issued = credentials.issue(scene.contract, actor=scene.olga)
    again = credentials.reissue(scene.contract, 'Потерял', key(), actor=scene.olga)
    made = employees.create(NewEmployee('petr', 'Пётр', 'petr@example.by', ('operator',)), actor=scene.ada)
    opened = sign_in.sign_in(scene.contract, again.password, address='192.0.2.1', agent='tests')
    own = 'кони едят овёс утром'
    token = own_password.set_first_password(own, own, actor=sessions.resolve(opened.token))
    with pytest.raises(sign_in.WrongCredentials):
        sign_in.sign_in('typed-by-mistake', 'typed-password', address='192.0.2.1', agent='tests')
    factories.ask_recovery(scene.contract, 'nina@example.by', address='192.0.2.1')
    link = OutgoingMessage.get(OutgoingMessage.key.startswith('recovery:')).text.partition('confirm#')[2].split()[0]
    secrets += [issued.password, again.password, made.password, opened.token, token, own, link]
    secrets += ['typed-by-mistake', 'typed-password', factories.PASSWORD]
    secrets += [row.password_hash for row in User.select() if row.password_hash]

    written = '\n'.join(str(row) for row in AuditEvent.select().tuples())

    assert len(written) > 1000
    assert [secret for secret in secrets if secret in written] == []


def test_every_staff_role_is_met_here(scene):
    assert {role for actor in (scene.olga, scene.taras, scene.ada) for role in actor.roles} == set(Role)
