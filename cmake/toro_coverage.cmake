# With TORO_COVERAGE, which takes Clang: the target `coverage` runs the test
# programs and tells which lines and branches of the library they reached, as
# a table, in coverage/report.txt, and line by line in coverage/html/index.html.
if(NOT TORO_COVERAGE)
  return()
endif()

if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  message(FATAL_ERROR "TORO_COVERAGE takes Clang; use the preset coverage")
endif()
string(REGEX MATCH "^[0-9]+" clang_version ${CMAKE_CXX_COMPILER_VERSION})
find_program(TORO_LLVM_COV llvm-cov-${clang_version} REQUIRED)
find_program(TORO_LLVM_PROFDATA llvm-profdata-${clang_version} REQUIRED)
add_compile_options(-fprofile-instr-generate -fcoverage-mapping)
add_link_options(-fprofile-instr-generate)

# toro_add_coverage(<program>...)
function(toro_add_coverage)
  list(TRANSFORM ARGN REPLACE "(.+)" "$<TARGET_FILE:\\1>"
    OUTPUT_VARIABLE files)
  list(JOIN files "," files)
  add_custom_target(coverage
    COMMAND ${CMAKE_COMMAND} -DROOT=${PROJECT_SOURCE_DIR}
      -DOUTPUT=${PROJECT_BINARY_DIR}/coverage -DPROGRAMS=${files}
      -DLLVM_COV=${TORO_LLVM_COV} -DLLVM_PROFDATA=${TORO_LLVM_PROFDATA}
      -P ${PROJECT_SOURCE_DIR}/cmake/coverage_report.cmake
    DEPENDS ${ARGN}
    USES_TERMINAL VERBATIM)
endfunction()
