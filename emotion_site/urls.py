"""Every address of the site."""

from __future__ import annotations

from django.urls import path

from classifier import answers, pages, views
from classifier.api import api

urlpatterns = [
    path("", views.home, name="home"),
    path("samples/<str:name>", views.sample, name="sample"),
    path("picture-walk", pages.picture_walk, name="picture-walk"),
    path("pictures/<str:emotion>/<str:name>", pages.picture, name="picture"),
    path("shared", pages.shared_result, name="shared-result"),
    path("responsible-use", pages.responsible_use, name="responsible-use"),
    path("models/<str:name>", pages.model, name="model"),
    path("api/docs", views.api_docs, name="api-docs"),
    path("api/v1/", api.urls),
]
handler400 = answers.bad_request
handler403 = answers.forbidden
handler404 = answers.not_found
handler500 = answers.server_error
