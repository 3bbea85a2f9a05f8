# Costs that must not grow. Counted in instructions, so that no machine is too
# slow or too busy for them.
find_program(TORO_VALGRIND valgrind)
if(NOT TORO_VALGRIND OR TORO_SANITIZER)
  message(STATUS "No tests of how costs grow: they need valgrind, and no sanitizer")
  return()
endif()

# Optimised whatever else is not, and the library's own sources with it. The
# rules are there already.
list(TRANSFORM toro_sources PREPEND ../
  OUTPUT_VARIABLE toro_test_growth_library)
list(REMOVE_ITEM toro_test_growth_library ${toro_test_rule_sources})
toro_join_sources(toro_test_growth_library toro_test_growth_library 5
  ${toro_test_growth_library})
toro_join_sources(toro_test_growth_sources toro_test_growth 6
  robustness/growth/broadcast_items.cpp
  robustness/growth/broadcasts.cpp
  robustness/growth/cancellation.cpp
  robustness/growth/queues.cpp
  robustness/growth/task_group.cpp
  robustness/growth/waits.cpp)
# The function that is counted is in a file of its own, so that no call of it is
# inlined.
add_executable(toro_test_growth robustness/growth/main.cpp
  ${toro_test_growth_sources} ${toro_test_growth_library})
target_include_directories(toro_test_growth PRIVATE
  ${CMAKE_CURRENT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR}/robustness/growth)
target_link_libraries(toro_test_growth
  PRIVATE toro::toro toro_test_rules toro_warnings)
target_compile_options(toro_test_growth PRIVATE -O1)

add_test(NAME toro_test_growth COMMAND toro_test_growth)
set_tests_properties(toro_test_growth PROPERTIES
  TIMEOUT 600 COST 70 LABELS growth)
