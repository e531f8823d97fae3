"""Choose a visit: day, then technician and slot, then one button that says it all."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from babel.dates import format_date
from nicegui import ui

from components.action import action, form_key
from components.i18n import _, long_date
from services.visits.visit_slots import SlotDay, TechnicianDay, hours_of

Chosen = TypeVar('Chosen', date, 'Choice')
Schedule = Callable[[int, date, int, str], Awaitable[None]]


@dataclass(frozen=True)
class Choice:
    """A chosen slot of a technician."""

    technician_id: int
    name: str
    day: date
    hour: int


class VisitPicker:
    """Free slots of two weeks. The page calls `show` whenever it has re-read them.

    Args:
        verb: «Назначить» or «Перенести».
        on_schedule: (technician, day, hour, form key) → schedules the visit.
    """

    def __init__(self, days: tuple[SlotDay, ...], *, verb: str, on_schedule: Schedule) -> None:
        self._verb, self._on_schedule = verb, on_schedule
        self._choice: Choice | None = None
        self._days = days
        self._day = next((d.day for d in days if d.free), days[0].day)
        self._key = form_key()
        self._box = ui.element('section').classes('stack stack--s').props(f'aria-label="{_("Время выезда")}"')
        self._day_chips: dict[date, ui.button] = {}
        self._slot_chips: dict[Choice, ui.button] = {}
        self._draw()

    def show(self, days: tuple[SlotDay, ...]) -> None:
        """Draw the slots as they are now; a choice that is gone is forgotten."""
        self._days = days
        if self._choice and not self._is_free(self._choice):
            self._choice = None
        self._draw()

    def _is_free(self, choice: Choice) -> bool:
        return any(
            slot.is_free and slot.hour == choice.hour
            for day in self._days
            for technician in day.technicians
            for slot in technician.slots
            if day.day == choice.day and technician.technician_id == choice.technician_id
        )

    def _draw(self) -> None:
        self._day_chips = {}
        self._box.clear()
        with self._box:
            with ui.element('div').classes('slots').props(f'role=group aria-label="{_("День")}"'):
                for day in self._days:
                    self._draw_day(day)
            self._slots = ui.element('div').classes('stack stack--s')
            self._foot = ui.element('div')
        self._draw_slots()

    def _draw_slots(self) -> None:
        """Draw what depends on the day. The chips of days stay: the focus of who has no mouse is on one."""
        self._slot_chips = {}
        self._slots.clear()
        with self._slots:
            chosen = next((d for d in self._days if d.day == self._day), None)
            if chosen is None or not chosen.technicians:
                ui.label(_('Техников пока нет: добавьте сотрудника с этой ролью.')).classes('muted')
            elif not chosen.free:
                ui.label(_('На этот день свободного времени нет.')).classes('muted')
            else:
                for technician in chosen.technicians:
                    self._draw_technician(chosen, technician)
        self._draw_confirm()

    def _draw_day(self, day: SlotDay) -> None:
        words = format_date(day.day, 'EEEEEE d', locale='ru').capitalize()
        chip = ui.button(words, on_click=lambda: self._choose_day(day.day), color=None).classes('chip')
        chip.props(f'flat no-caps aria-pressed={str(day.day == self._day).lower()}')
        chip.props['aria-label'] = long_date(day.day)
        chip.set_enabled(day.free > 0)
        self._day_chips[day.day] = chip

    def _draw_technician(self, day: SlotDay, technician: TechnicianDay) -> None:
        ui.label(technician.name)
        with ui.element('div').classes('slots').props('role=group') as group:
            group.props['aria-label'] = technician.name
            for slot in technician.slots:
                choice = Choice(technician.technician_id, technician.name, day.day, slot.hour)
                chip = ui.button(hours_of(slot.hour), on_click=lambda c=choice: self._choose(c), color=None)
                chip.classes('chip').props(f'flat no-caps aria-pressed={str(choice == self._choice).lower()}')
                chip.set_enabled(slot.is_free)
                self._slot_chips[choice] = chip

    def _draw_confirm(self) -> None:
        choice = self._choice
        self._foot.clear()
        with self._foot:
            if choice is None:
                ui.label(_('Выберите время: клиенту уйдёт SMS, а если есть e-mail — и письмо.')).classes('muted')
                return
            words = _('{verb}: {day}, {hours}, {name}').format(
                verb=self._verb, day=long_date(choice.day), hours=hours_of(choice.hour), name=choice.name
            )
            ui.button(words, on_click=self._confirm, color=None).classes('button--green').props('no-caps unelevated')

    def _choose_day(self, day: date) -> None:
        self._day, self._choice = day, None
        _press(self._day_chips, day)
        self._draw_slots()

    def _choose(self, choice: Choice) -> None:
        self._choice, self._key = choice, form_key()
        _press(self._slot_chips, choice)
        self._draw_confirm()

    @action
    async def _confirm(self) -> None:
        if self._choice is not None:
            choice = self._choice
            await self._on_schedule(choice.technician_id, choice.day, choice.hour, self._key)


def _press(chips: dict[Chosen, ui.button], chosen: Chosen) -> None:
    for value, chip in chips.items():
        chip.props['aria-pressed'] = str(value == chosen).lower()
