"""A Django project with nothing but `django-payment-midtrans` in it, as its README sets it up.

It runs in a throw-away environment of its own, never in ours: PEER_DATABASE names
the database, PEER_HOST and PEER_USER how to reach it.
"""

import os
from pathlib import Path

import django
from django.conf import settings

settings.configure(
    SECRET_KEY="measured, never deployed",  # noqa: S106
    DEBUG=False,
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF="peer_site",
    INSTALLED_APPS=[
        "django.contrib.contenttypes",
        "django.contrib.auth",
        "rest_framework",
        "django_celery_beat",
        "django_midtrans",
    ],
    MIDDLEWARE=[],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": os.environ["PEER_DATABASE"],
            "HOST": os.environ["PEER_HOST"],
            "PORT": os.environ["PEER_PORT"],
            "USER": os.environ["PEER_USER"],
            "PASSWORD": os.environ["PEER_PASSWORD"],
            "CONN_MAX_AGE": None,  # connections stay open, as ours do
        }
    },
    TIME_ZONE="Asia/Jakarta",
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    MIDTRANS={"SERVER_KEY": os.environ["PEER_SERVER_KEY"], "IS_PRODUCTION": False},
)
django.setup()

from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from django.urls import include, path  # noqa: E402

urlpatterns = [path("midtrans/", include("django_midtrans.urls"))]
application = WSGIHandler()


def prepare(rows: str) -> None:
    """Make the tables, and a pending payment for each line "order<TAB>amount" of a file."""
    from django.core.management import call_command
    from django_midtrans.models import MidtransPayment

    call_command("migrate", verbosity=0)
    payments = [
        MidtransPayment(order_id=order, gross_amount=amount, payment_type="qris")
        for order, amount in (line.split("\t") for line in Path(rows).read_text().splitlines())
    ]
    MidtransPayment.objects.bulk_create(payments, batch_size=1000)


def processed() -> int:
    """How many payments are settled by a notification that was processed."""
    from django_midtrans.models import MidtransNotification

    return MidtransNotification.objects.filter(
        status="processed", payment__transaction_status="settlement"
    ).count()
