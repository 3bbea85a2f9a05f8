# How many faults of the library and of the test kit the tests would find: a
# copy of both holds thousands of mutants, and a program is the one that
# TORO_MUTANT names.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
set(toro_mutation_copy ${CMAKE_CURRENT_BINARY_DIR}/mutation)
set(toro_mutation_command ${Python3_EXECUTABLE}
  ${CMAKE_CURRENT_SOURCE_DIR}/robustness/mutation/run.py
  --root ${PROJECT_SOURCE_DIR} --copy ${toro_mutation_copy})

# The copies must be there before they are named.
execute_process(COMMAND ${toro_mutation_command} --plant
  COMMAND_ERROR_IS_FATAL ANY)
set(toro_mutation_sources ${toro_sources} ${toro_testing_sources})
list(TRANSFORM toro_mutation_sources PREPEND ${toro_mutation_copy}/)
add_library(toro_mutation_library OBJECT EXCLUDE_FROM_ALL
  robustness/mutation/selector.cpp ${toro_mutation_sources})
target_include_directories(toro_mutation_library BEFORE PUBLIC
  ${toro_mutation_copy}/include)
target_link_libraries(toro_mutation_library PUBLIC toro_test_support)
target_compile_options(toro_mutation_library PUBLIC -w PRIVATE -O1)

# The precompiled header of the other tests has the library in it.
add_library(toro_mutation_header OBJECT EXCLUDE_FROM_ALL support/pch.cpp)
target_link_libraries(toro_mutation_header PRIVATE toro_test_support)
target_precompile_headers(toro_mutation_header PRIVATE support/pch.hpp)

# A program that links this has the copy of the library in the place of it.
function(toro_add_mutation name)
  set(program toro_mutation_${name})
  add_executable(${program} EXCLUDE_FROM_ALL ${toro_test_${name}_sources})
  target_link_libraries(${program} PRIVATE
    toro_mutation_library toro_test_support)
  target_include_directories(${program} BEFORE PRIVATE
    ${toro_mutation_copy}/include)
  if(name MATCHES "^(state|exhaustive)$")
    target_link_libraries(${program} PRIVATE toro_test_bounded_exhaustive)
    target_compile_options(${program} PRIVATE -O1)
  else()
    target_precompile_headers(${program} REUSE_FROM toro_mutation_header)
  endif()
  if(name MATCHES "^(conformance|fault_injection|lifetime)$")
    # toro_test_subjects, with the copy of the library.
    target_sources(${program} PRIVATE
      unit/conformance/starts.cpp unit/conformance/subjects.cpp)
  elseif(name STREQUAL "unit" AND OpenSSL_FOUND)
    target_link_libraries(${program} PRIVATE OpenSSL::SSL)
  elseif(name STREQUAL "testing" AND NOT TORO_ASIO_INCLUDE_DIR)
    target_compile_definitions(${program} PRIVATE TORO_TEST_BEAST)
  endif()
endfunction()

set(toro_mutation_programs
  state exhaustive fault_injection lifetime unit testing conformance)
foreach(name IN LISTS toro_mutation_programs)
  toro_add_mutation(${name})
endforeach()
list(TRANSFORM toro_mutation_programs PREPEND toro_mutation_)

set(TORO_MUTATION_OPTIONS "" CACHE STRING
  "Options of test/robustness/mutation/run.py, as in --sample 1000")
separate_arguments(toro_mutation_options UNIX_COMMAND
  "${TORO_MUTATION_OPTIONS}")
add_custom_target(toro_mutation_run
  COMMAND ${toro_mutation_command}
    --build ${PROJECT_BINARY_DIR} --programs ${toro_mutation_programs}
    -- ${toro_mutation_options}
  USES_TERMINAL
  VERBATIM)
# The probes read the precompiled header.
add_dependencies(toro_mutation_run toro_mutation_header)
