"""Forms of votes: what is held, and what the tellers counted."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongtong.exchange import parsing
from rongtong.kernel.errors import Refused
from rongtong.meetings import voting
from rongtong.meetings.models import Candidate, Meeting, Vote, VoteKind
from rongtong.meetings.vote_actions import Counts, ElectionCounts, NewCandidate, NewVote, Tellers, WrittenIn
from rongtong.meetings.vote_rules import day_of
from rongtong.organization.fields import DayField
from rongtong.organization.models import Person, Post
from rongtong.roster import queries as roster

OFFICES = [
    ("committee", gettext_lazy("committee member")),
    ("secretary", gettext_lazy("secretary")),
    ("deputy", gettext_lazy("deputy secretary")),
]
MOST = 100_000


class CountField(forms.CharField):
    """A count that the tellers wrote; empty is not 0."""

    def __init__(self, **options: Any) -> None:
        attrs = {"inputmode": "numeric", "class": "form-control", "autocomplete": "off"}
        super().__init__(max_length=8, widget=forms.TextInput(attrs=attrs), **options)

    def clean(self, value: Any) -> int | None:
        try:
            found: int | None = parsing.whole(super().clean(value))
        except Refused as refusal:
            raise forms.ValidationError(str(refusal), code=refusal.code) from refusal
        if found is not None and not 0 <= found <= MOST:
            raise forms.ValidationError(_("Write a count from 0 on"))
        return found


class _Form(forms.Form):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", "form-select" if isinstance(field, forms.ChoiceField) else "form-control")


class OpenForm(_Form):
    """A vote on an item."""

    item = forms.ChoiceField(required=False, label=gettext_lazy("Agenda item"))

    def __init__(self, *args: Any, meeting: Meeting, kind: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.meeting, self.kind = meeting, kind
        self.items = {str(item.pk): item for item in meeting.items.all()} if kind != VoteKind.CADRES else {}
        if "item" in self.fields:
            self.fields["item"].choices = [("", "—"), *((key, item.title) for key, item in self.items.items())]  # type: ignore[attr-defined]

    def new(self) -> NewVote:
        return NewVote(self.meeting, self.kind, self.items.get(self.cleaned_data.get("item", "")))


class CadresForm(OpenForm):
    """Counts only: who holds the paper file, and its number."""

    item = None  # type: ignore[assignment]
    holder = forms.CharField(max_length=80, label=gettext_lazy("Who holds the paper file"))
    paper_file = forms.CharField(max_length=80, label=gettext_lazy("Number of the paper file"))

    def new(self) -> NewVote:
        d = self.cleaned_data
        return NewVote(self.meeting, self.kind, holder=d["holder"], paper_file=d["paper_file"])


class ElectionForm(OpenForm):
    """Office, seats and who stands."""

    office = forms.ChoiceField(choices=OFFICES, label=gettext_lazy("Office"))
    seats = CountField(label=gettext_lazy("Seats"))
    candidates = forms.CharField(
        max_length=4000, widget=forms.Textarea(attrs={"rows": 8}), label=gettext_lazy("Candidates, one a line: code or name of the member")
    )
    is_by_election = forms.BooleanField(
        required=False,
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
        label=gettext_lazy("By-election (fills a seat, starts no term)"),
    )
    second_of: Vote | None = None

    def clean_candidates(self) -> list[NewCandidate]:
        members = [one.person for one in roster.members(self.meeting.node, day_of(self.meeting))]
        lines = [parsing.folded(line) for line in self.cleaned_data["candidates"].splitlines()]
        return [_candidate(line, members) for line in lines if line]

    def new(self) -> NewVote:
        d = self.cleaned_data
        return NewVote(
            self.meeting, self.kind, self.items.get(d["item"]), office=d["office"], seats=d["seats"], candidates=d["candidates"],
            is_by_election=d["is_by_election"], second_of=self.second_of,
        )  # fmt: skip


def _candidate(line: str, members: list[Person]) -> NewCandidate:
    """The member with this code or name; a name that two members have needs the code."""
    first = line.split(" ", maxsplit=1)[0]
    by_code = [person for person in members if person.code == first]
    found = by_code or [person for person in members if person.name == line]
    if len(found) > 1:
        codes = ", ".join(person.code for person in found)
        raise forms.ValidationError(
            _("%(name)s is the name of several members; write the code: %(codes)s") % {"name": line, "codes": codes}
        )
    return NewCandidate(found[0].name, found[0]) if found else NewCandidate(line)


class _Papers(_Form):
    """Ballots and tellers."""

    issued = CountField(required=False, label=gettext_lazy("Ballots given out"))
    returned = CountField(required=False, label=gettext_lazy("Ballots returned"))
    valid = CountField(required=False, label=gettext_lazy("Valid ballots"))
    monitor = forms.CharField(max_length=80, required=False, label=gettext_lazy("Monitor of the count"))
    counter = forms.CharField(max_length=80, required=False, label=gettext_lazy("Counter of the votes"))

    def ballots(self) -> voting.Ballots | None:
        """The three counts, or None for a show of hands."""
        d = self.cleaned_data
        given = [d["issued"], d["returned"], d["valid"]]
        return None if all(one is None for one in given) else voting.Ballots(*(one or 0 for one in given))

    def clean(self) -> dict[str, Any]:
        d = super().clean() or {}
        names = ("issued", "returned", "valid")
        given = [name for name in names if d.get(name) is not None]
        if given and len(given) < len(names) and not self.errors:
            for name in names:
                if name not in given:
                    self.add_error(name, _("Write all three counts of ballots, or none for a show of hands"))
        return d

    def tellers(self) -> Tellers:
        return Tellers(self.cleaned_data.get("monitor", ""), self.cleaned_data.get("counter", ""))


class CountForm(_Papers):
    """For, against, abstained."""

    votes_for = CountField(label=gettext_lazy("In favour"))
    against = CountField(label=gettext_lazy("Against"))
    abstained = CountField(label=gettext_lazy("Abstained"))
    written = CountField(required=False, label=gettext_lazy("Written opinions in favour of members who could not come"))
    field_order = ("votes_for", "against", "abstained", "written", "issued", "returned", "valid", "monitor", "counter")

    def __init__(self, *args: Any, vote: Vote, counts_written: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if not counts_written:
            del self.fields["written"]
        if vote.kind == VoteKind.CADRES:
            del self.fields["monitor"], self.fields["counter"]

    def counts(self) -> Counts:
        d = self.cleaned_data
        return Counts(d["votes_for"], d["against"], d["abstained"], d.get("written") or 0, self.ballots(), self.tellers())


class ElectionCountForm(_Papers):
    """Three counts a candidate; names that were written in."""

    written_in = forms.CharField(
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        label=gettext_lazy("Written in, one a line: name and votes"),
    )

    def __init__(self, *args: Any, vote: Vote, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("issued", "returned", "valid", "monitor", "counter"):
            self.fields[name].required = True
        self.standing: list[Candidate] = [one for one in vote.candidates.all() if not one.is_written_in]
        for one in self.standing:
            for part, label in (("for", _("in favour")), ("against", _("against")), ("abstained", _("abstained"))):
                self.fields[f"c{one.pk}_{part}"] = CountField(label=f"{one.name}: {label}")
        last = self.fields.pop("written_in")
        self.fields["written_in"] = last

    def lines(self) -> list[dict[str, Any]]:
        """A row of three fields a candidate, for the table."""
        return [
            {"candidate": one, "fields": [self[f"c{one.pk}_{part}"] for part in ("for", "against", "abstained")]} for one in self.standing
        ]

    def clean_written_in(self) -> list[WrittenIn]:
        found = []
        for line in self.cleaned_data["written_in"].splitlines():
            name, _gap, votes = parsing.folded(line).rpartition(" ")
            if not name and votes:
                raise forms.ValidationError(_("“%(line)s”: write the name, a space and the votes") % {"line": votes[:40]})
            if name and not (votes.isascii() and votes.isdigit()):
                raise forms.ValidationError(_("“%(line)s”: write the name, a space and the votes") % {"line": line[:40]})
            if name:
                found.append(WrittenIn(name.strip(), int(votes)))
        return found

    def counts(self) -> ElectionCounts:
        d = self.cleaned_data
        by_candidate = {
            one.pk: (d[f"c{one.pk}_for"], d[f"c{one.pk}_against"], d[f"c{one.pk}_abstained"]) for one in self.standing
        }  # fmt: skip
        ballots = self.ballots() or voting.Ballots(0, 0, 0)
        return ElectionCounts(ballots, by_candidate, self.tellers(), d["written_in"])


class AppointForm(_Form):
    """Which post each one elected takes up, from when, by which document."""

    on = DayField(label=gettext_lazy("Appointed from"))
    document = forms.CharField(max_length=80, label=gettext_lazy("Number of the superior's approval or filing"))

    def __init__(self, *args: Any, elected: list[Candidate], posts: list[Post], serving: dict[int, str], **options: Any) -> None:
        super().__init__(*args, **options)
        self.elected, self.posts = elected, {str(post.pk): post for post in posts}
        names = [("", "—"), *((key, f"{post.name} ({serving.get(post.pk) or _('vacant')})") for key, post in self.posts.items())]
        free = iter([key for key, post in self.posts.items()])
        for one in elected:
            label = _("%(name)s takes up") % {"name": one.name}
            self.fields[f"post{one.pk}"] = forms.ChoiceField(choices=names, required=False, label=label, initial=next(free, ""))
            self.fields[f"post{one.pk}"].widget.attrs["class"] = "form-select"

    def chosen(self) -> list[tuple[Candidate, Post]]:
        found = [(one, self.posts.get(self.cleaned_data[f"post{one.pk}"])) for one in self.elected]
        return [(one, post) for one, post in found if post is not None]
