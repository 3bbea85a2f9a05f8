# Runs test programs and reports what they covered of the library:
# cmake -DROOT=<repository> -DOUTPUT=<folder> -DPROGRAMS=<a,b,...>
#   -DLLVM_COV=<program> -DLLVM_PROFDATA=<program> -P coverage_report.cmake
string(REPLACE "," ";" programs "${PROGRAMS}")
file(REMOVE_RECURSE ${OUTPUT})
file(MAKE_DIRECTORY ${OUTPUT})

set(profiles)
set(objects)
foreach(program IN LISTS programs)
  get_filename_component(name ${program} NAME)
  message(STATUS "running ${name}")
  set(ENV{LLVM_PROFILE_FILE} ${OUTPUT}/${name}.profraw)
  execute_process(COMMAND ${program} --catch_system_errors=no --color_output=no
    OUTPUT_FILE ${OUTPUT}/${name}.log ERROR_FILE ${OUTPUT}/${name}.log
    RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${name} failed; see ${OUTPUT}/${name}.log")
  endif()
  list(APPEND profiles ${OUTPUT}/${name}.profraw)
  list(APPEND objects -object ${program})
endforeach()
# The first is named without the option.
list(POP_FRONT objects)

execute_process(COMMAND ${LLVM_PROFDATA} merge -sparse ${profiles}
  -o ${OUTPUT}/all.profdata COMMAND_ERROR_IS_FATAL ANY)
set(what ${objects} -instr-profile ${OUTPUT}/all.profdata
  ${ROOT}/include ${ROOT}/src)
execute_process(COMMAND ${LLVM_COV} show --format html
  --show-branches=count --output-dir ${OUTPUT}/html ${what}
  COMMAND_ERROR_IS_FATAL ANY OUTPUT_QUIET)
execute_process(COMMAND ${LLVM_COV} report --show-region-summary=false ${what}
  OUTPUT_FILE ${OUTPUT}/report.txt COMMAND_ERROR_IS_FATAL ANY)
file(READ ${OUTPUT}/report.txt report)
message("${report}")
message(STATUS "line by line: ${OUTPUT}/html/index.html")
