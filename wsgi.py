"""What the web server runs: `gunicorn -c config/gunicorn.py wsgi:app`."""

from config.settings import load_settings
from parking.app import create_app
from parking.parts import assemble

app = create_app(assemble(load_settings(), pool_size=8))
