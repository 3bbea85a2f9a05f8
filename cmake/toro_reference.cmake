# With TORO_BUILD_DOCS: the target `toro_reference` makes the reference, of the
# public headers and of the pages in src/reference, with Doxygen. It begins at
# reference/html/index.html in the build tree.
#
# Tests (label reference) build it, where a warning is an error, and check what
# Doxygen does not: that each asynchronous function has all its sections, that
# inherited members show, and that links lead somewhere.

# Here also without it: what they show is compiled by test/readme.
set(toro_reference_dir ${PROJECT_SOURCE_DIR}/cmake/reference)
set(toro_reference_pages_dir ${PROJECT_SOURCE_DIR}/src/reference)
set(toro_reference_pages
  ${toro_reference_pages_dir}/main_page.md
  ${toro_reference_pages_dir}/getting_started.md
  ${toro_reference_pages_dir}/tutorial.md
  ${toro_reference_pages_dir}/operations.md
  ${toro_reference_pages_dir}/recipes.md
  ${toro_reference_pages_dir}/which_queue.md
  ${toro_reference_pages_dir}/deadlines.md
  ${toro_reference_pages_dir}/cancellation.md
  ${toro_reference_pages_dir}/groups.md
  ${toro_reference_pages_dir}/threads.md
  ${toro_reference_pages_dir}/blocking.md
  ${toro_reference_pages_dir}/shutdown.md
  ${toro_reference_pages_dir}/diagnostics.md
  ${toro_reference_pages_dir}/testing.md
  ${toro_reference_pages_dir}/cost.md
  ${toro_reference_pages_dir}/getting_it.md
  ${toro_reference_pages_dir}/comparison.md
  ${toro_reference_pages_dir}/interop.md
  ${toro_reference_pages_dir}/from_toro.md
  ${toro_reference_pages_dir}/from_channels.md
  ${toro_reference_pages_dir}/from_asyncio.md
  ${toro_reference_pages_dir}/from_tokio.md
  ${toro_reference_pages_dir}/from_go.md)

if(NOT TORO_BUILD_DOCS)
  return()
endif()

find_package(Doxygen 1.9.4 QUIET)
find_program(TORO_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH)
if(NOT DOXYGEN_FOUND OR NOT TORO_PYTHON)
  message(FATAL_ERROR "The reference takes Doxygen 1.9.4 or newer and Python 3"
    " (Debian's packages doxygen and python3); without it, configure with"
    " -DTORO_BUILD_DOCS=OFF")
endif()

set(toro_reference_output ${PROJECT_BINARY_DIR}/reference)
set(toro_reference_headers ${toro_headers} ${toro_testing_headers})
list(FILTER toro_reference_headers EXCLUDE REGEX "/detail/")
list(TRANSFORM toro_reference_headers PREPEND ${PROJECT_SOURCE_DIR}/)

set(toro_reference_input ${toro_reference_pages} ${toro_reference_headers}
  ${toro_reference_pages_dir}/recipes.dox
  ${toro_reference_pages_dir}/where_is.dox)
list(TRANSFORM toro_reference_input REPLACE "(.+)" "\"\\1\"")
list(JOIN toro_reference_input " \\\n  " toro_reference_input)
configure_file(${toro_reference_dir}/Doxyfile.in
  ${toro_reference_output}/Doxyfile @ONLY)

# It takes a second or two, so nothing is spared. What is gone must not stay.
add_custom_target(toro_reference
  COMMAND ${CMAKE_COMMAND} -E rm -rf
    ${toro_reference_output}/html ${toro_reference_output}/xml
  COMMAND Doxygen::doxygen ${toro_reference_output}/Doxyfile
  COMMENT "Making the reference" VERBATIM)

if(TORO_BUILD_TESTS)
  add_test(NAME reference.builds
    COMMAND ${CMAKE_COMMAND} --build ${PROJECT_BINARY_DIR} --config $<CONFIG>
      --target toro_reference)
  add_test(NAME reference.is_complete
    COMMAND ${TORO_PYTHON} -B ${toro_reference_dir}/check_reference.py
      ${PROJECT_SOURCE_DIR}/include/toro ${toro_reference_output})
  set_tests_properties(reference.builds reference.is_complete PROPERTIES
    TIMEOUT 120 LABELS reference)
  set_tests_properties(reference.builds PROPERTIES
    FIXTURES_SETUP reference RESOURCE_LOCK build_tree)
  set_tests_properties(reference.is_complete PROPERTIES
    FIXTURES_REQUIRED reference)
endif()
