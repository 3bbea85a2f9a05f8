#!/usr/bin/env bash
#
# run_spider.sh [URL] [option of web_spider]...
#
# Installs what is missing, builds the example web_spider and crawls URL. Without
# a URL it crawls Python's manual, which it serves on this machine meanwhile.

set -euo pipefail
cd "$(dirname "$0")/.."
. cmake/require_packages.sh

url=
if [ $# -gt 0 ] && [ "${1#-}" = "$1" ]; then
  url=$1
  shift
fi

packages=("${spider_packages[@]}")
if [ -z "$url" ]; then
  packages+=(python3 python3-doc)
fi
require_packages "${packages[@]}"

# The standard output is the spider's; what is said before it goes elsewhere.
{
  cmake --preset release
  cmake --build --preset release --target web_spider
} >&2
spider=build/release/example/web_spider/web_spider

if [ -n "$url" ]; then
  exec "$spider" "$url" "$@"
fi

find_manual()
{
  local dir
  for dir in /usr/share/doc/python3*/html; do
    if [ -f "$dir/library/index.html" ]; then
      manual=$dir
      return 0
    fi
  done
  return 1
}

manual=
if ! find_manual && [ -z "${TORO_NO_INSTALL:-}" ]; then
  # Images for containers tell dpkg to leave documentation out.
  say "python3-doc is installed without its files; installing them"
  apt install -y --reinstall --no-install-recommends \
    -o 'Dpkg::Options::=--path-include=/usr/share/doc/python3*' \
    'python3-doc' '^python3\.[0-9]+-doc$' || true
  find_manual || true
fi
if [ -z "$manual" ]; then
  say "Python's manual is not under /usr/share/doc, where python3-doc puts it."
  say "Give the URL of a site to crawl instead: $0 http://..."
  exit 1
fi

log=$(mktemp)
server=
stop()
{
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  rm -f "$log"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Port 0 lets the system choose one that is free; the server's first line tells.
PYTHONUNBUFFERED=1 python3 -m http.server 0 --bind 127.0.0.1 \
  --directory "$manual" >"$log" 2>&1 &
server=$!
port=
for ((i = 0; i < 100; ++i)); do
  port=$(sed -n 's/^Serving HTTP on .* port \([0-9]*\) .*/\1/p' "$log")
  [ -z "$port" ] || break
  kill -0 "$server" 2>/dev/null || break
  sleep 0.1
done
if [ -z "$port" ]; then
  say "the server of the manual did not start:"
  cat "$log" >&2
  exit 1
fi

"$spider" "http://127.0.0.1:$port/" "$@"
