"""Fields of a live form: what was typed stays, and an error stands at its own field."""

from dataclasses import dataclass
from typing import TypeVar

from nicegui import ui

from components.cursor import move_cursor
from components.i18n import error_text
from services import field_rules
from services.errors import DomainError, InvalidField, InvalidForm

LONGEST = field_rules.most('live_field')
"""More than any field takes: the service says so in words; the browser only keeps out floods."""


def text_of(value: object) -> str:
    """Return what was typed; for anything but text, which only a forged event brings, nothing."""
    return value if isinstance(value, str) else ''


F = TypeVar('F', ui.input, ui.textarea, ui.select)


@dataclass
class TypedFields:
    """The fields of one form by the names their service uses."""

    fields: dict[str, ui.input | ui.textarea | ui.select]

    @classmethod
    def empty(cls) -> 'TypedFields':
        """Return a form without fields."""
        return cls({})

    def line(self, name: str, label: str, *, value: str = '', hint: str = '', props: str = '') -> ui.input:
        """Add one line of text."""
        element = ui.input(label=label, value=value).props(f'outlined maxlength={LONGEST} {props}')
        return self._added(name, element, hint)

    def lines(self, name: str, label: str, *, value: str = '', hint: str = '') -> ui.textarea:
        """Add a field for several lines."""
        element = ui.textarea(label=label, value=value).props(f'outlined autogrow maxlength={LONGEST}')
        return self._added(name, element, hint)

    def choice(self, name: str, label: str, options: dict[str, str]) -> ui.select:
        """Add a choice of one: its first option is chosen already."""
        element = ui.select(options, label=label, value=next(iter(options))).props(
            'outlined popup-content-class=tablet--menu'
        )
        return self._added(name, element, '')

    def value(self, name: str) -> str:
        """Return what stands in a field."""
        return text_of(self.fields[name].value)

    def values(self) -> dict[str, str]:
        """Return what stands in all fields."""
        return {name: self.value(name) for name in self.fields}

    def show(self, refusal: DomainError) -> bool:
        """Show a refusal at its fields and put the cursor into the first; tells whether there were any."""
        errors = refusal.errors if isinstance(refusal, InvalidForm) else {}
        if isinstance(refusal, InvalidField) and refusal.field:
            errors = {refusal.field: refusal}
        wrong = [name for name in self.fields if name in errors]
        for name, element in self.fields.items():
            element.error = error_text(errors[name]) if name in errors else None
        if wrong:
            place = f'#{self.fields[wrong[0]].html_id}'
            move_cursor(f'{place} :is(input, textarea), {place}:is(input, textarea)')
        return bool(wrong)

    def _added(self, name: str, element: F, hint: str) -> F:
        if hint:
            element.props['hint'] = hint
        self.fields[name] = element
        return element
