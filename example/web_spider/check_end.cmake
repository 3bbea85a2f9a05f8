# Runs the spider and checks its status and one line of what it prints:
# cmake -DSPIDER=<program> -DARGUMENTS=<a,b> -DSTATUS=<n> -DTEXT=<text> -P ...

string(REPLACE "," ";" command "${SPIDER}")
if(ARGUMENTS)
  string(REPLACE "," ";" arguments "${ARGUMENTS}")
  list(APPEND command ${arguments})
endif()
execute_process(COMMAND ${command}
  RESULT_VARIABLE status OUTPUT_VARIABLE printed ERROR_VARIABLE printed)
string(FIND "${printed}" "${TEXT}" place)
if(NOT status EQUAL STATUS OR place EQUAL -1)
  message(FATAL_ERROR "status ${status} instead of ${STATUS}, or no "
    "\"${TEXT}\" in:\n${printed}")
endif()
