"""A field on the screen to sign in: one canvas, one drawing taken when the button is pressed."""

from nicegui.element import Element

TAKING = 10.0
"""Seconds to wait for the drawing: the tablet may be on a weak network."""


class SignaturePad(Element, component='signature_pad.js'):
    """The canvas; `label` is what a screen reader says. What it gives is a browser's word: a service validates it."""

    def __init__(self, label: str) -> None:
        super().__init__()
        self._props['label'] = label

    async def take(self) -> object:
        """Return the drawing as SVG of straight strokes; an empty text when nothing was drawn."""
        return await self.run_method('svg', timeout=TAKING)

    def wipe(self) -> None:
        """Make the field empty again."""
        self.run_method('clear')
