# Proves that includes point downwards: cmake -DROOT=<repository> -P layering.cmake
#
# wait < state < deadline < executor < operation < core < object < public objects.
# The foundations may be included by all and include no layer themselves, those
# that know Asio by the layers that do; wait, state and src know no Asio. The test
# kit may include all, and nothing else includes it.

set(layers wait state deadline executor operation core object)
set(rank 0)
foreach(layer IN LISTS layers)
  math(EXPR rank "${rank} + 1")
  set(rank_${layer} ${rank})
endforeach()
math(EXPR public "${rank} + 1")
list(JOIN layers "|" layers)
set(foundations "error|version|fwd|threading|deadline|detail/diagnosis|detail/format|detail/config|detail/quietly")
set(asio_foundations "detail/associated_name|detail/compat")

if(NOT IS_DIRECTORY "${ROOT}/include/toro")
  message(FATAL_ERROR "no include/toro under ROOT, which is \"${ROOT}\"")
endif()

file(GLOB_RECURSE files
  ${ROOT}/include/*.hpp ${ROOT}/src/*.hpp ${ROOT}/src/*.cpp)
set(bad "")
foreach(f IN LISTS files)
  file(RELATIVE_PATH rel ${ROOT} ${f})
  set(mine ${public})
  if(rel MATCHES "^(include/toro/detail|src)/(${layers})/")
    set(mine ${rank_${CMAKE_MATCH_2}})
  elseif(rel MATCHES
      "^(include/toro|src)/(${foundations}|${asio_foundations})\\.[hc]pp$" OR
      rel MATCHES "^src/(diagnosis|format)\\.cpp$")
    set(mine 0)
  endif()
  file(STRINGS ${f} lines REGEX "^ *# *include")
  foreach(l IN LISTS lines)
    if(l MATCHES "<toro/detail/(${layers})/")
      if(rank_${CMAKE_MATCH_1} GREATER mine)
        list(APPEND bad "${rel}: ${l}")
      endif()
    elseif(l MATCHES "<toro/(${foundations})\\.hpp>")
      # Any layer may include these.
    elseif(l MATCHES "<toro/(${asio_foundations})\\.hpp>" AND
        NOT mine EQUAL rank_wait AND NOT mine EQUAL rank_state AND
        NOT rel MATCHES "^src/")
      # The layers that know Asio may include these.
    elseif(l MATCHES "<toro/testing/" AND
        NOT rel MATCHES "^(include/toro|src)/testing/")
      list(APPEND bad "${rel}: ${l}")
    elseif(l MATCHES "<toro(/|\\.hpp)" AND mine LESS public)
      list(APPEND bad "${rel}: ${l}")
    elseif(l MATCHES "<boost/asio" AND (mine EQUAL rank_wait OR
        mine EQUAL rank_state OR rel MATCHES "^src/"))
      list(APPEND bad "${rel}: ${l}")
    elseif(l MATCHES "\"")
      # A quoted include would slip past every rule above.
      list(APPEND bad "${rel}: ${l}")
    endif()
  endforeach()
endforeach()
if(bad)
  list(JOIN bad "\n  " text)
  message(FATAL_ERROR "include direction broken:\n  ${text}")
endif()
