from django.urls import path

from . import views

app_name = "gallery"
urlpatterns = [
    path("", views.index, name="index"),
    path("pictures/<path:name>", views.picture, name="picture"),
    path("delete/<int:pk>", views.delete, name="delete"),
]
