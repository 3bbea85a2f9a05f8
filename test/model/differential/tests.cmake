# Random programs on the real Toro and on the library. The interpreter is that of
# the system, because it is the one that python3-toro is installed for.
set(TORO_TEST_DIFFERENTIAL_PROGRAMS 1000 CACHE STRING
  "How many random programs to compare with Toro")
set(TORO_TEST_DIFFERENTIAL_SEED 1 CACHE STRING
  "What the random programs are made of")

find_program(TORO_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH)
if(TORO_PYTHON)
  execute_process(COMMAND ${TORO_PYTHON} -c "import toro"
    RESULT_VARIABLE toro_python_result OUTPUT_QUIET ERROR_QUIET)
endif()
if(NOT TORO_PYTHON OR NOT toro_python_result EQUAL 0)
  message(STATUS "No tests against Toro, which comes with the Debian packages"
    " python3-toro and python3-tornado")
  return()
endif()

toro_join_sources(toro_test_differential_sources toro_test_differential 4
  model/differential/locks.cpp
  model/differential/queues.cpp
  model/differential/rw_lock.cpp
  model/differential/signals.cpp
  model/differential/main.cpp
  model/differential/player.cpp
  model/differential/program.cpp
  model/differential/subject.cpp)
add_executable(toro_test_differential ${toro_test_differential_sources})
target_include_directories(toro_test_differential
  PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(toro_test_differential PRIVATE toro::toro toro_warnings)

add_test(NAME toro_test_differential
  COMMAND ${TORO_PYTHON} -B
    ${CMAKE_CURRENT_SOURCE_DIR}/model/differential/compare.py
    $<TARGET_FILE:toro_test_differential>
    --programs ${TORO_TEST_DIFFERENTIAL_PROGRAMS}
    --seed ${TORO_TEST_DIFFERENTIAL_SEED} --need-all-rules)
set_tests_properties(toro_test_differential PROPERTIES
  TIMEOUT 600 LABELS differential)
