#!/usr/bin/env bash
#
# run_tests.sh [--quick]
#
# Installs what is missing, then builds and runs the tests: with g++, under the
# sanitizers, with Clang, and with libc++. With --quick, with g++ alone and
# without the projects from outside.

set -euo pipefail
cd "$(dirname "$0")/.."
. cmake/require_packages.sh

quick=
case ${1-} in
  '') ;;
  --quick) quick=1 ;;
  *)
    say "unknown argument $1; it takes --quick or none"
    exit 2
    ;;
esac

# run_preset <preset> [<argument of ctest>...]
run_preset()
{
  local preset=$1
  shift
  say "preset $preset"
  cmake --preset "$preset"
  cmake --build --preset "$preset"
  ctest --preset "$preset" "$@"
}

export CTEST_PARALLEL_LEVEL=${CTEST_PARALLEL_LEVEL:-$(nproc)}

packages=("${spider_packages[@]}" libboost-context1.81-dev libboost-test1.81-dev)
if [ -n "$quick" ]; then
  require_packages "${packages[@]}"
  run_preset dev --label-exclude '^(build|consumer)$'
  exit
fi

require_packages "${packages[@]}" \
  clang-19 libclang-rt-19-dev libc++-19-dev libc++abi-19-dev
run_preset dev
run_preset asan
if compgen -G 'test/stress/*.cpp' >/dev/null; then
  run_preset tsan
fi
run_preset clang
run_preset libcxx
