# Looks for inputs that break a promise: libFuzzer drives several primitives at
# once, under the address and undefined behaviour sanitizers. A new input is
# kept beside the build; one that breaks something is named there, too, and
# `toro_fuzz <file>` replays it.
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang"
    OR NOT TORO_SANITIZER MATCHES "address")
  return()
endif()

set(TORO_TEST_FUZZ_SECONDS 60 CACHE STRING "How long to fuzz")

# Asio's recycled memory would hide what is used after its end.
list(TRANSFORM toro_sources PREPEND ${PROJECT_SOURCE_DIR}/
  OUTPUT_VARIABLE toro_fuzz_library)
add_executable(toro_fuzz
  robustness/fuzz/broadcast.cpp
  robustness/fuzz/delay_queue.cpp
  robustness/fuzz/lifo_queue.cpp
  robustness/fuzz/locks.cpp
  robustness/fuzz/priority_queue.cpp
  robustness/fuzz/queue.cpp
  robustness/fuzz/signals.cpp
  robustness/fuzz/target.cpp
  robustness/fuzz/watch.cpp
  robustness/fuzz/weighted_queue.cpp
  ${toro_fuzz_library})
target_compile_definitions(toro_fuzz PRIVATE
  BOOST_ASIO_DISABLE_BOOST_COROUTINE BOOST_ASIO_DISABLE_SMALL_BLOCK_RECYCLING)
target_compile_features(toro_fuzz PRIVATE cxx_std_20)
target_compile_options(toro_fuzz PRIVATE -fsanitize=fuzzer-no-link)
target_include_directories(toro_fuzz PRIVATE
  ${PROJECT_SOURCE_DIR}/include ${CMAKE_CURRENT_SOURCE_DIR})
target_link_options(toro_fuzz PRIVATE -fsanitize=fuzzer)
target_link_libraries(toro_fuzz PRIVATE
  Boost::headers Threads::Threads toro_warnings)

set(toro_fuzz_dir ${CMAKE_CURRENT_BINARY_DIR}/fuzz)
file(MAKE_DIRECTORY ${toro_fuzz_dir}/found)
math(EXPR toro_fuzz_timeout "${TORO_TEST_FUZZ_SECONDS} + 240")
add_test(NAME toro_fuzz
  COMMAND toro_fuzz -max_len=800 -max_total_time=${TORO_TEST_FUZZ_SECONDS}
    -print_final_stats=1 -artifact_prefix=${toro_fuzz_dir}/broken-
    ${toro_fuzz_dir}/found ${CMAKE_CURRENT_SOURCE_DIR}/robustness/fuzz/corpus)
set_tests_properties(toro_fuzz PROPERTIES
  TIMEOUT ${toro_fuzz_timeout} COST ${TORO_TEST_FUZZ_SECONDS} LABELS fuzz)
