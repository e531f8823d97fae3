"""Arguments for the address check, the waiting list and the building base."""

from models.application import Waiting
from services.applications import waiting_list
from services.applications.waiting_list import WaitingForm
from services.identity import form_tokens
from services.offers.buildings import BuildingChange
from tests import factories
from tests.authz.given import given

FROM = {'address': '192.0.2.9', 'agent': 'tests'}


def _form():
    place = {'locality': 'Минск', 'street': 'ул. Новая Образцовая', 'house': '2'}
    return WaitingForm('minsk', form_tokens.draw(waiting_list.PURPOSE), **place, phone='+375291112233', agreed='1')


def _waiting(w):
    waiting_list.join(_form(), **FROM)
    return given(Waiting.get().id)


def _changed(w):
    house = factories.make_building('777')
    return given(house.id, BuildingChange('connected', ('gpon',), '4', has_digital_tv=True))


RECIPES = {
    'applications.waiting_desk.list_waiting': lambda w: given(),
    'applications.waiting_desk.mark_contacted': _waiting,
    'applications.waiting_list.join': lambda w: given(_form(), **FROM),
    'offers.address_search.look': lambda w: given('minsk', 'Минск', 'ул. Учебная', '3'),
    'offers.address_search.suggest': lambda w: given('street', 'учеб', region='minsk'),
    'offers.buildings.change': _changed,
    'offers.buildings.export_table': lambda w: given(),
    'offers.buildings.list_buildings': lambda w: given(),
}
