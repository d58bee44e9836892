"""Addresses of ability: overview, posts and benches, persons, frame and requirements, courses."""

from django.urls import path

from rongtong.people import course_views, frame_views, person_views, views

app_name = "people"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("map/<slug:code>/", views.cell, name="cell"),
    path("posts/", views.posts, name="posts"),
    path("posts/<int:pk>/", views.bench, name="bench"),
    path("posts/<int:pk>/name", views.name_on_bench, name="name_on_bench"),
    path("bench/<int:pk>/remove", views.take_off_bench, name="take_off_bench"),
    path("me/", person_views.me, name="me"),
    path("<int:pk>/", person_views.person, name="person"),
    path("<int:pk>/evidence", person_views.add_evidence, name="add_evidence"),
    path("<int:pk>/certificate", person_views.add_certificate, name="add_certificate"),
    path("<int:pk>/rate/<slug:code>", person_views.rate, name="rate"),
    path("evidence/<int:pk>/void", person_views.void_evidence, name="void_evidence"),
    path("certificates/<int:pk>/void", person_views.void_certificate, name="void_certificate"),
    path("certificates/<int:pk>/file", person_views.certificate_file, name="certificate_file"),
    path("ratings/<int:pk>/object", person_views.object_to, name="object"),
    path("objections/<int:pk>/answer", person_views.answer, name="answer"),
    path("frame/", frame_views.frame, name="frame"),
    path("frame/draft", frame_views.begin_draft, name="begin_draft"),
    path("frame/<int:pk>/", frame_views.version, name="version"),
    path("frame/<int:pk>/competence", frame_views.competence, name="competence"),
    path("frame/<int:pk>/step/<slug:what>", frame_views.step, name="frame_step"),
    path("frame/<int:pk>/<slug:what>", frame_views.change, name="frame_change"),
    path("requirements/", frame_views.requirements, name="requirements"),
    path("requirements/new", frame_views.require, name="require"),
    path("requirements/<int:pk>/end", frame_views.end_requirement, name="end_requirement"),
    path("parity", frame_views.parity, name="parity"),
    path("courses/", course_views.courses, name="courses"),
    path("courses/new", course_views.plan, name="plan_course"),
    path("courses/<int:pk>/", course_views.course, name="course"),
    path("courses/<int:pk>/people", course_views.people, name="course_people"),
    path("courses/<int:pk>/attendance", course_views.attendance, name="attendance"),
    path("courses/<int:pk>/off", course_views.take_off, name="take_off"),
    path("courses/<int:pk>/follow", course_views.follow_up, name="follow_up"),
    path("courses/<int:pk>/change/<slug:what>", course_views.change, name="change_course"),
]
