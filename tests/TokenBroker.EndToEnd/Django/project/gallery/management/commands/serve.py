import os
import sys
import threading
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.core.management.base import BaseCommand
from django.core.wsgi import get_wsgi_application


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Command(BaseCommand):
    help = "Serves the site on a free port and prints it. (runserver prints the port that it was told, which may be 0.)"

    def add_arguments(self, parser):
        parser.add_argument("--port", type=int, default=0)
        parser.add_argument("--exit-with-stdin", action="store_true", help="end when standard input does, and so with the parent")

    def handle(self, *args, **options):
        with make_server("127.0.0.1", options["port"], get_wsgi_application(), Server, WSGIRequestHandler) as server:
            if options["exit_with_stdin"]:
                threading.Thread(target=self._exit_with_stdin, daemon=True).start()
            self.stdout.write(f"Listening on http://127.0.0.1:{server.server_port}/")
            self.stdout.flush()
            server.serve_forever()

    @staticmethod
    def _exit_with_stdin():
        sys.stdin.buffer.read()
        os._exit(0)
