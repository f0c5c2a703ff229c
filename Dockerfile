# Bangun: docker build -t sop-bot .   (setelan lewat lingkungan, lihat .env.example; contoh pakai: compose.yaml)
ARG PYTHON=3.13

FROM python:${PYTHON}-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /venv
# The pins first: this layer is built again only when they change.
COPY requirements/run.txt /app/requirements/run.txt
RUN /venv/bin/pip install --require-hashes --only-binary :all: -r /app/requirements/run.txt
COPY pyproject.toml README.md LICENSE /app/
COPY bot /app/bot
COPY handlers /app/handlers
COPY migrations /app/migrations
COPY sop_data /app/sop_data
# In place, as `make` installs it: migrations/ and sop_data/ stand beside the package.
RUN /venv/bin/pip install --no-deps --no-build-isolation --editable /app && \
    /venv/bin/python -m compileall -q /app/bot /app/handlers /venv/lib

FROM python:${PYTHON}-slim
# Nothing is written outside the volume, so the root file system may be read-only.
ENV PATH=/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PYTHONUTF8=1 \
    DATABASE_URL=sqlite:////var/lib/sop-bot/sop.db LISTEN=0.0.0.0:8080 LOG_FORMAT=json
RUN groupadd --gid 10001 sop-bot && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin sop-bot && \
    install -d -o 10001 -g 10001 -m 0700 /var/lib/sop-bot
COPY --from=build /venv /venv
COPY --from=build /app /app
USER 10001:10001
WORKDIR /var/lib/sop-bot
VOLUME /var/lib/sop-bot
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=6s --start-period=30s --retries=3 CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8080, timeout=5); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
ENTRYPOINT ["sop-bot"]
CMD ["run"]
