"""What the web server runs: `gunicorn -c config/gunicorn.py wsgi:app`."""

from config.settings import load_settings
from parking.app import create_app
from parking.demo.routes import add_demo
from parking.parts import assemble

parts = assemble(load_settings(), pool_size=8)
app = create_app(parts)
if parts.settings.is_demo:
    add_demo(app, parts)
