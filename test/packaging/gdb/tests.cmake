# The pretty printers show in a debugger what to_string() says.
find_program(TORO_GDB gdb)
if(NOT TORO_GDB OR TORO_SANITIZER)
  message(STATUS "The test of the pretty printers needs gdb, and no sanitizer")
  return()
endif()

# With debug information, which of the library only this source needs.
add_executable(toro_test_gdb ${CMAKE_CURRENT_LIST_DIR}/program.cpp
  ${PROJECT_SOURCE_DIR}/src/diagnosis.cpp)
target_compile_options(toro_test_gdb PRIVATE -O0 -g)
target_link_libraries(toro_test_gdb PRIVATE toro::toro toro_warnings)

add_test(NAME gdb.printers
  COMMAND ${TORO_GDB} -nx -batch
    -iex "python program_output = '${CMAKE_CURRENT_BINARY_DIR}/gdb_output'"
    -x ${PROJECT_SOURCE_DIR}/src/gdb/toro_printers.py
    -x ${CMAKE_CURRENT_LIST_DIR}/printers.py $<TARGET_FILE:toro_test_gdb>)
set_tests_properties(gdb.printers PROPERTIES TIMEOUT 120 LABELS gdb
  SKIP_REGULAR_EXPRESSION "ptrace: Operation not permitted|Could not trace")
