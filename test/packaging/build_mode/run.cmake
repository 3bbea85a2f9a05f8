# Runs a program and asks that its output has all of some texts:
# cmake -DPROGRAM=<program> -DTEXTS=<a,b,...> -P run.cmake
execute_process(COMMAND ${PROGRAM}
  OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE result)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "${PROGRAM}: ${result}\n${output}")
endif()
string(REPLACE "," ";" texts "${TEXTS}")
foreach(text IN LISTS texts)
  string(FIND "${output}" "${text}" place)
  if(place EQUAL -1)
    message(FATAL_ERROR "${PROGRAM} does not print \"${text}\":\n${output}")
  endif()
endforeach()
