# The list of operations under test, and the headers.
add_test(NAME structure.async_members
  COMMAND ${CMAKE_COMMAND} -DROOT=${PROJECT_SOURCE_DIR}
    -P ${CMAKE_CURRENT_LIST_DIR}/async_members.cmake)
set_tests_properties(structure.async_members
  PROPERTIES TIMEOUT 60 LABELS structure)
