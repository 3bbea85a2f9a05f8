# Fails if an object file has a variable of the library that is hidden, so that
# each shared object would have one of its own:
# cmake -DREADELF=<program> -DOBJECT=<file> -P no_hidden_variable.cmake
execute_process(COMMAND ${READELF} -sW ${OBJECT}
  OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)

# Virtual tables and types (_ZTV, _ZTI, _ZTS) are no variables. A name in the
# namespace toro begins with 4toro, and `never` is a constant.
string(REGEX MATCHALL
  "(OBJECT|TLS) +[A-Z]+ +(HIDDEN|DEFAULT) +[0-9]+ _Z(GV|TH|TW)?NK?4toro[^\n]*"
  variables "${symbols}")
set(hidden ${variables})
list(FILTER hidden INCLUDE REGEX HIDDEN)
list(FILTER hidden EXCLUDE REGEX "5neverE")
if(hidden)
  list(JOIN hidden "\n" hidden)
  message(FATAL_ERROR "these should be one in a process:\n${hidden}")
endif()
if(NOT variables)
  message(FATAL_ERROR "${OBJECT} has no variable of the library")
endif()
