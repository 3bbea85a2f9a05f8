# For those who use the library. What a parent project installs is its program,
# and our files come along only if it asks: because it exports a library that
# links ours, or delivers ours as a shared one. It owns BUILD_SHARED_LIBS, too,
# and its cache is spared the other options.
option(TORO_INSTALL "Add the rules that install the library"
  ${PROJECT_IS_TOP_LEVEL})
if(NOT PROJECT_IS_TOP_LEVEL)
  return()
endif()
option(BUILD_SHARED_LIBS "Build a shared library instead of a static one" OFF)

# For those who work on it.
option(TORO_BUILD_TESTS "Build the tests" ON)
option(TORO_BUILD_EXAMPLES "Build the examples" ON)
option(TORO_BUILD_BENCHMARKS "Build the benchmarks" OFF)
option(TORO_BUILD_DOCS "Add the target toro_reference, which takes Doxygen" OFF)
option(TORO_WERROR "Treat warnings as errors" OFF)
# The whole then takes less time to compile, and a change of one file more.
option(TORO_TEST_JOIN
  "Compile several files of a program as one" ON)
option(TORO_TEST_HEADER_ONLY
  "Use Boost.Test without its compiled library, for another standard library"
  OFF)
set(TORO_TEST_LEAVE_OUT "" CACHE STRING
  "Test programs that are neither built nor run unless they are asked for")
option(TORO_TEST_FAULTS
  "Plant faults in copies of the library and have the tests find them" OFF)
option(TORO_TEST_MUTATION
  "Add the target toro_mutation_run, which takes Python" OFF)
set(TORO_SANITIZER "" CACHE STRING
  "Sanitizers to build with: address,undefined or thread")
set_property(CACHE TORO_SANITIZER PROPERTY STRINGS "" address,undefined thread)
option(TORO_COVERAGE "Add the target coverage, which takes Clang" OFF)
set(TORO_ASIO_INCLUDE_DIR "" CACHE PATH
  "Include directory of another Boost.Asio, for tests and examples")
