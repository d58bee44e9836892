"""Acts on the ability of persons: evidence, certificates, ratings, objections, benches; and who read whose."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from rongtong.files import storing
from rongtong.kernel import clock
from rongtong.kernel.act import Actor, Message, act, current
from rongtong.kernel.errors import Conflict, NotAllowed, Refused
from rongtong.kernel.reference import Reference
from rongtong.organization.models import Person, Post
from rongtong.people import policies, queries
from rongtong.people.frames import LEVELS, Codes, Competence
from rongtong.people.models import (
    BenchEntry,
    Certificate,
    Evidence,
    EvidenceKind,
    Objection,
    Rating,
    RatingEvidence,
    RatingKind,
)
from rongtong.people.proving import shown_by

MAX_WORDS, MAX_NOTE, MAX_KIND = 300, 500, 80


def _ref(person: Person) -> Reference:
    return Reference("person", str(person.pk))


def _text(value: str, field: str, most: int = MAX_WORDS) -> str:
    text = value.strip()
    if not text or len(text) > most:
        what = _("The text is empty or longer than %(most)s characters") % {"most": most}
        raise Refused(what, field=field, remedy=_("say it in a sentence"))
    return text


def _competence(code: str) -> Competence:
    found = queries.frame_on(clock.today()).get(code)
    if found is None:
        what = _("“%(code)s” is no competence of the frame in force") % {"code": code}
        raise Refused(what, field="competence", remedy=_("choose one of the frame"), code="outside_frame")
    return found


def _locked(person: Person) -> Person:
    return Person.objects.select_for_update().get(pk=person.pk)


@act("people.read")
def note_reading(*, by: Actor, person: Person) -> None:
    """Who read the ability of another person. Counts are not noted."""
    if not policies.sees(by, person):
        raise NotAllowed("not_in_line")
    current().about(_ref(person))


# evidence


@act("people.evidence")
def add_evidence(*, by: Actor, person: Person, competence: str, record: Reference | None = None, words: str = "") -> Evidence:
    """Say what shows a competence: a record that passes its test, or only a claim in words, which counts for nothing."""
    policies.require_sees(by, person)
    asked, today = _competence(competence), clock.today()
    _locked(person)
    if record is None:
        made = Evidence.objects.create(
            person=person, competence=asked.code, kind=EvidenceKind.CLAIM, words=_text(words, "words"), on=today, added_label=by.label
        )
    else:
        made = _prove(by, person, asked, record, words, today)
    current().about(_ref(person), competence=asked.code, kind=made.kind, record=made.record_id)
    return made


def _prove(by: Actor, person: Person, asked: Competence, record: Reference, words: str, today: date) -> Evidence:
    shown = shown_by(person, asked, record, today)
    if Evidence.objects.filter(
        person=person, competence=asked.code, kind=record.kind, record_id=record.id, voided_on__isnull=True
    ).exists():
        raise Refused(_("This record stands for the competence already"), field="record", remedy=_("choose another"), code="twice")
    return Evidence.objects.create(
        person=person, competence=asked.code, kind=record.kind, record_id=record.id, words=words.strip()[:MAX_WORDS], on=shown.on,
        valid_until=shown.valid_until, added_label=by.label,
    )  # fmt: skip


@act("people.void_evidence")
def void_evidence(*, by: Actor, evidence: Evidence, reason: str) -> Evidence:
    """It shows nothing after all. What a superior's rating rests on is taken back by the line above only."""
    policies.require_sees(by, evidence.person)
    locked = Evidence.objects.select_for_update().get(pk=evidence.pk)
    if locked.voided_on is not None:
        raise Conflict(_("It was taken back already"), remedy=_("look at it again"), code="state")
    carries = Rating.objects.filter(evidence=locked, kind=RatingKind.SUPERIOR, superseded_on__isnull=True).exists()
    if carries and policies.is_self(by, evidence.person):
        raise Refused(_("A superior's rating rests on it"), remedy=_("object to the rating instead"), code="carries")
    locked.voided_on, locked.voided_reason = clock.today(), _text(reason, "reason")
    locked.save(update_fields=["voided_on", "voided_reason"])
    current().about(_ref(evidence.person), evidence=locked.pk, why=locked.voided_reason)
    return locked


# certificates


@dataclass(frozen=True, slots=True)
class NewCertificate:
    """What a certificate says, where its paper is, and what it serves."""

    kind: str
    issued_on: date
    expires_on: date | None = None
    number: str = ""
    paper: str = ""
    competences: Sequence[str] = ()
    upload: Any = None


@act("people.certificate")
def add_certificate(*, by: Actor, person: Person, new: NewCertificate) -> Certificate:
    """Record a certificate. One that renews another of the same kind without a gap carries on what the other proved."""
    policies.require_sees(by, person)
    _locked(person)
    codes = Codes(tuple(_competence(code).code for code in new.competences))
    _check_certificate(new)
    if person.certificates.filter(kind=new.kind.strip(), issued_on=new.issued_on, voided_on__isnull=True).exists():
        raise Refused(_("This certificate is on record already"), field="issued_on", remedy=_("correct the day"), code="twice")
    file = storing.store(by, new.upload) if new.upload else None
    made = Certificate.objects.create(
        person=person, kind=new.kind.strip(), number=new.number.strip(), issued_on=new.issued_on, expires_on=new.expires_on,
        paper=new.paper.strip(), file=file, competences=codes.stored(), added_label=by.label,
    )  # fmt: skip
    carried = _carry_on(by, made)
    current().about(_ref(person), certificate=made.pk, kind=made.kind, carried=carried)
    return made


def _check_certificate(new: NewCertificate) -> None:
    """Refuse what cannot be a certificate; writes nothing."""
    _text(new.kind, "kind", MAX_KIND)
    if new.issued_on > clock.today():
        raise Refused(_("The day of issue lies in the future"), field="issued_on", remedy=_("write the day on the paper"), code="future")
    if new.expires_on is not None and new.expires_on <= new.issued_on:
        raise Refused(_("It would expire before it was issued"), field="expires_on", remedy=_("correct one of the two days"), code="span")
    if not (new.number.strip() or new.paper.strip() or new.upload):
        what = _("Nobody could look this certificate up")
        raise Refused(what, field="number", remedy=_("give its number, where the paper is kept, or a file"), code="no_paper")
    if len(new.number.strip()) > 60 or len(new.paper.strip()) > 120:
        raise Refused(_("The number or the place of the paper is too long"), field="number", remedy=_("shorten it"))


def _carry_on(by: Actor, made: Certificate) -> int:
    """A renewal before the old one ran out stands for what the old one stood for, in ratings too."""
    older = made.person.certificates.filter(
        kind=made.kind, voided_on__isnull=True, issued_on__lt=made.issued_on, expires_on__gte=made.issued_on
    )
    keys = [str(pk) for pk in older.order_by("pk").values_list("pk", flat=True)]
    rows = Evidence.objects.filter(person=made.person, kind=EvidenceKind.CERTIFICATE, record_id__in=keys, voided_on__isnull=True)
    carried = 0
    for old in rows.filter(competence__in=made.competences).order_by("pk"):
        new, is_new = Evidence.objects.get_or_create(
            person=made.person, competence=old.competence, kind=old.kind, record_id=str(made.pk), voided_on=None,
            defaults={"on": made.issued_on, "valid_until": made.expires_on, "added_label": by.label},
        )  # fmt: skip
        ratings = Rating.objects.filter(evidence=old, superseded_on__isnull=True).exclude(evidence=new)
        RatingEvidence.objects.bulk_create([RatingEvidence(rating=rating, evidence=new) for rating in ratings])
        carried += is_new
    return carried


@act("people.void_certificate")
def void_certificate(*, by: Actor, certificate: Certificate, reason: str) -> Certificate:
    """It was entered wrongly or withdrawn; what rests on it no longer counts. The line above only."""
    policies.require_line(by, certificate.person)
    locked = Certificate.objects.select_for_update(of=("self",)).get(pk=certificate.pk)
    if locked.voided_on is not None:
        raise Conflict(_("It was taken back already"), remedy=_("look at it again"), code="state")
    locked.voided_on, locked.voided_reason = clock.today(), _text(reason, "reason")
    locked.save(update_fields=["voided_on", "voided_reason"])
    rests = Evidence.objects.filter(kind=EvidenceKind.CERTIFICATE, record_id=str(locked.pk), person=locked.person, voided_on__isnull=True)
    rests.update(voided_on=locked.voided_on, voided_reason=locked.voided_reason)
    current().about(_ref(certificate.person), certificate=locked.pk, why=locked.voided_reason)
    return locked


# ratings


@dataclass(frozen=True, slots=True)
class NewRating:
    """A level, on which evidence. Without evidence it is refused, unless it is said to be a claim."""

    competence: str
    level: int
    evidence: Sequence[Evidence] = ()
    is_claim: bool = False
    words: str = ""


@act("people.rate_self")
def rate_self(*, by: Actor, person: Person, new: NewRating) -> Rating:
    """One's own view of oneself. It stands beside the superior's and never for it."""
    policies.require_self(by, person)
    return _rate(by, person, new, RatingKind.SELF)


@act("people.rate")
def rate(*, by: Actor, person: Person, new: NewRating) -> Rating:
    """A superior's view of a person in one's line."""
    policies.require_line(by, person)
    return _rate(by, person, new, RatingKind.SUPERIOR)


def _rate(by: Actor, person: Person, new: NewRating, kind: RatingKind) -> Rating:
    asked, today, version = _competence(new.competence), clock.today(), queries.version_on(clock.today())
    assert version is not None  # its competence was found in it
    if new.level not in LEVELS:
        what = _("There is no level %(level)s") % {"level": new.level}
        raise Refused(what, field="level", remedy=_("choose one of 1 to %(most)d") % {"most": LEVELS[-1]}, code="level")
    _refuse_evidence(person, asked, new, today)
    _locked(person)
    _supersede(person, asked, kind, today)
    made = Rating.objects.create(
        person=person, competence=asked.code, level=new.level, kind=kind, frame=version, is_claim=not new.evidence,
        words=new.words.strip()[:MAX_WORDS], on=today, by_uid=str(by.uid), by_label=by.label,
    )  # fmt: skip
    RatingEvidence.objects.bulk_create([RatingEvidence(rating=made, evidence=row) for row in new.evidence])
    if kind == RatingKind.SUPERIOR:
        text = _("Your superior has rated “%(name)s”; you may see it, and object to it")
        _tell(
            str(person.account.uid) if person.account else "", text % {"name": asked.label}, Reference("rating", str(made.pk)), "people:me"
        )
    current().about(_ref(person), competence=asked.code, kind=kind, is_claim=made.is_claim)
    return made


def _refuse_evidence(person: Person, asked: Competence, new: NewRating, today: date) -> None:
    if not new.evidence and not new.is_claim:
        what = _("No evidence is named for “%(name)s”") % {"name": asked.label}
        raise Refused(
            what, field="evidence", remedy=_("name a record, or mark it as a claim, which counts for nothing"), code="no_evidence"
        )
    for row in new.evidence:
        if row.person_id != person.pk or row.competence != asked.code:
            raise Refused(_("The evidence is of something else"), field="evidence", remedy=_("choose one of the list"), code="other")
        if not row.holds_on(today):
            expired = row.kind != EvidenceKind.CLAIM and row.voided_on is None
            what = (
                _("The evidence expired on %(day)s") % {"day": row.valid_until}
                if expired
                else _("A claim or a voided record proves nothing")
            )
            raise Refused(what, field="evidence", remedy=_("choose another record"), code="expired" if expired else "no_evidence")


def _supersede(person: Person, asked: Competence, kind: RatingKind, today: date) -> None:
    old = Rating.objects.filter(person=person, competence=asked.code, kind=kind, superseded_on__isnull=True).first()
    if old is None:
        return
    if old.objections.filter(answered_on__isnull=True).exists():
        raise Refused(_("The person has objected to the rating that stands"), remedy=_("answer the objection first"), code="objection_open")
    old.superseded_on = today
    old.save(update_fields=["superseded_on"])


def _tell(uid: str, text: str, about: Reference, url: str, *args: Any) -> None:
    if uid and uid != str(current().by.uid):
        current().tell(Message(uid, "ability", text, about, {"url": reverse(url, args=args)}))


@act("people.object")
def object_to(*, by: Actor, rating: Rating, text: str) -> Objection:
    """The person's own word on a superior's rating; the line above answers it."""
    policies.require_self(by, rating.person)
    locked = Rating.objects.select_for_update(of=("self",)).get(pk=rating.pk)
    if locked.kind != RatingKind.SUPERIOR or locked.superseded_on is not None:
        raise Refused(_("Only a superior's rating that stands can be objected to"), remedy=_("look at it again"), code="state")
    if locked.objections.filter(answered_on__isnull=True).exists():
        raise Refused(_("You have objected already; the answer is open"), remedy=_("wait for the answer"), code="twice")
    made = Objection.objects.create(rating=locked, text=_text(text, "text", MAX_NOTE), on=clock.today())
    said = _("%(name)s objects to your rating") % {"name": rating.person.name}
    _tell(locked.by_uid, said, Reference("objection", str(made.pk)), "people:person", rating.person_id)
    current().about(_ref(rating.person), rating=locked.pk)
    return made


@act("people.answer")
def answer(*, by: Actor, objection: Objection, text: str) -> Objection:
    """What the line above says to an objection. Whether the level changes is said by rating anew."""
    policies.require_line(by, objection.rating.person)
    locked = Objection.objects.select_for_update(of=("self",)).get(pk=objection.pk)
    if locked.answered_on is not None:
        raise Conflict(_("It was answered already"), remedy=_("look at it again"), code="state")
    locked.answer, locked.answered_on, locked.answered_label = _text(text, "answer", MAX_NOTE), clock.today(), by.label
    locked.save(update_fields=["answer", "answered_on", "answered_label"])
    person = objection.rating.person
    _tell(
        str(person.account.uid) if person.account else "",
        _("Your objection was answered"),
        Reference("objection", str(locked.pk)),
        "people:me",
    )
    current().about(_ref(person), objection=locked.pk)
    return locked


# benches


@act("people.bench")
def name_on_bench(*, by: Actor, post: Post, person: Person, reason: str) -> BenchEntry:
    """Name somebody who could step into a post. Both the post and the person lie in the line below."""
    policies.require_bench(by, post)
    policies.require_line(by, person)
    Post.objects.select_for_update().get(pk=post.pk)
    if post.closed_on is not None and post.closed_on <= clock.today():
        raise Refused(
            _("The post %(post)s is closed") % {"post": post.name}, field="post", remedy=_("name an open one"), code="post_closed"
        )
    if post.appointments.on(clock.today()).filter(person=person).exists():
        raise Refused(
            _("%(name)s serves in this post") % {"name": person.name}, field="person", remedy=_("name somebody else"), code="serves"
        )
    if post.bench.filter(person=person, removed_on__isnull=True).exists():
        raise Refused(_("%(name)s is named already") % {"name": person.name}, field="person", remedy=_("name somebody else"), code="twice")
    made = BenchEntry.objects.create(
        post=post, person=person, reason=_text(reason, "reason", 200), named_on=clock.today(), named_label=by.label
    )
    current().about(Reference("post", str(post.pk)), bench=person.pk)
    return made


@act("people.unbench")
def take_off_bench(*, by: Actor, entry: BenchEntry) -> BenchEntry:
    """The person is no longer named for the post."""
    policies.require_bench(by, entry.post)
    policies.require_line(by, entry.person)
    locked = BenchEntry.objects.select_for_update(of=("self",)).get(pk=entry.pk)
    if locked.removed_on is not None:
        raise Conflict(_("The entry was removed already"), remedy=_("look at it again"), code="state")
    locked.removed_on, locked.removed_label = clock.today(), by.label
    locked.save(update_fields=["removed_on", "removed_label"])
    current().about(Reference("post", str(entry.post_id)), unbench=entry.person_id)
    return locked
