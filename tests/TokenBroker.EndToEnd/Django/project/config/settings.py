"""
A small gallery whose pictures live in Azure Blob Storage, reached through TokenBroker.

The two storage settings are django-storages' own, so that a site which uses its AzureStorage has them already.
"""
import os
from pathlib import Path

from django.core.management.utils import get_random_secret_key

# The account's endpoint is the sidecar. The key is a dummy: the client library wants one before it sends anything,
# but the sidecar throws away what is signed with it and the storage account does not know it. It opens nothing.
AZURE_CONNECTION_STRING = os.environ.get(
    "AZURE_CONNECTION_STRING",
    "DefaultEndpointsProtocol=http;AccountName=ACCOUNT;AccountKey=dGhpcyBrZXkgb3BlbnMgbm90aGluZw==;"
    "BlobEndpoint=http://127.0.0.1:11000/ACCOUNT;",
)
AZURE_CONTAINER = os.environ.get("AZURE_CONTAINER", "pictures")

DATA_DIRECTORY = Path(os.environ.get("GALLERY_DATA_DIRECTORY", Path(__file__).resolve().parent.parent))
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": DATA_DIRECTORY / "gallery.sqlite3"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Good for one process. A site with several shares one.
SECRET_KEY = os.environ.get("GALLERY_SECRET_KEY") or get_random_secret_key()
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]

INSTALLED_APPS = ["gallery"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",  # X-Content-Type-Options: nosniff
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "config.urls"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
USE_TZ = True
TIME_ZONE = "UTC"

# Errors to the console, also without DEBUG.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "loggers": {"django": {"handlers": ["console"], "level": "INFO"}},
}
