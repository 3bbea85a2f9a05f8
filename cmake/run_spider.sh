#!/usr/bin/env bash
#
# run_spider.sh [URL] [option of web_spider]...
#
# Installs what is missing, builds the example web_spider and crawls URL. Without
# a URL it crawls Python's manual, which it serves on this machine meanwhile.
# The first build takes some minutes. URL is an http:// or https:// URL; https
# needs OpenSSL, which is installed too. "web_spider --help" tells the options.

set -euo pipefail
cd "$(dirname "$0")/.."
. cmake/require_packages.sh

refuse()
{
  say "$*"
  exit 2
}

# What the spider would refuse, said before the minutes that a build takes.
check_url()
{
  local authority=${1#*://} user= port problem=
  authority=${authority%%[/?#]*}
  # What stands before an "@" may be a password, and is not repeated.
  local shown="'${1/*@/...@}'"
  case $1 in
    [Hh][Tt][Tt][Pp][Ss]://*) needs_tls=1 ;;
    [Hh][Tt][Tt][Pp]://*) ;;
    *)
      refuse "$shown is not an http:// or https:// URL;" \
        "write http://HOST[:PORT]/PATH" ;;
  esac
  case $authority in
    *@*) user=1 ;;
  esac
  authority=${authority##*@}
  case ${authority##*]} in
    *:*) port=${authority##*:} ;;
    *) port= ;;
  esac
  case $port in
    '') ;;
    *[!0-9]*) problem="port '$port' is not a number" ;;
    *)
      port=${port#"${port%%[!0]*}"} # without leading zeros
      if [ -z "$port" ] || [ ${#port} -gt 5 ] || [ "$port" -gt 65535 ]; then
        problem="port ${port:-0} is not between 1 and 65535"
      fi ;;
  esac
  [ -n "$problem" ] || return 0
  # Of "http://user:pass/word@host", that would tell a part of the password.
  case $user,$1 in
    ,*@*)
      problem="the port is not a number from 1 to 65535 (within a password,"
      problem+=" \"/\", \"?\" and \"#\" are written %2F, %3F and %23)" ;;
  esac
  refuse "$problem in $shown"
}

# The URL may stand anywhere. Only the values of some options can look like one.
url=
needs_tls=
options=()
before=
for argument; do
  case $before in
    --include | --exclude | --header | --cookie | --user-agent)
      options+=("$argument")
      before=
      continue ;;
  esac
  before=$argument
  case $argument in
    -h | --help)
      # The comment at the top of this file.
      sed -n '3,/^$/s/^# \{0,1\}//p' cmake/run_spider.sh
      exit 0 ;;
    -*) options+=("$argument") ;;
    *://*)
      [ -z "$url" ] || refuse "more than one URL"
      check_url "$argument"
      url=$argument ;;
    *)
      # Not the value of an option: nothing stands before it.
      [ ${#options[@]} -gt 0 ] || [ -n "$url" ] || check_url "$argument"
      options+=("$argument") ;;
  esac
done

packages=("${spider_packages[@]}")
if [ -z "$url" ]; then
  packages+=(python3 python3-doc)
fi
require_packages "${packages[@]}"

# The standard output is the spider's; what is said before it goes elsewhere.
if [ ! -x build/release/example/web_spider/web_spider ]; then
  say "building the spider; the first time, that takes some minutes"
fi
cmake --preset release >&2
# Before the build: with TORO_NO_INSTALL=1, OpenSSL may be missing.
if ! grep -q '^TORO_SPIDER_HAS_TLS:.*=\(TRUE\|ON\|1\)$' \
  build/release/CMakeCache.txt; then
  [ -z "$needs_tls" ] || refuse "'${url/*@/...@}' is an https:// URL, and" \
    "web_spider would have no TLS here: OpenSSL (libssl-dev) was not found"
  say "web_spider is built without https: OpenSSL (libssl-dev) was not found"
fi
cmake --build --preset release --target web_spider >&2
spider=build/release/example/web_spider/web_spider

if [ -n "$url" ]; then
  exec "$spider" "$url" "${options[@]}"
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

"$spider" "http://127.0.0.1:$port/" "${options[@]}"
