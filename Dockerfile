FROM python:3.11-slim-bookworm AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
RUN ["python", "-m", "venv", "--without-pip", "/opt/unsent"]
WORKDIR /src
COPY requirements/run.txt requirements/
RUN ["pip", "--python", "/opt/unsent/bin/python", "install", "--require-hashes", "--requirement", "requirements/run.txt"]
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY cogs cogs
COPY content content
# What builds the project is locked with the rest, so nothing is fetched here.
RUN ["pip", "--python", "/opt/unsent/bin/python", "install", "--no-index", "--no-deps", "--no-build-isolation", "."]


FROM python:3.11-slim-bookworm

# The number is fixed, and needs no name: who owns the volume and reads the key file is the same in every later image.
RUN ["install", "--directory", "--owner", "10001", "--group", "10001", "--mode", "0700", "/data"]
COPY --from=build /opt/unsent /opt/unsent

# The port is published by whoever runs this, so it listens beyond the container's own loopback. The key is expected as
# a secret: one made inside the container would be lost with it, and all data with the key.
ENV PATH="/opt/unsent/bin:$PATH" \
    HOME=/data \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    UNSENT_DATA_DIR=/data \
    UNSENT_KEY_FILE=/run/secrets/unsent_key \
    UNSENT_LOG_FORMAT=json \
    UNSENT_WEB=0.0.0.0:8420

USER 10001:10001
WORKDIR /data
VOLUME ["/data"]
EXPOSE 8420
STOPSIGNAL SIGTERM
# Is the process alive? Not /healthz: that is also false while Discord has an outage, which no restart mends.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, http.client as h; c = h.HTTPConnection('127.0.0.1', int(os.environ['UNSENT_WEB'].rpartition(':')[2]), timeout=4); c.request('GET', '/livez'); raise SystemExit(c.getresponse().status != 200)"]
ENTRYPOINT ["unsent"]
CMD ["run"]
