# Compares the README with the sources: cmake -P check_readme.cmake
#
# It names lines of the sources, in its table of the primitives. Each of them has
# to use one.

cmake_minimum_required(VERSION 3.24)
file(READ ${CMAKE_CURRENT_LIST_DIR}/README.md readme)
string(REGEX MATCHALL "`[a-z_]+[.][ch]pp:[0-9]+`" places "${readme}")
if(NOT places)
  message(FATAL_ERROR "the README names no lines")
endif()
foreach(place IN LISTS places)
  string(REGEX MATCH "([a-z_.]+):([0-9]+)" place "${place}")
  set(number ${CMAKE_MATCH_2})
  # As one string each, whatever is in the lines.
  file(READ ${CMAKE_CURRENT_LIST_DIR}/${CMAKE_MATCH_1} text)
  string(REGEX REPLACE "[][;]" "." text "${text}")
  string(REPLACE "\n" ";" lines "${text}")
  math(EXPR index "${number} - 1")
  list(GET lines ${index} line)
  if(NOT line MATCHES "toro::|async_")
    message(FATAL_ERROR "${place} uses no primitive: ${line}")
  endif()
endforeach()

# It has to name each option, and none that there is not.
file(READ ${CMAKE_CURRENT_LIST_DIR}/option_list.cpp text)
string(REGEX MATCHALL "add\\(\"[a-z-]+" options "${text}")
list(TRANSFORM options REPLACE ".*\"" "--")
foreach(option IN LISTS options)
  if(NOT readme MATCHES "`${option}`")
    message(FATAL_ERROR "the README does not name ${option}")
  endif()
endforeach()
string(REGEX MATCHALL "`--[a-z-]+`" named "${readme}")
list(TRANSFORM named REPLACE "`" "")
list(REMOVE_ITEM named ${options})
if(named)
  message(FATAL_ERROR "there is no such option: ${named}")
endif()
