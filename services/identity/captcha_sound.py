"""Digits spoken in Russian over noise: the captcha for those who cannot see the picture."""

import io
import secrets
import wave
from functools import lru_cache
from pathlib import Path

VOICES = Path(__file__).with_name('captcha_voices')
VOICE_NAMES = ('a', 'b')
RATE = 8000
HISS = 0.06
BABBLE = 0.12
_dice = secrets.SystemRandom()


def speak(digits: str) -> bytes:
    """Return a WAV file (8 kHz, 8 bit, mono) with the digits; speed, loudness, voice and pauses vary each time.

    Args:
        digits: characters 0 to 9.
    """
    track: list[float] = _pause()
    for digit in digits:
        loudness = _dice.uniform(0.65, 0.85)
        track += [sample * loudness for sample in _stretched(_voice(_dice.choice(VOICE_NAMES), digit))]
        track += _pause()
    _add_babble(track)
    return _wav(bytes(_clipped(128 + 127 * (sample + _dice.uniform(-HISS, HISS))) for sample in track))


def _pause() -> list[float]:
    return [0.0] * int(RATE * _dice.uniform(0.35, 0.7))


def _stretched(samples: tuple[float, ...]) -> list[float]:
    """Change speed and pitch a little by picking the nearest sample."""
    step = _dice.uniform(0.9, 1.1)
    return [samples[int(index * step)] for index in range(int(len(samples) / step))]


def _add_babble(track: list[float]) -> None:
    """Mix in quiet reversed digits, so that silence does not give away where a digit begins."""
    start = 0
    while start < len(track):
        murmur = _voice(_dice.choice(VOICE_NAMES), _dice.choice('0123456789'))[::-1]
        for index, sample in enumerate(murmur[: len(track) - start]):
            track[start + index] += BABBLE * sample
        start += len(murmur)


def _clipped(value: float) -> int:
    return max(0, min(255, round(value)))


@lru_cache(maxsize=20)
def _voice(name: str, digit: str) -> tuple[float, ...]:
    """Samples of one digit between -1 and 1; how the files were made stands in captcha_voices/ORIGIN.md."""
    with wave.open(str(VOICES / f'{name}{digit}.wav'), 'rb') as file:
        return tuple((sample - 128) / 128 for sample in file.readframes(file.getnframes()))


def _wav(frames: bytes) -> bytes:
    out = io.BytesIO()
    with wave.open(out, 'wb') as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(RATE)
        file.writeframes(frames)
    return out.getvalue()
