"""What the page tests run instead of the command line: the wiring of main.py, and nothing of the demo."""

from nicegui import ui

import main

main.create()
ui.run(tailwind=False, reload=False, show=False, language='ru')
