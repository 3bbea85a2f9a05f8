#!/usr/bin/env bash
#
# run_tests.sh [--quick]
#
# Installs what is missing, then builds and runs the tests: with Clang, under the
# sanitizers, with libc++, and with g++. With --quick, with Clang alone and
# without the projects from outside. Says first how long that takes, and how far
# it is at each step.

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

# From scratch on two cores: estimates, from runs.
quick_minutes=15
full_minutes=45

# Peak memory of a compiler at work on the largest tests, in megabytes; the
# sanitizers take the most.
if [ -n "$quick" ]; then
  compiler_memory=1800
else
  compiler_memory=3500
fi

# One compiler for each core, as far as there is memory for them. (Ninja would
# start two more.)
jobs=$(nproc)
memory=$(awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo)
if [ "$((memory / compiler_memory))" -lt "$jobs" ]; then
  jobs=$((memory / compiler_memory))
fi
[ "$jobs" -ge 1 ] || jobs=1
export CMAKE_BUILD_PARALLEL_LEVEL=${CMAKE_BUILD_PARALLEL_LEVEL:-$jobs}
export CTEST_PARALLEL_LEVEL=${CTEST_PARALLEL_LEVEL:-$(nproc)}
export NINJA_STATUS=${NINJA_STATUS:-'[%f/%t after %es] '}

# The compilers get their memory in huge pages if the kernel has them, which takes
# a tenth off their time. (glibc reads this.)
huge_pages=glibc.malloc.hugetlb=1
huge_pages+=:glibc.malloc.top_pad=67108864:glibc.malloc.mmap_threshold=1073741824

# What a file was compiled from is known after its compilation; to find it out
# before would cost a preprocessor for each file.
export CCACHE_DEPEND=${CCACHE_DEPEND:-1}

# expect <what> <minutes>: says what comes, how long that takes and how much
# memory.
expect()
{
  local peak=$(((compiler_memory * CMAKE_BUILD_PARALLEL_LEVEL + 999) / 1000))
  say "$1"
  say "from scratch that takes an estimated $2 minutes on two cores" \
    "(with --quick $quick_minutes minutes, without $full_minutes)" \
    "and up to $peak GB of memory"
  say "$CMAKE_BUILD_PARALLEL_LEVEL compilers at a time;" \
    "$((memory / 1024)) GB of memory are free"
}

# step <what>: says how much time has passed and what comes next.
step()
{
  say "$(printf '%d:%02d min' $((SECONDS / 60)) $((SECONDS % 60))): $*"
}

# run_preset <preset> [-D<variable>=<value>] [<program>...]: builds and runs the
# programs named, or all there is.
run_preset()
{
  local preset=$1 option=()
  shift
  if [[ ${1-} == -D* ]]; then
    option=("$1")
    shift
  fi
  step "preset $preset: configure"
  cmake --preset "$preset" "${option[@]}"
  step "preset $preset: build${*:+ $*}"
  GLIBC_TUNABLES=${GLIBC_TUNABLES-$huge_pages} \
    cmake --build --preset "$preset" ${@:+--target "$@"}
  step "preset $preset: test"
  if [ $# -gt 0 ]; then
    ctest --preset "$preset" --tests-regex "^($(IFS='|'; echo "$*"))\$"
  elif [ -n "$quick" ]; then
    ctest --preset "$preset" --label-exclude '^(build|consumer)$'
  else
    ctest --preset "$preset"
  fi
}

packages=("${spider_packages[@]}" clang-19 curl doxygen
  libboost-context1.81-dev libboost-test1.81-dev lld-19 python3-toro
  python3-tornado valgrind)
if [ -n "$quick" ]; then
  expect "the quick run: all tests with Clang (preset clang), but for the \
projects from outside" "$quick_minutes"
  require_packages "${packages[@]}"
  run_preset clang
  step "done"
  exit
fi

expect "the full run: the presets clang, asan, tsan, libcxx, dev" "$full_minutes"
require_packages "${packages[@]}" dpkg-dev gdb pkg-config \
  libclang-rt-19-dev libc++-19-dev libc++abi-19-dev

# The same compiler builds these with the sanitizers, and the test under stress
# with that for threads.
sanitized=(toro_test_fault_injection toro_test_lifetime toro_test_testing
  toro_test_toro toro_test_unit)
run_preset clang "-DTORO_TEST_LEAVE_OUT=$(
  IFS=';'; echo "${sanitized[*]};toro_test_stress")"
# Without the numbers of lines for the sanitizers' reports, which take a tenth of
# the compiler's time.
run_preset asan -DCMAKE_CXX_FLAGS_DEBUG=-O0 toro_fuzz toro_test_differential \
  toro_test_exhaustive "${sanitized[@]}"
run_preset tsan toro_test_stress
run_preset libcxx toro_test_state toro_test_toro
run_preset dev toro_test_state toro_test_testing toro_test_unit web_spider
step "done"
