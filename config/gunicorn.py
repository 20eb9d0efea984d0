"""gunicorn: a few processes with threads. Behind a proxy that buffers slow clients."""

import os

bind = os.environ.get("BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "8"))
worker_class = "gthread"
timeout = 30
graceful_timeout = 15
keepalive = 5
max_requests = 0
limit_request_line = 4094
limit_request_fields = 50
limit_request_field_size = 4096
accesslog = None  # the application logs each request itself, without secrets
errorlog = "-"
loglevel = "warning"
no_control_socket = True
