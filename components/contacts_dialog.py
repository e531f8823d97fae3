"""A dialog to correct phone, e-mail and address of an application."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from components.action import action
from components.i18n import _, error_text
from components.typed_fields import text_of
from services import field_rules
from services.applications.application_cards import ApplicationCard
from services.applications.application_contacts import Contacts
from services.errors import N_, InvalidForm

_FIELDS = (
    ('phone', N_('Телефон'), 'phone'),
    ('email', N_('E-mail'), 'email'),
    ('locality', N_('Населённый пункт'), 'locality'),
    ('street', N_('Улица'), 'street'),
    ('house', N_('Дом'), 'house'),
    ('flat', N_('Квартира'), 'flat'),
    ('entrance', N_('Подъезд'), 'flat'),
    ('floor', N_('Этаж'), 'flat'),
)


def contacts_dialog(card: ApplicationCard, on_contacts: Callable[[Contacts], Awaitable[None]]) -> None:
    """Show the contacts of a card for correction; errors stand under their fields."""
    dialog = ui.dialog(value=True)
    dialog.on('hide', dialog.delete)
    dialog.props['aria-label'] = _('Исправить контакты')
    with dialog, ui.card().classes('dense'):
        ui.html(_('Исправить контакты'), tag='h2')
        fields: dict[str, ui.input] = {}
        with ui.element('div').classes('form__pair'):
            for name, words, rule in _FIELDS:
                value = card.row.phone if name == 'phone' else getattr(card, name)
                fields[name] = ui.input(label=_(words), value=value).props(
                    f'outlined dense maxlength={field_rules.most(rule)}'
                )

        @action
        async def save() -> None:
            for field in fields.values():
                field.error = None
            try:
                await on_contacts(Contacts(**{name: text_of(field.value) for name, field in fields.items()}))
            except InvalidForm as refusal:
                for name, error in refusal.errors.items():
                    fields[name].error = error_text(error)
                return
            dialog.close()

        with ui.element('div').classes('cluster'):
            ui.button(_('Сохранить'), on_click=save, color=None).classes('button--green').props('no-caps unelevated')
            ui.button(_('Не менять'), on_click=dialog.close, color=None).props('flat no-caps')
