"""Template tags of the house: components and the figure."""

from django import template

register = template.Library()
