# Two stages: uv makes the environment from the lock file; the image people run has neither uv nor development packages.
FROM python:3.12-slim-bookworm AS build
RUN pip install --no-cache-dir uv==0.13.9
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=/opt/amigo
WORKDIR /app
COPY pyproject.toml uv.lock ./
RUN --mount=type=cache,target=/root/.cache/uv uv sync --frozen --no-dev

FROM python:3.12-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin amigo \
 && mkdir -p /app /data && chown amigo:amigo /data
COPY --from=build /opt/amigo /opt/amigo
WORKDIR /app
COPY main.py ./
COPY models ./models
COPY services ./services
COPY components ./components
COPY pages ./pages
COPY docs/auth.yml docs/data.yml docs/fields.yml docs/files.yml docs/limits.yml docs/rules.yml ./docs/
ENV PATH=/opt/amigo/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PYTHONMALLOC=malloc \
    AMIGO_HOST=0.0.0.0 AMIGO_DATA_DIR=/data AMIGO_LOG_JSON=1 NICEGUI_STORAGE_PATH=/tmp/nicegui
USER amigo
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=3s --start-period=40s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ.get('AMIGO_PORT', '8080')}/healthz\", timeout=2)"]
# exec: the process is number 1 and hears the stop signal itself. One container migrates, the others find it done.
CMD ["sh", "-c", "python main.py migrate && exec python main.py serve"]
