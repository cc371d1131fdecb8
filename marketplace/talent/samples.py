"""The verbs of writing samples. Words that a reader was given never change: an edit is a new row."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from marketplace.accounts.models import Organisation, Person
from marketplace.config import rules
from marketplace.kernel.clock import now, today
from marketplace.kernel.db import add, db, find, flush, lock, many
from marketplace.kernel.errors import Forbidden, Missing, Refused, Stale
from marketplace.kernel.events import tell
from marketplace.kernel.files import File
from marketplace.talent import boasts
from marketplace.talent.models import LIVING, Grant, Opening, Profile, Sample, is_open_to, own_samples

WRITTEN = ("platform", "client", "role", "written_on", "text", "brief", "learns", "link", "permission", "alt")
GONE = "This sample was changed or removed in the meantime. Please open it again from your list."


def add_sample(profile: Profile, *, by: Person, image: File | None = None, **fields: Any) -> Sample:
    """Add a sample at the end of the list. fields: WRITTEN.

    It waits for a reader where the professional is admitted already. Refuses a ninth sample, a date to
    come, an image without words for those who cannot see it, and boasts of audience.
    """
    lock(profile)
    owns(profile, by)
    held = many(own_samples(profile.id))
    if len(held) >= rules().samples_most:
        raise Refused(f"You have {len(held)} samples, which is the most. Remove one before you add another.")
    check(fields, image)
    sample = Sample(
        profile_id=profile.id,
        position=max((row.position for row in held), default=-1) + 1,
        state="waiting" if profile.is_admitted else "draft",
        **fields,
    )
    sample.image_id = image.id if image else None
    add(sample)
    tell("sample.added", sample, by=by, stream=profile)
    return sample


def revise_sample(
    sample: Sample, *, by: Person, image: File | None = None, drop_image: bool = False, **fields: Any
) -> Sample:
    """Change a sample. Where readers were given its words, the change is a new sample that waits for one.

    image: a new image; the old stays when left out, unless `drop_image`. Returns the row that holds the
    new words. Raises Stale when the sample was replaced or removed in the meantime.
    """
    lock(sample.profile)
    lock(sample)
    owns(sample.profile, by)
    newest(sample)
    kept = image.id if image else None if drop_image else sample.image_id
    check(fields, kept)
    if sample.is_fixed:
        sample = add(
            Sample(
                profile_id=sample.profile_id,
                position=sample.position,
                state="waiting",
                replaces_id=sample.id,
                **fields,
            )
        )
    else:
        for field, value in fields.items():
            setattr(sample, field, value)
    sample.image_id = kept
    flush()
    tell("sample.revised", sample, by=by, stream=sample.profile)
    return sample


def remove_sample(sample: Sample, *, by: Person) -> None:
    """Take a sample off the profile. An admitted professional keeps the least number of samples."""
    profile = lock(sample.profile)
    lock(sample)
    owns(profile, by)
    newest(sample)
    if profile.is_admitted and len(many(own_samples(profile.id))) <= rules().samples_least:
        raise Refused(
            f"Keep at least {rules().samples_least} samples: add another one before you remove this."
        )
    tell("sample.removed", sample, by=by, stream=profile)
    gone: Sample | None = sample
    while gone is not None and gone.state in LIVING:
        gone.state = "removed"
        gone = db.session.get(Sample, gone.replaces_id) if gone.replaces_id else None
    flush()


def reorder(sample: Sample, *, up: bool, by: Person) -> None:
    """Move a sample one place up or down. At the end of the list nothing happens."""
    lock(sample.profile)
    owns(sample.profile, by)
    rows = many(own_samples(sample.profile_id))
    if sample not in rows:
        raise Stale(GONE)
    here = rows.index(sample)
    there = here + (-1 if up else 1)
    if 0 <= there < len(rows):
        rows[here], rows[there] = rows[there], rows[here]
    everything = {row.id: row for row in many(select(Sample).where(Sample.profile_id == sample.profile_id))}
    for position, row in enumerate(rows):
        row.position = position
        if row.replaces_id:
            everything[row.replaces_id].position = position
    tell("sample.moved", sample, by=by, stream=sample.profile)


def freeze(profile: Profile, *, by: Person) -> list[str]:
    """Fix the words of all samples because they go to readers; returns their ids in order.

    Who is not admitted yet has nothing shown, so the newest words take the place of older ones at once.
    """
    lock(profile)
    rows = many(own_samples(profile.id).execution_options(populate_existing=True))
    for row in rows:
        row.sent_at = row.sent_at or now()
    if not profile.is_admitted:
        publish(profile, None)
    tell("profile.frozen", profile, by=by, samples=[str(row.id) for row in rows])
    return [str(row.id) for row in rows]


def publish(profile: Profile, sample_ids: list[str] | None) -> None:
    """Show the samples that were read; those they replace are gone from sight."""
    living = select(Sample).where(Sample.profile_id == profile.id, Sample.state.in_(LIVING))
    rows = {row.id: row for row in many(living)}
    read = rows.keys() if sample_ids is None else {UUID(text) for text in sample_ids}
    replaced_ids = {row.replaces_id for row in rows.values() if row.id in read}
    for row in rows.values():
        if row.id in replaced_ids:
            row.state = "replaced"
        elif row.id in read:
            row.state = "frozen"
    flush()


def let_in(sample: Sample, name: str, *, by: Person) -> Grant:
    """Let the people of the business called `name` open a sealed sample for some days.

    Refuses where no verified business has exactly this name, or several have.
    """
    lock(sample)
    owns(sample.profile, by)
    if not sample.is_sealed:
        raise Refused("This sample is not sealed: everybody may read it.")
    wanted = func.lower(Organisation.name) == name.strip().lower()
    found = many(
        select(Organisation).where(
            wanted, Organisation.verified_at.is_not(None), Organisation.closed_at.is_(None)
        )
    )
    if len(found) != 1:
        raise Refused(
            "There is no one business of this name. Write it as it stands on its briefs.", field="name"
        )
    grant = add(
        Grant(sample_id=sample.id, organisation_id=found[0].id, expires_at=now() + rules().sealed_opening)
    )
    tell("sample.let_in", sample, by=by, stream=sample.profile, organisation=found[0].name)
    return grant


def open_sealed(sample: Sample, *, by: Person, part: str = "text") -> Opening:
    """Log that `by` opens a sealed sample. Raises Missing for who was not let in.

    part: `text` or `image`. Openings are looking, so the caller gives this a transaction of its own.
    """
    if not by.is_staff and find(is_open_to(sample.id, by).limit(1)) is None:
        raise Missing
    return add(Opening(sample_id=sample.id, person_id=by.id, part=part))


def check(fields: dict[str, Any], image: Any) -> None:
    """Refuse what cannot be a sample."""
    if unknown := set(fields) - set(WRITTEN):
        raise TypeError(f"A sample cannot be told {', '.join(sorted(unknown))}.")
    for field in ("brief", "learns", "client"):
        if sentence := boasts.note(str(fields.get(field, ""))):
            raise Refused(sentence, field=field)
    if fields["written_on"] > today():
        raise Refused("This day has not come yet. When was it published?", field="written_on")
    if image and not fields.get("alt", "").strip():
        raise Refused("Describe the image in a sentence, for readers who cannot see it.", field="alt")


def newest(sample: Sample) -> None:
    """Refuse a row that is gone or that newer words replace."""
    later = select(Sample.id).where(Sample.replaces_id == sample.id, Sample.state.in_(LIVING))
    if sample.state not in LIVING or db.session.scalar(later) is not None:
        raise Stale(GONE)


def owns(profile: Profile, person: Person) -> None:
    """Only the professional changes samples; staff may look, others find nothing."""
    if profile.person_id == person.id:
        return
    if person.is_staff:
        raise Forbidden("Only the professional can change these samples.")
    raise Missing
