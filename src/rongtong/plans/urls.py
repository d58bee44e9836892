"""Addresses of plans, links, carriers and results."""

from django.urls import path

from rongtong.plans import carrier_views, link_views, map_views, views

app_name = "plans"
urlpatterns = [
    path("", views.plans, name="plans"),
    path("new", views.open_plan, name="open"),
    path("map/", map_views.integration_map, name="map"),
    path("map/<int:pk>/<slug:process>/", map_views.cell, name="cell"),
    path("links/", link_views.links, name="links"),
    path("links/<int:pk>/", link_views.link, name="link"),
    path("links/<int:pk>/decide", link_views.decide, name="decide"),
    path("links/<int:pk>/together", link_views.together, name="together"),
    path("objectives/<int:pk>/measure", views.measure, name="measure"),
    path("objectives/<int:pk>/change", views.change_objective, name="change_objective"),
    path("carriers/", carrier_views.carriers, name="carriers"),
    path("carriers/new", carrier_views.declare, name="declare"),
    path("carriers/<int:pk>/", carrier_views.carrier, name="carrier"),
    path("carriers/<int:pk>/own", carrier_views.own, name="own"),
    path("carriers/<int:pk>/move", carrier_views.move, name="move"),
    path("carriers/<int:pk>/accept", carrier_views.accept, name="accept"),
    path("carriers/<int:pk>/milestone", carrier_views.milestone, name="milestone"),
    path("results/", carrier_views.results, name="results"),
    path("results/new", carrier_views.record, name="record"),
    path("results/<int:pk>/confirm", carrier_views.confirm, name="confirm"),
    path("<int:pk>/", views.plan, name="plan"),
    path("<int:pk>/objective", views.objective, name="objective"),
    path("<int:pk>/link", link_views.propose, name="propose"),
    path("<int:pk>/dismiss", views.dismiss, name="dismiss"),
    path("<int:pk>/versions/", views.versions, name="versions"),
    path("<int:pk>/change/<slug:what>", views.change, name="change"),
]
