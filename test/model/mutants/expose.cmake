# Runs programs that were built with a fault planted in the library, and shows
# the shortest sequence by which each is exposed:
# cmake -DMUTANTS=<name>,... -DDIRECTORY=<of the programs> -P expose.cmake

# find_shortest(<variable> <output>): the shortest of the sequences that a
# program says it can be made to fail with again, or nothing.
function(find_shortest variable output)
  string(REGEX MATCHALL "--replay=[^\"\n]*" sequences "${output}")
  set(shortest "")
  set(fewest 1000)
  foreach(sequence IN LISTS sequences)
    string(REGEX MATCHALL ", |: " actions "${sequence}")
    list(LENGTH actions count)
    if(count LESS fewest)
      set(fewest ${count})
      string(REPLACE "--replay=" "" shortest "${sequence}")
    endif()
  endforeach()
  set(${variable} "${shortest}" PARENT_SCOPE)
endfunction()

string(REPLACE "," ";" mutants "${MUTANTS}")
set(unexposed "")
foreach(mutant IN LISTS mutants)
  # Most faults need few actions, and short sequences are tried in a moment.
  foreach(lengths IN ITEMS short quick)
    execute_process(
      COMMAND ${CMAKE_COMMAND} -E env TORO_EXHAUSTION=${lengths}
        ${DIRECTORY}/toro_mutant_${mutant} --color_output=no
        --catch_system_errors=no
      TIMEOUT 300
      RESULT_VARIABLE result
      OUTPUT_VARIABLE output
      ERROR_VARIABLE output)
    find_shortest(sequence "${output}")
    if(result EQUAL 0)
      set(sequence "")
    endif()
    if(NOT sequence STREQUAL "")
      break()
    endif()
  endforeach()
  if(sequence STREQUAL "")
    list(APPEND unexposed ${mutant})
    set(sequence "NOT EXPOSED (${result})")
  endif()
  message("${mutant}: ${sequence}")
endforeach()

list(LENGTH mutants total)
list(LENGTH unexposed missing)
math(EXPR exposed "${total} - ${missing}")
message("${exposed} of ${total} faults exposed")
if(unexposed)
  list(JOIN unexposed ", " names)
  message(FATAL_ERROR "not exposed: ${names}")
endif()
