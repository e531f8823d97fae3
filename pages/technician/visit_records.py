"""What the technician writes down: devices, the reading of the line, the client's papers."""

from nicegui import ui

from components.i18n import _
from components.session import act
from components.templating import render
from components.typed_fields import TypedFields
from components.visit_words import PAPERS, ownership_word, paper_word, quality_badge
from models.region import Technology
from pages.technician.visit_desk import VisitDesk, failing
from pages.technician.visit_photos import draw_photos
from services.contracts.identity_papers import CITIZENS, PaperKind, PapersForm
from services.errors import DomainError, InvalidField
from services.visits import visits
from services.visits.equipment import Device
from services.visits.line_quality import LineForm


def draw_equipment(desk: VisitDesk) -> None:
    """Serial and MAC of every device of the package."""
    desk.title(_('Оборудование'), _('Перепишите с наклейки на устройстве. Буквы можно маленькие, двоеточия не нужны.'))
    forms = [(device, _draw_device(device)) for device in desk.card.devices]
    if not forms:
        ui.html(render('_field_title.html', title='', note=_('В этом пакете устройств нет.')), sanitize=False)

    async def save() -> None:
        for device, fields in forms:
            try:
                await act(visits.record_equipment, desk.card.id, device.code, fields.value('serial'), _mac(fields))
            except InvalidField as refusal:
                fields.show(refusal)
                return
        await desk.go_on()

    with ui.element('div').classes('tablet__actions'):
        failing(desk)
        desk.main(_('Записать и дальше'), save)


def _draw_device(device: Device) -> TypedFields:
    fields = TypedFields.empty()
    with ui.element('section').classes('card field-device'):
        ui.html(render('_field_device.html', device=device, ownership=ownership_word), sanitize=False)
        with ui.element('div').classes('field-device__pair'):
            fields.line(
                'serial', _('Серийный номер'), value=device.serial, props='autocomplete=off autocapitalize=characters'
            )
            if device.needs_mac:
                fields.line('mac', _('MAC'), value=device.mac, props='autocomplete=off autocapitalize=characters')
    return fields


def _mac(fields: TypedFields) -> str:
    return fields.value('mac') if 'mac' in fields.fields else ''


def draw_line(desk: VisitDesk) -> None:
    """Level of light and speed."""
    desk.title(_('Проверка линии'))
    card, fields = desk.card, TypedFields.empty()
    reading = card.reading
    with ui.element('section').classes('card stack'):
        if reading.quality is not None:
            kind, word = quality_badge(reading.quality)
            ui.html(render('_field_badge.html', kind=kind, word=word), sanitize=False)
        if card.technology == Technology.GPON:
            level = '' if reading.level is None else f'{reading.level.normalize():f}'.replace('.', ',')
            hint = _('Норма от −10 до −25. До −27 — слабый, остальное объясните в заметке.')
            fields.line(
                'level', _('Уровень сигнала, дБм'), value=level, hint=hint, props='inputmode=text autocomplete=off'
            )
        with ui.element('div').classes('field-device__pair'):
            for name, label, value in (
                ('down', _('Приём, Мбит/с'), reading.down_mbit),
                ('up', _('Передача, Мбит/с'), reading.up_mbit),
            ):
                fields.line(name, label, value=str(value or ''), props='inputmode=numeric autocomplete=off')
        fields.lines('note', _('Заметка, если нужна'), value=reading.note)
    draw_photos(desk)

    async def save() -> None:
        try:
            await act(visits.record_line, card.id, LineForm(**fields.values()))
        except DomainError as refusal:
            if not fields.show(refusal):
                raise
            return
        await desk.go_on()

    with ui.element('div').classes('tablet__actions'):
        failing(desk)
        desk.main(_('Записать и дальше'), save)


def draw_papers(desk: VisitDesk) -> None:
    """The client's identity papers: from the office or typed here, then on to the signature."""
    card = desk.card
    desk.title(_('Документы клиента'), _('Перепишите из документа и сверьте. Хранятся зашифрованными.'))
    if card.passport:
        _draw_kept(desk)
        return
    fields = _draw_papers_form()

    async def save() -> None:
        try:
            await act(visits.fill_papers, card.id, PapersForm(**fields.values()))
        except DomainError as refusal:
            if not fields.show(refusal):
                raise
            return
        await desk.go_on()

    with ui.element('div').classes('tablet__actions'):
        failing(desk)
        desk.main(_('Записать и сверить'), save)


def _draw_kept(desk: VisitDesk) -> None:
    """Papers are there: look at the doubts, correct or go on."""
    card = desk.card
    doubts = [_(doubt) for doubt in card.doubts]
    ui.html(render('_field_papers.html', visit=card, doubts=doubts, paper_word=paper_word), sanitize=False)
    place = ui.element('div')

    async def go_to_signature() -> None:
        await act(visits.begin_signing, card.id, desk.key)
        await desk.go_on()

    def correct() -> None:
        desk.holds = True
        for element in (kept, place):
            element.clear()
        with place:
            fields = _draw_papers_form()

            async def save() -> None:
                try:
                    await act(visits.fill_papers, card.id, PapersForm(**fields.values()))
                except DomainError as refusal:
                    if not fields.show(refusal):
                        raise
                    return
                desk.holds = False
                await desk.go_on()

            with ui.element('div').classes('tablet__actions'):
                desk.main(_('Записать и сверить'), save)

    with ui.element('div') as kept, ui.element('div').classes('tablet__actions'):
        failing(desk)
        ui.button(_('Исправить'), on_click=correct, color=None).props('no-caps')
        desk.main(_('Сверил, к подписи'), go_to_signature)


def _draw_papers_form() -> TypedFields:
    fields = TypedFields.empty()
    with ui.element('section').classes('card stack'):
        kind = fields.choice('kind', _('Документ'), {name: paper_word(name) for name in PAPERS})
        with ui.element('div').classes('field-device__pair'):
            number = fields.line('passport', '', props='autocomplete=off autocapitalize=characters')
            personal = fields.line('personal_number', '', props='autocomplete=off autocapitalize=characters')
        _name_numbers(PaperKind.PASSPORT, number, personal)
        kind.on_value_change(lambda event: _name_numbers(event.value, number, personal))
        fields.line('issued_by', _('Кем выдан'), props='autocomplete=off')
        with ui.element('div').classes('field-device__pair'):
            fields.line('issued_on', _('Когда выдан'), hint=_('31.12.2019'), props='inputmode=decimal autocomplete=off')
            fields.line(
                'birth_date', _('Дата рождения'), hint=_('31.12.1985'), props='inputmode=decimal autocomplete=off'
            )
    return fields


def _name_numbers(kind: PaperKind, number: ui.input, personal: ui.input) -> None:
    """Call the numbers as they are called in this kind of paper."""
    is_passport = kind == PaperKind.PASSPORT
    number.props['label'] = _('Серия и номер паспорта') if is_passport else _('Номер документа')
    personal.props['label'] = (
        _('Идентификационный номер') if kind in CITIZENS else _('Идентификационный номер, если есть')
    )
