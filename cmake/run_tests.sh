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

# run_preset <preset> [<program>...]: builds and runs the programs named, or all
# there is.
run_preset()
{
  local preset=$1
  shift
  say "preset $preset"
  cmake --preset "$preset"
  if [ $# -eq 0 ]; then
    cmake --build --preset "$preset"
    ctest --preset "$preset"
  else
    cmake --build --preset "$preset" --target "$@"
    ctest --preset "$preset" --tests-regex "^($(IFS='|'; echo "$*"))\$"
  fi
}

export CTEST_PARALLEL_LEVEL=${CTEST_PARALLEL_LEVEL:-$(nproc)}

packages=("${spider_packages[@]}" curl doxygen libboost-context1.81-dev
  libboost-test1.81-dev python3-toro python3-tornado valgrind)
if [ -n "$quick" ]; then
  require_packages "${packages[@]}"
  cmake --preset dev
  cmake --build --preset dev
  ctest --preset dev --label-exclude '^(build|consumer)$'
  exit
fi

require_packages "${packages[@]}" dpkg-dev gdb pkg-config \
  clang-19 libclang-rt-19-dev libc++-19-dev libc++abi-19-dev
TORO_EXHAUSTION=full run_preset dev
run_preset asan toro_fuzz toro_test_differential toro_test_exhaustive \
  toro_test_failures toro_test_lifetime toro_test_toro toro_test_unit
run_preset tsan toro_test_stress
run_preset clang toro_test_state toro_test_unit web_spider
run_preset libcxx toro_test_state toro_test_unit
