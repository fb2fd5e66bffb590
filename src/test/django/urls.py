from django.urls import include, path

urlpatterns = [path("auth/", include("drf_social_oauth2.urls", namespace="drf"))]
