"""Acts on definitions: indicators, owners, sets with their weights, what the product ships."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.indicators import shipping
from rongtong.indicators.formulas import in_order, names_in, unknown_names
from rongtong.indicators.models import Aggregate, Direction, Indicator, IndicatorSet, Kind, SetItem, Subsystem
from rongtong.indicators.weighing import Item, check_items
from rongtong.kernel.act import Actor, act, current
from rongtong.kernel.errors import Refused
from rongtong.kernel.ids import clean_code
from rongtong.kernel.reference import Reference
from rongtong.organization.models import UnitClass
from rongtong.trees.models import Node, Tree

_CHOICES = {"subsystem": Subsystem, "direction": Direction, "kind": Kind, "aggregate": Aggregate}


@act("indicators.define")
def define(*, by: Actor, code: str, **fields: Any) -> Indicator:
    """Create an indicator, or change the named fields of one. Its observations stay; what they mean is the 口径 of their time."""
    access.require_everywhere(by, Permission.INDICATOR_DEFINE)
    code = clean_code(code)
    indicator = Indicator.objects.filter(code=code).first() or Indicator(code=code)
    for name, value in fields.items():
        setattr(indicator, name, value)
    check_definition(indicator)
    if indicator.pk:
        indicator.save(update_fields=list(fields))
    else:
        indicator.save(force_insert=True)
    current().about(Reference("indicator", str(indicator.pk)), code=code, fields=sorted(fields))
    return indicator


def check_definition(indicator: Indicator) -> None:
    """Refused unless the definition is whole and agrees with itself."""
    for field, allowed in _CHOICES.items():
        if getattr(indicator, field) not in allowed.values:
            raise Refused(
                _("“%(value)s” is not one of: %(allowed)s") % {"value": getattr(indicator, field), "allowed": ", ".join(allowed.values)},
                field=field,
                remedy=_("use one of these words"),
                code="choice",
            )
    if not indicator.name:
        raise Refused(_("The indicator has no name"), field="name", remedy=_("name it"), code="name_empty")
    if indicator.aggregate == Aggregate.SUM and indicator.is_percent:
        raise Refused(
            _("A percentage cannot be summed over months"), field="aggregate", remedy=_("use ratio, mean, last or none"), code="aggregate"
        )
    if indicator.aggregate == Aggregate.MEAN and indicator.is_percent:
        raise Refused(
            _("A percentage is never averaged over months"), field="aggregate", remedy=_("use ratio, last or none"), code="aggregate"
        )
    if indicator.aggregate == Aggregate.RATIO and indicator.kind != Kind.RATIO:
        raise Refused(
            _("Only ratios aggregate by their sums"),
            field="aggregate",
            remedy=_("make it a ratio, or choose another rule"),
            code="aggregate",
        )
    _check_ideal(indicator)
    if indicator.expression:
        _check_expression(indicator)


def _check_ideal(indicator: Indicator) -> None:
    low, high = indicator.ideal_low, indicator.ideal_high
    is_needed = indicator.direction in {Direction.TARGET, Direction.INTERVAL}
    is_half = (low is None) != (high is None)
    if is_half or (is_needed and low is None) or (low is not None and high is not None and low > high):
        raise Refused(_("The ideal interval is not whole"), field="ideal_low", remedy=_("give its lower and upper end"), code="ideal")


def _check_expression(indicator: Indicator) -> None:
    others = {row.code: row.expression for row in Indicator.objects.exclude(code=indicator.code)}
    unknown = unknown_names(indicator.expression, [*others, indicator.code])
    if unknown:
        raise Refused(
            _("The formula names %(codes)s, which does not exist") % {"codes": ", ".join(unknown)},
            field="expression",
            remedy=_("use codes of indicators"),
            code="formula_unknown",
        )
    if indicator.collector:
        raise Refused(
            _("A collected figure cannot be derived as well"),
            field="expression",
            remedy=_("empty one of the two"),
            code="formula_collected",
        )
    if not names_in(indicator.expression):
        raise Refused(_("The formula reads no indicator"), field="expression", remedy=_("use codes of indicators"), code="formula_constant")
    in_order({**{code: text for code, text in others.items() if text}, indicator.code: indicator.expression})


@act("indicators.switch")
def switch(*, by: Actor, indicator: Indicator, is_on: bool) -> Indicator:
    """Use an indicator or not. The weights of its sets are shown renormalised over those that are on."""
    access.require_everywhere(by, Permission.INDICATOR_DEFINE)
    if not is_on:
        _refuse_empty_side(indicator)
    indicator.is_on = is_on
    indicator.save(update_fields=["is_on"])
    current().about(Reference("indicator", str(indicator.pk)), code=indicator.code, is_on=is_on)
    return indicator


def _refuse_empty_side(indicator: Indicator) -> None:
    """A set whose last weighted indicator of a side left would measure nothing."""
    for issued in IndicatorSet.objects.filter(items__indicator=indicator, items__weight__gt=0, ends_on__isnull=True).distinct():
        others = SetItem.objects.filter(set=issued, indicator__subsystem=indicator.subsystem, indicator__is_on=True, weight__gt=0)
        if not others.exclude(indicator=indicator).filter(indicator__is_veto=False).exists():
            raise Refused(
                _("%(code)s is the last weighted indicator of its side in %(set)s") % {"code": indicator.code, "set": issued},
                remedy=_("issue a new version of the set first"),
                code="set_side_empty",
            )


@act("indicators.assign_owner")
def assign_owner(*, by: Actor, indicator: Indicator, owner: Node | None) -> Indicator:
    """Say which department owns, enters and signs a figure."""
    access.require_everywhere(by, Permission.INDICATOR_DEFINE)
    if owner is not None and owner.closed_on is not None:
        raise Refused(
            _("%(name)s is closed") % {"name": owner.name}, field="owner", remedy=_("choose an open department"), code="owner_closed"
        )
    indicator.owner = owner
    indicator.save(update_fields=["owner"])
    current().about(Reference("indicator", str(indicator.pk)), code=indicator.code, owner=owner.code if owner else "")
    return indicator


@act("indicators.issue_set")
def issue_set(
    *, by: Actor, code: str, unit_class: UnitClass, name: str, version: str, starts_on: date, items: Sequence[Item], name_en: str = ""
) -> IndicatorSet:
    """Issue a version of a class's set from a day on; the version before ends that day. Weights must sum to 1 inside each subsystem."""
    access.require_everywhere(by, Permission.INDICATOR_DEFINE)
    check_items(items)
    later = IndicatorSet.objects.filter(unit_class=unit_class, starts_on__gte=starts_on).first()
    if later is not None:
        raise Refused(
            _("%(set)s already begins on %(day)s") % {"set": later, "day": later.starts_on},
            field="starts_on",
            remedy=_("let the new version begin later"),
            code="set_later",
        )
    running = IndicatorSet.objects.filter(unit_class=unit_class).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=starts_on))
    running.update(ends_on=starts_on)
    try:
        with transaction.atomic():
            issued = IndicatorSet.objects.create(
                code=clean_code(code),
                unit_class=unit_class,
                name=name,
                name_en=name_en,
                version=version,
                starts_on=starts_on,
                issued_by=by.label,
            )
    except IntegrityError:
        raise Refused(
            _("There is a version %(version)s of this set") % {"version": version},
            field="version",
            remedy=_("give it another name"),
            code="set_version",
        ) from None
    SetItem.objects.bulk_create([SetItem(set=issued, indicator=i.indicator, weight=i.weight, bands=i.bands) for i in items])
    current().about(Reference("indicator_set", str(issued.pk)), code=issued.code, version=version, items=len(items))
    return issued


@act("indicators.install_sets")
def install_sets(*, by: Actor) -> int:
    """Add what the product ships and this enterprise does not have yet; what exists is left alone. Returns how many rows were added."""
    access.require_everywhere(by, Permission.INDICATOR_DEFINE)
    departments = {node.name: node for node in Node.objects.filter(tree=Tree.BUSINESS, closed_on__isnull=True).order_by("-path")}
    have = set(Indicator.objects.values_list("code", flat=True))
    missing = [fields for fields in shipping.shipped_indicators() if fields["code"] not in have]
    Indicator.objects.bulk_create([Indicator(**fields, owner=departments.get(fields["owner_hint"])) for fields in missing])
    count = len(missing) + sum(_install_set(by, shipped) for shipped in shipping.shipped_sets())
    current().about(Reference("indicator_set", ""), added=count)
    return count


def _install_set(by: Actor, shipped: shipping.ShippedSet) -> int:
    names = {"name": shipped.name.removesuffix("指标集"), "name_en": shipped.name_en.removeprefix("Set of ")}
    unit_class = UnitClass.objects.get_or_create(code=shipped.class_code, defaults=names)[0]
    if IndicatorSet.objects.filter(unit_class=unit_class).exists():
        return 0
    codes = {code: weight for side in shipped.weights.values() for code, weight in side.items()}
    known = Indicator.objects.in_bulk(list(codes), field_name="code")
    bands = shipping.shipped_bands()
    items = [Item(known[code], weight, bands.get(code)) for code, weight in codes.items()]
    issue_set(
        by=by,
        code=f"SET-{shipped.class_code}",
        unit_class=unit_class,
        name=shipped.name,
        name_en=shipped.name_en,
        version=shipped.version,
        starts_on=shipped.starts_on,
        items=items,
    )
    return 1 + len(items)
