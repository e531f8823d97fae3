"""/operator/rules and /operator/rules/{name}: the rules of the house in figures, for administrators."""

from datetime import date
from functools import partial

from nicegui import context, ui
from starlette.responses import Response

from components import rule_words
from components.action import action, tell
from components.guards import requires
from components.i18n import _, long_date
from components.session import act
from components.shell import shell
from components.templating import icon, render
from components.typed_fields import TypedFields
from models.user import Role
from pages.errors import error_page
from services import rule_changes
from services.errors import DomainError, NotFound
from services.rule_changes import RuleView


@ui.page('/operator/rules')
@requires(Role.ADMINISTRATOR)
async def rules_page() -> None:
    """Show all rules: what they say today and what is planned."""
    groups = await act(rule_changes.list_rules)
    async with shell(_('Правила'), area='operator', active='rules'):
        with ui.element('div').classes('desk dense'):
            with ui.element('div').classes('desk__head'):
                ui.html(_('Правила'), tag='h1', sanitize=False)
            ui.html(render('_rules.html', groups=groups, words=rule_words), sanitize=False).classes('desk__list')


@ui.page('/operator/rules/{name}')
@requires(Role.ADMINISTRATOR)
async def rule_page(name: str) -> Response | None:
    """Show one rule with its history, and change it from a coming day."""
    try:
        view = await act(rule_changes.get_rule, name)
    except NotFound:
        return await error_page(context.client.request, 404)
    async with shell(_(rule_words.TITLES[view.rule.name]), area='operator', active='rules'):
        OpenRule(view).open()
    return None


class OpenRule:
    """One rule on one open page."""

    def __init__(self, view: RuleView) -> None:
        self._view, self._name = view, view.rule.name

    def open(self) -> None:
        """Draw what the rule says and the form that changes it."""
        with ui.element('div').classes('console console--two dense'):
            self._facts = ui.html(sanitize=False).classes('console__pane console__pane--tall')
            pane = ui.element('section').classes('console__pane').props(f'aria-label="{_("Изменить")}"')
            with pane, ui.element('div').classes('stack measure'):
                ui.html(_('Изменить'), tag='h2', sanitize=False)
                self._fields = TypedFields.empty()
                rule = self._view.rule
                words = rule_words.typed(self._view.value)
                self._fields.line('value', _('Новое значение'), value=words, hint=rule_words.limits_words(rule))
                earliest = self._view.earliest
                hint = _('Не раньше {day}').format(day=long_date(earliest))
                first = earliest.isoformat()
                self._fields.line('starts_on', _('С какого дня'), value=first, hint=hint, props='type=date')
                self._fields.lines('reason', _('Причина'), hint=_('Останется в журнале'))
                with ui.button(_('Назначить'), on_click=self._change, color=None) as button:
                    ui.html(str(icon('check')), sanitize=False).classes('button__icon')
                button.classes('button--green').props('no-caps unelevated')
                self._coming = ui.element('div').classes('stack stack--s')
        self._draw()

    def _draw(self) -> None:
        self._facts.set_content(render('_rule.html', view=self._view, words=rule_words))
        self._coming.clear()
        with self._coming:
            for change in self._view.coming:
                words = rule_words.value_words(self._view.rule, change.value)
                ui.label(_('{value} с {day}').format(value=words, day=long_date(change.starts_on)))
                with ui.element('div').classes('cluster'):
                    take_back = partial(self._withdraw, change.id, change.starts_on)
                    ui.button(_('Отменить изменение'), on_click=take_back, color=None).props('no-caps unelevated')

    async def _reread(self) -> None:
        self._view = await act(rule_changes.get_rule, self._name)
        self._draw()

    @action
    async def _change(self) -> None:
        try:
            typed = self._fields.values()
            value = rule_words.read_typed(self._view.rule, typed.pop('value'))
            await act(rule_changes.change, self._name, value, **typed)
        except DomainError as refusal:
            if not self._fields.show(refusal):
                raise
            return
        self._fields.fields['reason'].value = ''
        await self._reread()
        tell(_('Назначено'))

    @action
    async def _withdraw(self, change_id: int, starts_on: date) -> None:
        await act(rule_changes.withdraw, change_id)
        await self._reread()
        tell(_('Изменение с {day} отменено').format(day=long_date(starts_on)))
