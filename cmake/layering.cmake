# Proves that includes point downwards: cmake -DROOT=<repository> -P layering.cmake
#
# wait < state < deadline < io < public objects. The foundations may be included
# by all and include no layer themselves; wait and state know no Asio.

set(rank_wait 1)
set(rank_state 2)
set(rank_deadline 3)
set(rank_io 4)
set(layers "wait|state|deadline|io")
set(foundations "error|version|fwd|threading|deadline|detail/diagnosis|detail/format|detail/config")

if(NOT IS_DIRECTORY "${ROOT}/include/toro")
  message(FATAL_ERROR "no include/toro under ROOT, which is \"${ROOT}\"")
endif()

file(GLOB_RECURSE files
  ${ROOT}/include/*.hpp ${ROOT}/src/*.hpp ${ROOT}/src/*.cpp)
set(bad "")
foreach(f IN LISTS files)
  file(RELATIVE_PATH rel ${ROOT} ${f})
  set(mine 5)
  if(rel MATCHES "^(include/toro/detail|src)/(${layers})/")
    set(mine ${rank_${CMAKE_MATCH_2}})
  elseif(rel MATCHES "^(include/toro|src)/(${foundations})\\.[hc]pp$" OR
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
    elseif(l MATCHES "<toro(/|\\.hpp)" AND mine LESS 5)
      list(APPEND bad "${rel}: ${l}")
    elseif(l MATCHES "<boost/asio" AND
        (mine EQUAL 1 OR mine EQUAL 2 OR rel MATCHES "^src/"))
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
