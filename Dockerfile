# Undertone as one image. Build it with `make image`; docs/deploy.md says how to run it.
#
# Every package is a wheel or a tarball whose hash is in a lock file, so nothing is compiled and no compiler is needed.

FROM node:22-slim AS assets
WORKDIR /assets
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund


FROM python:3.13-slim AS builder
ENV PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app

COPY requirements.txt ./
RUN python -m venv --without-pip /opt/venv \
 && python -m pip --python /opt/venv/bin/python install --quiet --no-cache-dir --no-compile \
      --only-binary :all: --require-hashes --requirement requirements.txt
# What packages bring for their own developers: tests, sources of compiled code, translations of pages we do not have.
RUN find /opt/venv -type d -name tests -prune -exec rm -r {} + \
 && find /opt/venv -type f \( -name '*.po' -o -name '*.mo' -o -name '*.pyx' -o -name '*.pxd' \
      -o -name '*.c' -o -name '*.cpp' -o -name '*.h' -o -name '*.map' \) -delete

COPY . .
COPY --from=assets /assets/node_modules/wavesurfer.js/dist node_modules/wavesurfer.js/dist
COPY --from=assets /assets/node_modules/wavesurfer.js/LICENSE node_modules/wavesurfer.js/dist/
# Compiled code is kept with the time of its source. Registries cut times to whole seconds, so all get one that is whole.
# The models are then asked once: that proves them, and fills numba's cache for the plainest processor of this kind.
ENV NUMBA_CACHE_DIR=/app/compiled NUMBA_CPU_NAME=generic PATH=/opt/venv/bin:$PATH
RUN chmod -R u=rwX,go=rX . \
 && export SECRET_KEY=only-for-building \
 && python manage.py collectstatic --noinput --verbosity 0 \
 && rm -r node_modules package.json package-lock.json requirements.txt Dockerfile \
 && find /opt/venv /app -exec touch --no-dereference --date 2020-01-01T00:00:00Z {} + \
 && python -m compileall -q -j 0 /opt/venv/lib /app \
 && python manage.py classify samples


FROM python:3.13-slim
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Undertone" \
      org.opencontainers.image.description="Hears emotion in a voice" \
      org.opencontainers.image.licenses="MIT AND CC-BY-NC-SA-4.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"

# The cache is read-only here: at the start it is copied to /dev/shm or /tmp, whichever the running user can write.
# A user without a name has no home, and libraries that would look there for their caches need the name of one.
ENV PATH=/opt/venv/bin:$PATH \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    NUMBA_CACHE_DIR=/app/compiled \
    NUMBA_CPU_NAME=generic \
    PORT=8000
WORKDIR /app
COPY --from=builder /opt/venv /opt/venv
COPY --from=builder /app /app

# No name is needed, and any other user will do as well: nothing in the image is written.
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["python", "-m", "emotion_site.healthcheck"]
CMD ["gunicorn"]
