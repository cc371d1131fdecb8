"""Uploads: checked by content, made anew, kept under names of our own."""

from __future__ import annotations

import io
from contextlib import suppress
from typing import Any
from uuid import UUID

import filetype
from flask import Response
from PIL import Image, ImageOps
from sqlalchemy import BigInteger, ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.datastructures import FileStorage

from marketplace.config import rules, settings
from marketplace.kernel.db import Row, add, db, flush, many
from marketplace.kernel.errors import Refused
from marketplace.kernel.jobs import later
from marketplace.kernel.text import sha256

# What an image may be: its content, as sniffed, and the endings that agree with it.
IMAGES = {"image/png": {"png"}, "image/jpeg": {"jpg", "jpeg"}, "image/webp": {"webp"}}
WIDEST = 1600
NOT_AN_IMAGE = "This is not a PNG, JPEG or WebP image, whatever its name says. Please choose another file."


class File(Row, kw_only=True, eq=False, repr=False):
    """One stored file. Its bytes lie in the blob store under its id."""

    __tablename__ = "kernel_file"

    owner_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_person.id"), index=True)
    mime: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]


def store() -> Any:
    """The blob store: a folder, or S3 when a bucket is set."""
    from obstore.store import LocalStore, S3Store

    if settings().s3_bucket:
        return S3Store(settings().s3_bucket)
    settings().blob_dir.mkdir(parents=True, exist_ok=True)
    return LocalStore(str(settings().blob_dir))


def keep_image(upload: FileStorage, *, owner: Any) -> File:
    """Check an uploaded image by its content, make it anew without its metadata, and keep it.

    owner: the person who sent it. The bytes are stored before the row, so a kill between the two leaves
    a file nobody serves, never a row without its file. Raises Refused with a sentence.
    """
    data = upload.stream.read(rules().upload_bytes + 1)
    if len(data) > rules().upload_bytes:
        raise Refused("That file is larger than 10 MB. Please choose a smaller one.", status=413)
    image, width, height = make_anew(data, upload.filename or "")
    row = File(
        owner_id=owner.id,
        mime="image/webp",
        size=len(image),
        sha256=sha256(image),
        width=width,
        height=height,
    )
    store().put(str(row.id), image)
    return add(row)


def make_anew(data: bytes, filename: str) -> tuple[bytes, int, int]:
    """Decode `data` as an image and encode it again as WebP: what hid in it stays behind.

    Returns the new bytes, width and height in pixels. Raises Refused for anything but a sound PNG, JPEG
    or WebP of at most 40 megapixels whose ending agrees with its content.
    """
    kind = filetype.guess_mime(data)
    ending = filename.rpartition(".")[2].lower()
    if kind not in IMAGES or ending not in IMAGES[kind]:
        raise Refused(NOT_AN_IMAGE)
    try:
        with Image.open(io.BytesIO(data), formats=["PNG", "JPEG", "WEBP"]) as opened:
            if opened.width * opened.height > rules().image_pixels:
                raise Refused("That image has more than 40 megapixels. Please make it smaller first.")
            turned = ImageOps.exif_transpose(opened).convert("RGB")
    except Refused:
        raise
    except Exception as error:  # Pillow raises many kinds for broken files; all mean the same here.
        raise Refused(NOT_AN_IMAGE) from error
    turned.thumbnail((WIDEST, WIDEST))
    made = io.BytesIO()
    turned.save(made, "WEBP", quality=85, method=4)
    return made.getvalue(), turned.width, turned.height


def send(file: File) -> Response:
    """`file` as an answer. The caller has checked that this person may see it."""
    body = bytes(store().get(str(file.id)).bytes())
    return Response(
        body,
        mimetype=file.mime,
        headers={
            "Content-Disposition": f'inline; filename="{file.id}.webp"',
            "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
            "ETag": f'"{file.sha256[:32]}"',
        },
    )


def forget_all(owner: Any) -> None:
    """Delete the files of `owner`: their rows now, their bytes once that has lasted. Nothing may use them."""
    for row in many(select(File).where(File.owner_id == owner.id)):
        db.session.delete(row)
        later("files.forget", str(row.id))
    flush()


def forget(file_id: str) -> None:
    """Job: delete the bytes of a file whose row is gone. Done twice it does nothing more."""
    with suppress(FileNotFoundError):
        store().delete(file_id)
