"""Where the cursor goes when a form is refused: to the first wrong field, and never out of one that is being filled."""

import pytest
from playwright.sync_api import expect

HOLD = """() => {
    const move = window.amigoCursor.move;
    window.amigoCursor.move = (place) => { window.heldMove = () => move(place); };
}"""
COME = '() => { window.heldMove(); return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))); }'


@pytest.fixture
def form(page, sign_in, base_url):
    """The form of payments by hand, empty."""
    sign_in(page, 'olga')
    page.wait_for_url('**/operator/')
    page.goto(f'{base_url}/operator/manual-payments')
    return page.get_by_role('region', name='Принять платёж')


def accept(form):
    form.get_by_role('button', name='Принять').click()
    expect(form.get_by_role('alert').first).to_be_visible()


def test_the_cursor_goes_to_the_first_wrong_field(form):
    accept(form)

    expect(form.get_by_label('Номер договора')).to_be_focused()


def test_who_types_on_before_the_answer_keeps_the_cursor(page, form):
    expect(form.get_by_label('Номер договора')).to_be_visible()
    page.evaluate(HOLD)
    accept(form)
    page.wait_for_function('() => window.heldMove')
    form.get_by_label('Сумма, р.').fill('10')
    page.evaluate(COME)

    expect(form.get_by_label('Сумма, р.')).to_be_focused()

    accept(form)
    page.evaluate(COME)

    expect(form.get_by_label('Номер договора')).to_be_focused()
