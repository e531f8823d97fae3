"""Visits of the demo: two connections for Taras today, one with its contract printed already."""

from models.application import ApplicationStatus
from models.user import Role, User
from models.visit import OCCUPYING, SLOT_HOURS, Visit
from services.applications import applications
from services.applications.application_steps import advance
from services.authority import Actor
from services.clock import now, today
from services.contracts import contracts
from services.demo.applications import Wish, send

WISHES = (
    Wish('Ковалёва Нина Андреевна', '+375291000201', 'nina@example.by', 'minsk|Минск|ул. Демонстрационная|4|12',
         {'internet': 'I-100', 'tv': 'T-BASE', 'equipment': 'R-AC:rent', 'addons': 'A-IP', 'promo': 'OSEN3'}, 60 * 30,
         comment='Кабель лучше вести вдоль плинтуса.', extra={'entrance': '1', 'floor': '3'}),
    Wish('Ждан Сергей', '+375331000202', 'zhdan@example.by', 'minsk|Минск|ул. Учебная|5|40',
         {'internet': 'I-50', 'promo': 'DOM50'}, 60 * 28),
)  # fmt: skip


def fill() -> None:
    """Write the visits of today into slots that are free; a demo may begin at any hour, so none is too late."""
    olga, taras = User.get(User.login == 'olga'), User.get(User.login == 'taras')
    operator = Actor(olga.id, olga.name, Role.OPERATOR)
    busy = (Visit.technician == taras) & (Visit.day == today()) & Visit.status.in_(OCCUPYING)
    taken = {row.hour for row in Visit.select().where(busy)}
    free = (hour for hour in SLOT_HOURS if hour not in taken)
    for index, wish in enumerate(WISHES):
        application = send(wish, f'demo-visit-{index}')
        applications.record_call(application.number, 'reached', '', f'demo-visit-{index}-call', actor=operator)
        for step in (ApplicationStatus.CONFIRMED, ApplicationStatus.SCHEDULED):
            advance(application.id, step, actor_id=olga.id, form_key=f'demo-visit-{index}-{step}')
        key = f'demo-visit-{index}-slot'
        Visit.create(
            application=application, technician=taras, day=today(), hour=next(free), form_key=key, created_at=now()
        )
        if index == 0:
            contracts.draft_for_application(application.number, actor=operator)
