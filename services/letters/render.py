"""Turn a letter's template into subject, text and HTML."""

from functools import lru_cache
from html import escape
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.settings import get_settings

TEMPLATES = Path(__file__).parent / 'templates'


@lru_cache
def _environment() -> Environment:
    # Plain text: nothing to escape here; the HTML form is made from the finished text below.
    return Environment(loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, autoescape=False)  # noqa: S701


def render_letter(letter: str, facts: dict[str, object]) -> tuple[str, str, str]:
    """Return (subject, text, HTML) of a letter in Russian.

    The first line of the template is the subject: the news itself (LOOK «Words»).
    """
    settings = get_settings()
    company = {
        'company': settings.company_name,
        'hotline': settings.company_hotline,
        'mail': settings.company_mail,
        'url': settings.url,
    }
    filled = _environment().get_template(f'{letter}.ru.txt').render(**company, **facts)
    subject, _, text = filled.partition('\n')
    text = text.strip() + '\n'
    paragraphs = ''.join(f'<p>{escape(p).replace(chr(10), "<br>")}</p>' for p in text.strip().split('\n\n'))
    style = 'font:16px/1.5 sans-serif;color:#15181E'
    html = f'<!doctype html><html lang="ru"><body style="{style}">{paragraphs}</body></html>'
    return ' '.join(subject.split()), text, html
