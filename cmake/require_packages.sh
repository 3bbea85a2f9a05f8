# shellcheck shell=bash
# For the scripts beside this one, which source it.
#
# require_packages <package>... installs the Debian packages that are missing.
# Where it cannot, it says how to go on and ends the script. With
# TORO_NO_INSTALL=1 it takes everything as there.

# What it takes to build the library and the spider.
# shellcheck disable=SC2034
spider_packages=(g++ cmake ninja-build ccache libboost1.81-dev
  libboost-json1.81-dev libboost-program-options1.81-dev libboost-url1.81-dev
  libssl-dev)

say()
{
  printf '%s: %s\n' "${0##*/}" "$*" >&2
}

system_name()
{
  (. /etc/os-release 2>/dev/null && echo "${PRETTY_NAME:-unknown}") ||
    uname -s
}

as_root()
{
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif [ -t 0 ]; then
    sudo "$@"
  else
    # Nobody is there to type a password.
    sudo -n "$@"
  fi
}

apt()
{
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -q -o DPkg::Lock::Timeout=120 "$@" </dev/null >&2
}

require_packages()
{
  local package missing=()
  [ -z "${TORO_NO_INSTALL:-}" ] || return 0

  if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    say "this is written for Debian 12, and here is $(system_name)."
    say "Install what these Debian packages hold: $*"
    say "Then set TORO_NO_INSTALL=1 and run it again."
    exit 1
  fi

  for package; do
    case $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) in
      installed*) ;;
      *) missing+=("$package") ;;
    esac
  done
  [ ${#missing[@]} -gt 0 ] || return 0

  if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
    say "packages are missing, and to install them takes root or sudo."
    say "As root, run: apt-get update && apt-get install ${missing[*]}"
    exit 1
  fi

  say "installing ${missing[*]}"
  # A stale index often serves, and one broken source must not stop the others.
  apt update || say "apt-get update failed; trying with the lists that are here"
  if ! apt install -y --no-install-recommends "${missing[@]}"; then
    say "that failed, with the message above. The packages are those of" \
      "Debian 12, and here is $(system_name)."
    say "By hand, as root: apt-get update && apt-get install ${missing[*]}"
    say "If you have what they hold from elsewhere, set TORO_NO_INSTALL=1."
    exit 1
  fi
}
