"""Pictures made anew: what comes out is ours, whatever came in; what is no picture stays outside."""

import io
import time

import pytest
from PIL import Image

from models.file import FilePurpose
from services.files import images
from services.files.images import NotAPicture, TooManyPixels
from services.files.rules import RULES
from tests import pictures

CHAT = RULES.places[FilePurpose.CHAT]


def made(content, place=CHAT):
    return images.make_anew(io.BytesIO(content), place)


def opened(content):
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize('kind', ['JPEG', 'PNG', 'WEBP'])
def test_a_picture_stays_what_it_was(kind):
    picture = made(pictures.picture(kind))

    assert picture.kind == kind.lower()
    assert (picture.width, picture.height) == (80, 60)
    assert opened(picture.full).format == kind
    red, blue = (
        opened(picture.full).convert('RGB').getpixel((40, 5)),
        opened(picture.full).convert('RGB').getpixel((40, 55)),
    )
    assert red[0] > 150 > red[2]
    assert blue[2] > 150 > blue[0]


@pytest.mark.parametrize('name', pictures.NOT_PICTURES)
def test_what_is_no_picture_is_refused(name):
    with pytest.raises(NotAPicture):
        made(pictures.NOT_PICTURES[name])


@pytest.mark.parametrize('name', pictures.TWO_FACED)
def test_a_second_face_is_gone(name):
    picture = made(pictures.TWO_FACED[name])

    assert not [face for face in pictures.FACES if face in picture.full + picture.small]


def test_the_place_and_the_camera_are_gone():
    before = pictures.photo_of_a_phone()
    assert opened(before).getexif().get_ifd(0x8825)  # it was there

    picture = made(before)

    for content in (picture.full, picture.small):
        assert dict(opened(content).getexif()) == {}
        assert set(opened(content).info) <= {'jfif', 'jfif_version', 'jfif_unit', 'jfif_density'}
        assert b'Secret Phone' not in content
        assert b'taken at home' not in content


def test_a_picture_taken_sideways_is_turned_upright():
    picture = made(pictures.photo_of_a_phone(turned=6))

    assert (picture.width, picture.height) == (60, 80)
    right = opened(picture.full).getpixel((55, 40))
    assert right[0] > 150 > right[2]  # what was above is on the right


def test_a_large_picture_is_made_smaller_and_has_a_preview():
    picture = made(pictures.picture(size=(6000, 3000)))

    assert (picture.width, picture.height) == (RULES.longest_side, RULES.longest_side // 2)
    assert opened(picture.full).size == (picture.width, picture.height)
    assert opened(picture.small).size == (RULES.preview_side, RULES.preview_side // 2)


@pytest.mark.parametrize('side', [30_000, 12_000, 5_000])
def test_too_many_pixels_are_refused_before_they_are_unpacked(side):
    began = time.process_time()

    with pytest.raises(TooManyPixels):
        made(pictures.png_bomb(side, side))

    assert time.process_time() - began < 1


@pytest.mark.parametrize(('kind', 'pixels'), [('JPEG', 'most_pixels'), ('PNG', 'most_pixels_whole')])
def test_the_limit_of_pixels_is_exact(kind, pixels):
    place = CHAT.model_copy(update={pixels: 80 * 60})

    assert made(pictures.picture(kind), place).width == 80
    with pytest.raises(TooManyPixels):
        made(pictures.picture(kind, size=(81, 60)), place)


@pytest.mark.parametrize(
    ('kind', 'mode'),
    [('JPEG', 'L'), ('JPEG', 'CMYK'), ('PNG', 'L'), ('PNG', 'P'), ('PNG', '1'), ('PNG', 'LA'), ('PNG', 'RGBA'), ('PNG', 'I;16'), ('WEBP', 'RGBA')],
)  # fmt: skip
def test_every_way_to_write_colours_is_taken(kind, mode):
    out = io.BytesIO()
    Image.new(mode, (30, 20)).save(out, kind)

    picture = made(out.getvalue())

    assert opened(picture.full).size == (30, 20)


def test_holes_stay_holes():
    out = io.BytesIO()
    Image.new('RGBA', (30, 20), (1, 2, 3, 0)).save(out, 'PNG')

    assert opened(made(out.getvalue()).full).getpixel((5, 5))[3] == 0


def test_a_progressive_photo_is_taken():
    assert made(pictures.picture(progressive=True, size=(500, 400))).width == 500


def test_only_the_types_of_the_place_are_taken():
    place = CHAT.model_copy(update={'types': ('jpeg',)})

    with pytest.raises(NotAPicture):
        made(pictures.picture('PNG'), place)
