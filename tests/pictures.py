"""Files for uploads: honest pictures, and everything else that calls itself one."""

import io
import struct
import zlib

from PIL import Image

EICAR = rb'X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-' + rb'STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'
SCRIPT = b'<script>alert(document.domain)</script>'
PHP = b"<?php system($_GET['c']); ?>"


def picture(kind='JPEG', size=(80, 60), mode='RGB', **options):
    """Return the bytes of a picture: red above, blue below, so that one sees which way is up."""
    image = Image.new(mode, size, (200, 30, 40) if mode == 'RGB' else 200)
    if mode == 'RGB':
        image.paste((20, 60, 200), (0, size[1] // 2, size[0], size[1]))
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def photo_of_a_phone(turned=1):
    """Return a JPEG with the place where it was taken, the camera, and a word about which way is up."""
    exif = Image.Exif()
    exif[0x0112] = turned
    exif[0x0110] = 'Secret Phone 12'
    exif.get_ifd(0x8825).update({1: 'N', 2: (53.0, 54.0, 8.0), 3: 'E', 4: (27.0, 33.0, 42.0)})
    return picture(exif=exif, comment=b'taken at home')


def chunk(name, body):
    return struct.pack('>I', len(body)) + name + body + struct.pack('>I', zlib.crc32(name + body))


def png_bomb(width=30_000, height=30_000):
    """Return a PNG of a few hundred bytes that says it has so many pixels; 900 million by default."""
    header = struct.pack('>IIBBBBB', width, height, 8, 2, 0, 0, 0)
    packed = zlib.compress(b'\0' * 1000)
    return b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', header) + chunk(b'IDAT', packed) + chunk(b'IEND', b'')


def jpeg_with_many_scans(scans=5000):
    """Return a progressive JPEG that repeats its last scan: nothing to see, minutes to unpack."""
    whole = picture(progressive=True)
    last = whole.rindex(b'\xff\xda')
    return whole[:last] + whole[last:-2] * scans + b'\xff\xd9'


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
HTML = b'<!doctype html><html><body>' + SCRIPT + b'</body></html>'

NOT_PICTURES = {
    'svg': SVG,
    'svg with a declaration': b'<?xml version="1.0"?>' + SVG,
    'html': HTML,
    'script': b'alert(1)//' + b' ' * 100,
    'gif and script': b'GIF89a/*' + b'\0' * 40 + b'*/=1;alert(1)//;',
    'honest gif': picture('GIF'),
    'bmp': picture('BMP'),
    'tiff': picture('TIFF'),
    'ico': picture('ICO'),
    'zip': b'PK\x03\x04' + b'\0' * 200,
    'gzip': b'\x1f\x8b\x08' + b'\0' * 200,
    'pdf': b'%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript>>>>endobj\n%%EOF',
    'program': b'MZ' + b'\0' * 200,
    'elf': b'\x7fELF' + b'\0' * 200,
    'eicar': EICAR,
    'zeros': b'\0' * 1_000_000,
    'nothing': b'',
    'one byte': b'\xff',
    'head of a jpeg': b'\xff\xd8\xff',
    'head of a jpeg and script': b'\xff\xd8\xff\xe0' + SCRIPT * 10,
    'head of a png and html': b'\x89PNG\r\n\x1a\n' + HTML,
    'head of a webp and html': b'RIFF\xff\xff\xff\xffWEBP' + HTML,
    'webp that is a wave': b'RIFF\x24\0\0\0WAVEfmt ',
    'truncated jpeg': picture(size=(400, 300))[:-400],
    'truncated png': picture('PNG', size=(400, 300))[:-60],
    'truncated webp': picture('WEBP', size=(400, 300))[:-60],
    'jpeg with 5,000 scans': jpeg_with_many_scans(),
}
"""What is refused in every place."""

TWO_FACED = {
    'jpeg with php behind it': picture() + PHP,
    'jpeg with php in its comment': picture(comment=PHP),
    'jpeg with an archive behind it': picture() + b'PK\x03\x04' + b'secret' * 20,
    'jpeg with script in its comment': picture(comment=b'*/=1;' + SCRIPT),
    'png with html behind it': picture('PNG') + HTML,
    'png with script in a text': picture('PNG')[:33] + chunk(b'tEXt', b'x\0' + SCRIPT) + picture('PNG')[33:],
    'webp with php behind it': picture('WEBP') + PHP,
    'jpeg with eicar behind it': picture() + EICAR,
}
"""Pictures that are something else too: the picture is kept, the rest is gone."""
FACES = (PHP, SCRIPT, b'PK\x03\x04', b'secret', EICAR, b'<?php', b'<html')
